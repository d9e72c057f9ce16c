import { describe, expect, test } from 'vitest';
import { runOpSuite } from './op-suite.ts';

describe("tfjs-core's own op suite", () => {
  test('passes on wasm-train as it does on a bare subclass of the cpu backend', async () => {
    const [bare, ours] = await runOpSuite(['bare', 'wasm-train']);
    expect(ours?.failures).toEqual([]);
    expect(ours?.passed).toBe(bare?.passed);
    // A bundler that drops the specs would let everything pass.
    expect(ours?.passed).toBeGreaterThan(4200);
  });
});

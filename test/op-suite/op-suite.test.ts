import { describe, expect, test } from 'vitest';
import { runOpSuite } from './op-suite.ts';

describe("tfjs-core's own op suite", () => {
  test('passes on wasm-train as it does on a bare subclass of the cpu backend', async () => {
    const [bare, ...ours] = await runOpSuite([
      'bare',
      'wasm-train, 1 thread',
      'wasm-train, 2 threads',
      'wasm-train relaxed, 2 threads',
    ]);
    // A bundler that drops the specs would let everything pass.
    expect(bare?.passed).toBeGreaterThan(4200);
    expect(ours).toHaveLength(3);
    for (const { failures, passed } of ours) {
      expect(failures).toEqual([]);
      expect(passed).toBe(bare?.passed);
    }
  });
});

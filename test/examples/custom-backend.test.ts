import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- custom-backend', () => {
  test('trains on the backend it made, and says how often and how long each kernel ran', async () => {
    const { out, output } = await runWell('custom-backend', '--quick', '--rows', '200');
    expect(output).toMatch(/^backend timed-wasm-train: WebAssembly/);
    const rows = new Map(
      [...output.matchAll(/^│ (\w+) +│ (\d[\d.]*) +│ (\d[\d.]*) +│ '(\d+)%' +│$/gm)].map(
        ([, kernel = '', ...numbers]) => [kernel, numbers.map(Number)],
      ),
    );
    // Three convolutions of the generator and two of the discriminator have filters to be trained.
    expect(rows.get('Conv2DBackpropFilter')?.[0]).toBeGreaterThanOrEqual(5);
    expect(rows.get('FFT')).toEqual([0, 0, 0]);
    const shares = [...rows.values()].map(([, , share = NaN]) => share);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(80);
    const side = gridSide(8, 28, 2);
    await expectPng(join(out, 'samples.png'), { width: side, height: side, channels: 1 });
  });
});

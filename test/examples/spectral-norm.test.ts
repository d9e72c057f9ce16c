import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, expectSvg, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- spectral-norm', () => {
  test('shows σ of every kernel, and a gradient norm that is smaller with it than without', async () => {
    const { out, output } = await runWell('spectral-norm', '--quick');
    const slopes = [...output.matchAll(/, (\d\.\d+) at last/g)].map(([, slope]) => Number(slope));
    expect(slopes).toHaveLength(2);
    expect(slopes[1]).toBeLessThan(slopes[0]!);
    for (const layer of ['0.conv2D', '2.conv2D', '4.conv2D', '7.dense']) {
      expect(output).toMatch(new RegExp(`spectralNorm/${layer}/kernel \\d\\.\\d+`));
    }
    for (const curve of ['slope.svg', 'sigma.svg']) await expectSvg(join(out, curve));
    const side = gridSide(8, 28, 2);
    for (const name of ['with.png', 'without.png']) {
      await expectPng(join(out, name), { width: side, height: side, channels: 1 });
    }
  });
});

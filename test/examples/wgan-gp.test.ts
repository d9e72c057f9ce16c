import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, expectSvg, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- wgan-gp', () => {
  test('sets the estimate beside a distance that the critic has no part in', async () => {
    const { out, output } = await runWell('wgan-gp', '--quick');
    const rows = [...output.matchAll(/│ (\d+) +│ (-?\d[\d.]*) +│ (\d[\d.]*) +│$/gm)];
    expect(rows.map(([, step]) => Number(step))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const side = gridSide(8, 28, 2);
    await expectPng(join(out, 'samples.png'), { width: side, height: side, channels: 1 });
    await expectSvg(join(out, 'estimate.svg'));
  });
});

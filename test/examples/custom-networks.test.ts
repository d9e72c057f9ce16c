import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- custom-networks', () => {
  test('trains networks of its own on wide pictures in color, and says how near they come', async () => {
    const { out, output } = await runWell('custom-networks', '--quick');
    const [, before, after, others] =
      /: (\d\.\d+) untrained, (\d\.\d+) trained, (\d\.\d+) for other real ones/.exec(output) ?? [];
    // Three steps move it, but not to where real pictures are.
    expect(after).not.toBe(before);
    expect(Number(others)).toBeLessThan(Number(after));
    const grid = { width: gridSide(8, 48), height: gridSide(8, 32), channels: 3 };
    await expectPng(join(out, 'samples.png'), grid);
    const grids = await readdir(join(out, 'samples'));
    expect(grids.sort()).toEqual(['real.png', 'step-000000.png']);
  });
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- evaluate', () => {
  test('sets two generators beside the floor, which neither reaches untrained', async () => {
    const { out, output } = await runWell('evaluate', '--quick');
    for (const [figure, floorIsLower] of [
      ['frechet', true],
      ['kernel.mean', true],
      ['prdc.coverage', false],
      ['score.mean', false],
    ] as const) {
      const row = output.split('\n').find((line) => line.includes(`'${figure}'`)) ?? '';
      const values = [...row.matchAll(/([\d.e+-]+) ± /g)].map(([, value]) => Number(value));
      expect(values).toHaveLength(3);
      const [floor = NaN, ...others] = values;
      for (const other of others) expect(floor < other).toBe(floorIsLower);
    }
    const side = gridSide(8, 28, 2);
    for (const name of ['dense.png', 'convolutional.png']) {
      await expectPng(join(out, name), { width: side, height: side, channels: 1 });
    }
  });
});

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Generator } from 'tfjs-gan';
import 'tfjs-gan/node';
import { describe, expect, test } from 'vitest';
import { expectPng, expectSvg, gridSide } from './pictures.ts';
import { runWell } from './run.ts';

describe('npm run example -- mlp-gan', () => {
  test('leaves digits, the same ones through time, curves and a generator that loads', async () => {
    const { out, output } = await runWell('mlp-gan', '--quick');
    expect(output).toMatch(/\d+ weights in the generator, \d+ in the discriminator/);
    const side = gridSide(8, 28, 2);
    await expectPng(join(out, 'samples.png'), { width: side, height: side, channels: 1 });
    const grids = ['real.png', 'step-000000.png', 'step-000004.png'];
    expect((await readdir(join(out, 'samples'))).sort()).toEqual(grids);
    await expectSvg(join(out, 'losses.svg'));
    using generator = await Generator.load(`file://${join(out, 'generator')}`);
    expect(generator.outputShape).toEqual([28, 28, 1]);
  });
});

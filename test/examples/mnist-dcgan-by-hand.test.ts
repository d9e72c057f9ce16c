import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { Generator } from 'tfjs-gan';
import 'tfjs-gan/node';
import { describe, expect, test } from 'vitest';
import { encodeGreyPng } from '../../examples/mnist-dcgan-by-hand/png.ts';
import { runExample, runWell } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = 'mnist-dcgan-by-hand';

describe('npm run example -- mnist-dcgan-by-hand', () => {
  test('draws pictures and saves a model that the library loads', async () => {
    const { out, output } = await runWell(script, '--quick');
    expect(output).toMatch(/step 4 {2}loss D \d+\.\d+ G \d+\.\d+/);
    for (const [file, side] of [
      ['step-000002.png', 8 * 28],
      ['step-000004.png', 8 * 28],
      ['samples.png', 10 * 28],
    ] as const) {
      const picture = decode(await readFile(join(out, file)), { checkCrc: true });
      expect([picture.width, picture.height, picture.channels]).toEqual([side, side, 1]);
    }
    using generator = await Generator.load(`file://${join(out, 'generator')}`);
    expect(generator.latentSize).toBe(100);
    expect(generator.outputShape).toEqual([28, 28, 1]);
  });

  test('refuses an unknown flag with code 2', async () => {
    const { code, errors } = await runExample(script, ['--fast']);
    expect(errors).toContain("Cannot start: Unknown option '--fast'");
    expect(code).toBe(2);
  });

  test('fails at once with code 1 if it cannot write', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const { code, output } = await runExample(script, ['--quick', '--out', join(file, 'run')]);
    expect(output).toBe('');
    expect(code).toBe(1);
  });
});

describe('encodeGreyPng', () => {
  test('writes what another decoder reads', () => {
    const pixels = Uint8Array.from({ length: 7 * 5 }, (_, i) => (i * 37) % 256);
    const { width, height, channels, depth, data } = decode(encodeGreyPng(pixels, 7, 5), {
      checkCrc: true,
    });
    expect({ width, height, channels, depth }).toEqual({
      width: 7,
      height: 5,
      channels: 1,
      depth: 8,
    });
    expect([...data]).toEqual([...pixels]);
  });
});

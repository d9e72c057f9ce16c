import { join } from 'node:path';
import { createDcgan, useBackend } from 'tfjs-gan';
import 'tfjs-gan/node';
import { describe, expect, test } from 'vitest';
import { expectPng, gridSide } from './pictures.ts';
import { runExample, runWell } from './run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = 'load-and-sample';

describe('npm run example -- load-and-sample', () => {
  test('creates the same digits from a folder and from a web server', async () => {
    const { out, output } = await runWell(script);
    expect(output).toContain('32 latents → 28×28×1');
    expect(output).toContain('model.json: 0 is the largest difference');
    expect(output).toContain('0 tensors left');
    const side = gridSide(8, 28, 2);
    await expectPng(join(out, 'samples.png'), { width: side, height: side, channels: 1 });
    const between = { width: gridSide(10, 28, 2), height: side, channels: 1 };
    await expectPng(join(out, 'between.png'), between);
  });

  test('takes a model of a user', async () => {
    const out = await temporaryFolder();
    await useBackend('wasm-train');
    const gan = createDcgan({ imageShape: [8, 8, 3], baseFilters: 4, latentSize: 5 });
    await gan.generator.save(`file://${join(out, 'mine')}`);
    gan.dispose();
    const flags = ['--model', join(out, 'mine'), '--out', out];
    const { code, output, errors } = await runExample(script, flags);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output).toContain('5 latents → 8×8×3');
  });

  test('names a folder without a model, with code 1', async () => {
    const out = await temporaryFolder();
    const { code, errors } = await runExample(script, ['--model', out, '--out', out]);
    expect(code).toBe(1);
    expect(errors).toContain(out);
  });
});

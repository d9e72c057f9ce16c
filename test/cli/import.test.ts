import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCli } from './capture.ts';
import { sharedFolder } from '../support/temporary-folder.ts';

const at = sharedFolder();
const keras = fileURLToPath(new URL('../import/files/dcgan.h5', import.meta.url));
const fast = ['--backend', 'cpu', '--quiet'];

test('import makes a model of a Keras file, which takes weights back from safetensors', async () => {
  const model = at('digits');
  const made = await runCli('import', keras, '--out', model, ...fast);
  expect(made).toEqual({
    code: undefined,
    stdout: `${model}: 6 latents (normal) to samples [8, 8, 1], range -1…1\n`,
    stderr: '',
  });
  const again = await runCli('import', keras, '--out', model, ...fast);
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('must not hold a model yet. Pass --out FOLDER, or --overwrite'),
  ]);
  await runCli('export', model, '--to', 'torch', '--out', at('torch'), ...fast);
  const weights = at('torch/generator.safetensors');
  const other = ['import', weights, '--like', model, '--out', at('other'), '--json', ...fast];
  const { code, stdout } = await runCli(...other);
  expect(code).toBeUndefined();
  expect(stdout).toContain('"latentSize":6,"outputShape":[8,8,1],"valueRange":[-1,1]');
});

test('import says what it does not read', async () => {
  const pickle = at('model.pt');
  await writeFile(pickle, Uint8Array.of(0x80, 2, 0x7d));
  const damaged = at('cut.h5');
  await writeFile(damaged, new Uint8Array(9));
  const outcome = async (...typed: readonly string[]): Promise<[number | undefined, string]> => {
    const { code, stderr } = await runCli('import', ...typed, ...fast);
    return [code, stderr];
  };
  expect(await outcome('a.onnx')).toEqual([
    2,
    expect.stringContaining("FILE must be a .keras, .h5 or .safetensors file, got 'a.onnx'"),
  ]);
  expect(await outcome(at('none.h5'))).toEqual([2, expect.stringContaining('(no such file')]);
  expect(await outcome(keras, '--like', 'x')).toEqual([
    2,
    expect.stringContaining('--like is for .safetensors'),
  ]);
  expect(await outcome(pickle, '--out', at('p'))).toEqual([
    1,
    expect.stringContaining('got a pickle of torch.save, which can run any code'),
  ]);
  expect(await outcome(damaged, '--out', at('d'))).toEqual([
    1,
    expect.stringContaining('it must be a .keras or .h5 file'),
  ]);
});

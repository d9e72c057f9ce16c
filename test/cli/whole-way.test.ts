import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Generator } from 'tfjs-gan';
import { encodePng } from 'tfjs-gan/node';
import { expect, test } from 'vitest';
import { runOnnx } from '../export/onnx-runtime.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runCli } from './capture.ts';
import { startServer } from './start-server.ts';

const fast = ['--backend', 'wasm-train', '--quiet'];

async function run(...typed: readonly string[]): Promise<void> {
  expect(await runCli(...typed, ...fast)).toMatchObject({ code: undefined, stderr: '' });
}

/** The largest difference of two lists of numbers, as a share of the largest number. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  const largest = Math.max(...Array.from(b, Math.abs));
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!))) / largest;
}

test('from a bare folder: train, sample, export, serve and card agree on the samples of a seed', async () => {
  const folder = await temporaryFolder();
  const at = (path: string): string => join(folder, path);
  await mkdir(at('pictures'));
  for (let i = 0; i < 8; i += 1) {
    const data = Uint8Array.from({ length: 16 * 16 }, (_, k) => (k * (i + 3)) % 256);
    const png = encodePng({ width: 16, height: 16, channels: 1, data });
    await writeFile(at(`pictures/${i}.png`), png);
  }
  await run(
    ...['train', at('pictures'), '--out', at('run')],
    ...['--steps', '3', '--batch-size', '4', '--base-filters', '4'],
  );

  const few = ['--count', '3', '--seed', '7'];
  await run('sample', at('run'), ...few, '--out', at('samples.npy'));
  const npy = await readFile(at('samples.npy'));
  const sampled = new Float32Array(Uint8Array.from(npy.subarray(-3 * 16 * 16 * 4)).buffer);
  expect(new Set(sampled).size).toBeGreaterThan(500);

  await run('export', at('run'), '--to', 'onnx', '--out', at('out'));
  using generator = await Generator.load(`file://${at('run/generator')}`);
  const latents = generator.latents(3, { seed: 7 });
  const [computed] = await runOnnx(await readFile(at('out/generator.onnx')), [{ latents }]);
  latents.dispose();
  expect(difference(computed!['samples']!.data, sampled)).toBeLessThan(1e-5);

  const { event, stop } = await startServer(at('run'));
  const body = '{"count":3,"seed":7}';
  const response = await fetch(`${event.url}/samples`, { method: 'POST', body });
  const served = (await response.json()) as number[][][][];
  expect(await stop()).toBe(0);
  expect(difference(served.flat(3), sampled)).toBeLessThan(1e-6);

  await run('card', at('run'), '--license', 'mit');
  expect(await readFile(at('run/card/README.md'), 'utf8')).toMatch(/^---\nlicense: "mit"/);
  await run('sample', at('run/card/generator'), ...few, '--out', at('published.npy'));
  expect((await readFile(at('published.npy'))).equals(npy)).toBe(true);
});

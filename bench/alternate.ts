/**
 * Times the steps of this checkout beside those of another one, in turns, with the other one twice: what its two columns
 * differ by is noise.
 *
 *     npm run bench -- alternate --other ../before --rounds 20
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import type * as WasmTrain from '../src/backends/wasm-train/index.ts';
import type * as Library from '../src/index.ts';
import { median } from './shared/median.ts';

const { values } = parseArgs({
  options: {
    other: { type: 'string' },
    rounds: { type: 'string', default: '20' },
    root: { type: 'string' },
    game: { type: 'string', default: 'dcgan' },
  },
});
const here = fileURLToPath(new URL('..', import.meta.url));

if (values.root === undefined) {
  if (values.other === undefined) throw new Error('Name the other checkout: --other ../before');
  const roots = [resolve(values.other), here, resolve(values.other)] as const;
  for (const game of ['dcgan', 'dense']) {
    const rounds = Array.from({ length: Number(values.rounds) }, () =>
      roots.map((root) => timed(root, game)),
    );
    const shown = [0, 1, 2].map(
      (i) => `${(1000 * median(rounds.map((round) => round[i]!))).toFixed(1)} ms`,
    );
    const ratio = (i: number): string =>
      median(rounds.map((round) => round[i]! / round[0]!)).toFixed(3);
    console.log(`${game}: other ${shown[0]}, here ${shown[1]}, other again ${shown[2]}`);
    console.log(`  median of ratios to the first: here ${ratio(1)}, other again ${ratio(2)}`);
  }
} else {
  console.log(await medianStep(values.root, values.game));
  process.exit();
}

/** The median step of a checkout in a process of its own, in seconds. */
function timed(root: string, game: string): number {
  const script = fileURLToPath(import.meta.url);
  const flags = ['--import', 'tsx', script, '--root', root, '--game', game];
  const output = execFileSync(process.execPath, flags, {
    cwd: here,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return Number(output.trim().split('\n').at(-1));
}

async function medianStep(root: string, game: string): Promise<number> {
  const load = async (path: string): Promise<unknown> =>
    import(pathToFileURL(resolve(root, path)).href);
  const library = (await load('src/index.ts')) as typeof Library;
  const { wasmTrain } = (await load('src/backends/wasm-train/index.ts')) as typeof WasmTrain; // prettier-ignore
  await library.useBackend(wasmTrain({ threads: 2, simd: 'plain' }));
  const isDense = game === 'dense';
  const gan = isDense
    ? library.createMlpGan({ sampleShape: [2] })
    : library.createDcgan({ imageShape: [28, 28, 1], baseFilters: 32 });
  const shape = isDense ? [512, 2] : [512, 28, 28, 1];
  const data = await library.datasetFromTensor(tf.randomUniform(shape, -1, 1, 'float32', 1));
  const { steps } = await gan.trainer.fit(data, { steps: isDense ? 60 : 12, batchSize: 32 });
  return median(steps.slice(3).map(({ seconds }) => seconds));
}

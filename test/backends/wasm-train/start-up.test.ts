import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Counts the modules, memories and workers created from here on, by stage. */
const program = `
// These compile small modules of their own, for whole numbers of 64 bits.
await Promise.all([import('@tensorflow/tfjs'), import('@tensorflow/tfjs-backend-cpu')]);
const counts = { modules: 0, memories: 0, workers: 0 };
// Others spawn workers as well: on Node 24 what loads TypeScript does.
const isOurs = (count, args) => count !== 'workers' || args[1]?.eval === true;
const counting = (holder, name, count) => {
  holder[name] = new Proxy(holder[name], {
    apply: (target, self, args) => {
      if (isOurs(count, args)) counts[count] += 1;
      return Reflect.apply(target, self, args);
    },
    construct: (target, args, newTarget) => {
      if (isOurs(count, args)) counts[count] += 1;
      return Reflect.construct(target, args, newTarget);
    },
  });
};
for (const name of ['compile', 'instantiate', 'Module']) counting(WebAssembly, name, 'modules');
counting(WebAssembly, 'Memory', 'memories');
counting(process.getBuiltinModule('node:worker_threads'), 'Worker', 'workers');
const tell = (stage) => console.log(JSON.stringify({ stage, ...counts }));

const { createDcgan, datasetFromArray, useBackend } = await import('./src/index.ts');
const { wasmTrain } = await import('./src/backends/wasm-train/index.ts');
await import('./src/platforms/node/index.ts');
tell('imported');
const backend = wasmTrain({ threads: 3, simd: 'plain' });
await backend.isAvailable();
tell('asked');
await useBackend(backend);
tell('chosen');
if (process.argv.at(-1) === 'train') {
  const gan = createDcgan({ imageShape: [28, 28, 1], baseFilters: 2 });
  const pixels = new Uint8Array(8 * 784);
  await gan.trainer.fit(datasetFromArray(pixels, { sampleShape: [28, 28, 1] }), { steps: 1, batchSize: 8 });
  tell('trained');
}
`;

/** Runs the program in a process that must end by itself, and returns the lines it printed. */
async function run(what: 'choose' | 'train'): Promise<unknown[]> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program, what],
    { cwd: root, timeout: 120_000 },
  );
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line): unknown => JSON.parse(line));
}

const before = [
  { stage: 'imported', modules: 0, memories: 0, workers: 0 },
  { stage: 'asked', modules: 0, memories: 0, workers: 0 },
];
const started = { modules: 1, memories: 1, workers: 2 };

test('a process compiles and spawns nothing before the backend is chosen, and ends by itself', async () => {
  expect(await run('choose')).toEqual([...before, { stage: 'chosen', ...started }]);
});

test('a process that has trained and disposed nothing ends by itself, and compiled once', async () => {
  expect(await run('train')).toEqual([
    ...before,
    { stage: 'chosen', ...started },
    { stage: 'trained', ...started },
  ]);
});

/**
 * What a checkpoint costs, and whether training continues from one bit-for-bit.
 *
 *     npm run bench -- checkpoints
 *     npm run bench -- checkpoints --history    the last table alone
 *
 * Cost: the tutorial's DCGAN on images of MNIST's shape, a checkpoint after every step; the time of a write is that of
 * all files, brought to the disk. Equality: 3 + 4 steps with a new trainer between, restored from a folder in the middle
 * of an epoch, against 7 steps in one go: weights, moments, averages, random states, place in the data, history.
 * History: a small MLP with a history of so many steps behind it, each a copy of one that was made; the median of 9, in
 * milliseconds of the processor, all threads together, as other programs may share the machine.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkpoint,
  createDcgan,
  createMlpGan,
  createSngan,
  createWgan,
  createWganGp,
  type Dataset,
  datasetFromArray,
  type Gan,
  GradientPenalty,
  History,
  R1Penalty,
  ring8,
  SpectralNorm,
  useBackend,
  WassersteinLoss,
} from 'tfjs-gan';
import { directoryStore } from 'tfjs-gan/node';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';

const root = await mkdtemp(join(tmpdir(), 'tfjs-gan-checkpoints-'));

function pictures(side: number, count: number): Dataset {
  const pixels = Uint8Array.from({ length: count * side * side }, (_, i) => (i * 31) % 256);
  return datasetFromArray(pixels, { sampleShape: [side, side, 1] });
}

async function cost(baseFilters: number): Promise<void> {
  await useBackend('wasm-train');
  const gan = createDcgan({ imageShape: [28, 28, 1], baseFilters });
  const store = directoryStore(join(root, String(baseFilters)));
  const writer = checkpoint(store, { every: { steps: 1 }, keep: 1 });
  const [writes, steps]: [number[], number[]] = [[], []];
  await gan.trainer.fit(pictures(28, 64 * 14), {
    steps: 14,
    callbacks: [
      {
        ...writer,
        onStepEnd: async (step, run) => {
          const began = performance.now();
          await writer.onStepEnd?.(step, run);
          writes.push((performance.now() - began) / 1000);
          steps.push(step.seconds);
        },
      },
    ],
  });
  gan.dispose();
  const [name = ''] = await store.list();
  const folder = join(root, String(baseFilters), 'checkpoints', name);
  const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  const [write, step] = [median(writes.slice(4)), median(steps.slice(4))];
  console.log(
    `| ${baseFilters} | ${(bytes / 1e6).toFixed(1)} MB | ${write.toFixed(2)} s | ${step.toFixed(2)} s | ` +
      `${((100 * write) / (60 + write)).toFixed(2)} % |`,
  );
}

const small = { imageShape: [16, 16, 1], baseFilters: 4, latentSize: 8 } as const;
const ring = ring8({ size: 320, seed: 1 });
const subjects: Record<string, [() => Gan, Dataset]> = {
  createDcgan: [() => createDcgan(small), pictures(16, 160)],
  'createDcgan, average of weights': [() => createDcgan({ ...small, ema: {} }), pictures(16, 160)],
  createWgan: [() => createWgan(small), pictures(16, 640)],
  createWganGp: [() => createWganGp(small), pictures(16, 640)],
  createSngan: [() => createSngan(small), pictures(16, 640)],
  createMlpGan: [() => createMlpGan({ sampleShape: [2] }), ring],
  'createMlpGan, Wasserstein with gradient penalty, 2 critic updates': [
    () =>
      createMlpGan({
        sampleShape: [2],
        loss: new WassersteinLoss(),
        penalties: [new GradientPenalty()],
        updatesPerStep: { discriminator: 2 },
      }),
    ring,
  ],
};

async function equality(name: string, make: () => Gan, data: Dataset): Promise<void> {
  const answers: string[] = [];
  for (const backend of ['cpu', 'wasm-train'] as const) {
    await useBackend(backend);
    const whole = make();
    await whole.trainer.fit(data, { steps: 7, batchSize: 16 });
    const store = directoryStore(join(root, `${name}, ${backend}`));
    const [first, second] = [make(), make()];
    await first.trainer.fit(data, { steps: 3, batchSize: 16, callbacks: [checkpoint(store)] });
    await second.trainer.restore(store);
    await second.trainer.fit(data, { until: { steps: 7 }, batchSize: 16 });
    const same = (await hashOf(whole)) === (await hashOf(second));
    answers.push(same ? 'equal' : 'DIFFERENT');
    for (const gan of [whole, first, second]) gan.dispose();
  }
  console.log(`| ${name} | ${answers.join(' | ')} |`);
}

async function hashOf({ trainer }: Gan): Promise<string> {
  const { history, ...rest } = await trainer.snapshot();
  const timeless = history.steps.map(({ seconds: _, partSeconds: _parts, ...step }) => step);
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, timeless }))
    .digest('hex');
}

async function afterSteps(steps: number): Promise<void> {
  await useBackend('wasm-train');
  const make = (): Gan =>
    createMlpGan({
      sampleShape: [2],
      penalties: [new R1Penalty({ every: 16 })],
      constraints: [new SpectralNorm()],
    });
  const gan = make();
  const { trainer } = gan;
  await trainer.fit(ring, { steps: 16, batchSize: 16 });
  const { history: made, ...rest } = await trainer.snapshot();
  const history = new History();
  for (let i = 0; i < steps; i += 1) {
    const step = structuredClone(made.steps[i % 16])!;
    history.addStep({ ...step, number: i + 1 });
  }
  await trainer.restore({ ...rest, step: steps, history: history.toJSON() });
  const store = directoryStore(join(root, `history-${steps}`));
  const fitted = make();
  const spent = { snapshot: [] as number[], write: [] as number[], restore: [] as number[] };
  const timed = async (name: keyof typeof spent, work: () => Promise<unknown>): Promise<void> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    spent[name].push((user + system) / 1000);
  };
  const writer = checkpoint(store, { every: { steps: 1 }, keep: 1 });
  await trainer.fit(ring, {
    steps: 9,
    batchSize: 16,
    callbacks: [
      {
        ...writer,
        onStepEnd: async (step, run) => {
          await timed('snapshot', () => trainer.snapshot());
          await timed('write', async () => writer.onStepEnd?.(step, run));
        },
      },
    ],
  });
  for (let i = 0; i < 9; i += 1) await timed('restore', () => fitted.trainer.restore(store));
  const [name = ''] = await store.list();
  const files = Object.values((await store.read(name)) ?? {});
  const bytes = files.reduce((sum, { length }) => sum + length, 0);
  const times = Object.values(spent).map((numbers) => median(numbers).toFixed(0));
  console.log(
    `| ${steps.toLocaleString('en')} | ${trainer.history.steps.length.toLocaleString('en')} | ` +
      `${(bytes / 1e6).toFixed(1)} MB | ${times.join(' | ')} |`,
  );
  for (const one of [gan, fitted]) one.dispose();
}

try {
  if (!readOptions({ history: false }).history) {
    console.log('| made by | cpu | wasm-train |\n| --- | --- | --- |');
    for (const [name, [make, data]] of Object.entries(subjects)) await equality(name, make, data);
    console.log(
      '\n| filters | size | write | step | share of a minute |\n| --- | --- | --- | --- | --- |',
    );
    for (const baseFilters of [32, 64]) await cost(baseFilters);
  }
  console.log(
    '\n| steps made | steps kept | size | snapshot, ms | write, ms | restore, ms |\n| --- | --- | --- | --- | --- | --- |',
  );
  for (const steps of [1_000, 19_990, 100_000, 1_000_000]) await afterSteps(steps);
} finally {
  await rm(root, { recursive: true, force: true });
}

/**
 * Every image preset on MNIST for a small, stated budget: does it train without divergence, and what does it draw?
 *
 *     npm run bench -- presets                         every preset, 400 steps each
 *     npm run bench -- presets --presets wgan,sngan    some of dcgan, wgan, wgan-gp, sngan, sngan-resnet
 *     npm run bench -- presets --steps 1000 --filters 32 --seed 7
 *     npm run bench -- presets --minutes 10            end a preset after so long at the latest
 *     npm run bench -- presets --out runs/presets      where the grids go
 *
 * For each it prints a line: steps made, seconds a step, both losses over the last tenth, the share of real and fake
 * samples judged right, and what the constraints saw last; and it writes `<preset>.png`, 100 samples at fixed latents.
 * Settings other than the number of filters are the preset's own.
 */
import { mkdirSync } from 'node:fs';
import {
  createDcgan,
  createSngan,
  createWgan,
  createWganGp,
  type Gan,
  type StepInfo,
  TrainingDivergedError,
  useBackend,
} from '../src/index.ts';
import { loadMnist, saveImageGrid } from '../src/platforms/node/index.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';

const { steps, minutes, out, ...options } = readOptions({
  presets: 'dcgan,wgan,wgan-gp,sngan,sngan-resnet',
  steps: 400,
  minutes: 60,
  filters: 16,
  seed: 42,
  out: 'runs/presets',
});

const shared = {
  imageShape: [28, 28, 1],
  baseFilters: options.filters,
  seed: options.seed,
} as const;
const presets: Readonly<Record<string, () => Gan>> = {
  dcgan: () => createDcgan(shared),
  wgan: () => createWgan(shared),
  'wgan-gp': () => createWganGp(shared),
  sngan: () => createSngan(shared),
  'sngan-resnet': () => createSngan({ ...shared, networks: 'resnet' }),
};

await useBackend('wasm-train');
const mnist = await loadMnist({ split: 'train' });
mkdirSync(out, { recursive: true });
for (const name of options.presets.split(',')) {
  const make = presets[name];
  if (make === undefined) {
    throw new RangeError(
      `Cannot measure a preset: --presets must be of ${Object.keys(presets).join(', ')}, got ${name}`,
    );
  }
  await measure(name, make());
}

async function measure(name: string, gan: Gan): Promise<void> {
  const signal = AbortSignal.timeout(minutes * 60_000);
  const seen: StepInfo[] = [];
  let ending = 'no divergence';
  try {
    for await (const step of gan.trainer.steps(mnist, { steps, batchSize: 64, signal })) {
      seen.push(step);
    }
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    ending = `diverged: ${error.message}`;
  }
  const last = seen.slice(-Math.ceil(seen.length / 10));
  const mean = (read: (step: StepInfo) => number): string =>
    (last.reduce((sum, step) => sum + read(step), 0) / last.length).toFixed(3);
  const seconds = median(seen.map((step) => step.seconds));
  console.log(
    `${name}: ${seen.length} steps, ${seconds.toFixed(2)} s a step, losses ${mean((s) => s.losses.discriminator)} ` +
      `and ${mean((s) => s.losses.generator)}, judged right ${mean((s) => s.metrics['accuracy/real'])} of real and ` +
      `${mean((s) => s.metrics['accuracy/fake'])} of fake, ${ending}`,
  );
  console.log('  constraintMetrics:', JSON.stringify(seen.at(-1)?.constraintMetrics));
  const samples = gan.generator.sample(100, { seed: 7 });
  await saveImageGrid(`${out}/${name}.png`, samples, { columns: 10 });
  samples.dispose();
  gan.dispose();
}

/**
 * Every image preset on MNIST for a small, stated budget: does it train without divergence, and what does it draw?
 *
 *     npm run bench -- presets                         every preset, 400 steps each
 *     npm run bench -- presets --preset sngan          one of dcgan, wgan, wgan-gp, sngan, sngan-resnet
 *     npm run bench -- presets --steps 1000 --filters 32 --seed 7
 *     npm run bench -- presets --minutes 10            end a preset after so long at the latest
 *     npm run bench -- presets --out runs/presets      where the grids go
 *
 * For each it prints a line: steps made, seconds a step, both losses over the last tenth, the share of real and fake
 * samples judged right, and what the constraints saw last; and it writes `<preset>.png`, 100 samples at fixed latents.
 * Settings other than the number of filters are the preset's own.
 */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
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

const { values } = parseArgs({
  options: {
    preset: { type: 'string', multiple: true },
    steps: { type: 'string', default: '400' },
    minutes: { type: 'string', default: '60' },
    filters: { type: 'string', default: '16' },
    seed: { type: 'string', default: '42' },
    out: { type: 'string', default: 'runs/presets' },
  },
});

const shared = {
  imageShape: [28, 28, 1],
  baseFilters: Number(values.filters),
  seed: Number(values.seed),
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
mkdirSync(values.out, { recursive: true });
for (const name of values.preset ?? Object.keys(presets)) {
  const make = presets[name];
  if (make === undefined) {
    throw new RangeError(
      `Cannot measure a preset: --preset must be one of ${Object.keys(presets).join(', ')}, got ${name}`,
    );
  }
  await measure(name, make());
}

async function measure(name: string, gan: Gan): Promise<void> {
  const signal = AbortSignal.timeout(Number(values.minutes) * 60_000);
  const seen: StepInfo[] = [];
  let ending = 'no divergence';
  try {
    const steps = Number(values.steps);
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
  const seconds = seen.map((step) => step.seconds).sort((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)] ?? Number.NaN;
  console.log(
    `${name}: ${seen.length} steps, ${median.toFixed(2)} s a step, losses ${mean((s) => s.losses.discriminator)} ` +
      `and ${mean((s) => s.losses.generator)}, judged right ${mean((s) => s.metrics['accuracy/real'])} of real and ` +
      `${mean((s) => s.metrics['accuracy/fake'])} of fake, ${ending}`,
  );
  console.log('  constraintMetrics:', JSON.stringify(seen.at(-1)?.constraintMetrics));
  const samples = gan.generator.sample(100, { seed: 7 });
  await saveImageGrid(`${values.out}/${name}.png`, samples, { columns: 10 });
  samples.dispose();
  gan.dispose();
}

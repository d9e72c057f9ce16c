/**
 * How often `collapseAlarm` and `overfittingAlarm` speak, on runs that are healthy and on runs broken on purpose.
 *
 *     npm run bench -- alarms                 a table
 *     npm run bench -- alarms --steps 2000    longer runs (default 1500)
 */
import * as tf from '@tensorflow/tfjs';
import {
  adam,
  collapseAlarm,
  createDcgan,
  createMlpGan,
  type CreateMlpGanOptions,
  type Dataset,
  datasetFromTensor,
  type Gan,
  GradientPenalty,
  grid25,
  HingeLoss,
  LeastSquaresLoss,
  MinimaxLoss,
  overfittingAlarm,
  ring8,
  sgd,
  useBackend,
  WassersteinLoss,
} from 'tfjs-gan';
import { loadMnist } from 'tfjs-gan/node';
import { firstSamples } from '../examples/shared/first-samples.ts';
import { readOptions } from './shared/options.ts';

const { steps } = readOptions({ steps: 1500 });
await useBackend('wasm-train');

const points = (options: Omit<CreateMlpGanOptions, 'sampleShape'> = {}): Gan =>
  createMlpGan({ sampleShape: [2], hiddenUnits: [64, 64], ...options });
const ring = ring8({ size: 4096, seed: 1 });
const digits = await loadMnist({ split: 'test' });
const rates = (generator: number, discriminator: number): CreateMlpGanOptions['optimizers'] => ({
  generator: adam({ learningRate: generator }),
  discriminator: adam({ learningRate: discriminator }),
});
const dcgan = (options = {}): Gan =>
  createDcgan({ imageShape: [28, 28, 1], baseFilters: 8, ...options });

const healthy: Record<string, [make: () => Gan, data: Dataset]> = {
  'ring8, cross-entropy': [() => points(), ring],
  'ring8, cross-entropy, rate 0.001': [() => points({ optimizers: rates(1e-3, 1e-3) }), ring],
  'ring8, hinge': [() => points({ loss: new HingeLoss(), optimizers: rates(1e-3, 1e-3) }), ring],
  'ring8, least squares': [() => points({ loss: new LeastSquaresLoss() }), ring],
  'ring8, Wasserstein with gradient penalty': [
    () =>
      points({
        loss: new WassersteinLoss(),
        penalties: [new GradientPenalty({ weight: 0.1 })],
        updatesPerStep: { discriminator: 5 },
        optimizers: rates(1e-3, 1e-3),
      }),
    ring,
  ],
  'grid25, cross-entropy': [() => points(), grid25({ size: 4096, seed: 1 })],
  'MNIST, createDcgan': [() => dcgan(), digits],
};

const broken: Record<string, [make: () => Gan, data: Dataset]> = {
  'ring8 far away, minimax': [
    () => points({ loss: new MinimaxLoss(), optimizers: rates(1e-5, 1e-1) }),
    far(ring),
  ],
  'ring8, generator of rate 0.1': [() => points({ optimizers: rates(0.1, 1e-4) }), ring],
  'ring8, discriminator nearly frozen': [() => points({ optimizers: rates(1e-2, 1e-7) }), ring],
  'ring8, Wasserstein with a penalty far too strong': [
    () => points({ loss: new WassersteinLoss(), penalties: [new GradientPenalty()] }),
    ring,
  ],
  'MNIST, discriminator 50 times faster': [
    () =>
      dcgan({
        loss: new MinimaxLoss(),
        optimizers: {
          generator: sgd({ learningRate: 1e-6 }),
          discriminator: adam({ learningRate: 0.01 }),
        },
      }),
    digits,
  ],
};

console.log('| run | | what the alarm saw, at which step |\n| --- | --- | --- |');
for (const [kind, runs] of Object.entries({ healthy, broken })) {
  for (const [name, [make, data]] of Object.entries(runs)) {
    const seen: string[] = [];
    const gan = make();
    const alarm = collapseAlarm({
      onWarning: (sign) => {
        seen.push(`${sign.kind} (${sign.step})`);
      },
    });
    try {
      const length = name.startsWith('MNIST') ? Math.min(steps, 600) : steps;
      await gan.trainer.fit(data, { steps: length, callbacks: [alarm] });
    } catch (error) {
      seen.push((error as Error).message);
    }
    gan.dispose();
    console.log(`| ${name} | ${kind} | ${seen.join(', ') || 'nothing'} |`);
  }
}

console.log('\n| run | | gap at the end | alarm |\n| --- | --- | --- | --- |');
const unseen = await loadMnist({ split: 'train' });
for (const [data, size, kind] of [
  [digits, 10_000, 'enough data'],
  [await datasetFromTensor(await firstSamples(digits, 256)), 256, 'too few data'],
] as const) {
  let alarms = '';
  const gan = dcgan({ baseFilters: 16, optimizers: rates(2e-4, 1e-3) });
  const alarm = overfittingAlarm(unseen, {
    every: { steps: 50 },
    onAlarm: ({ step }) => {
      alarms += ` at step ${step}`;
    },
  });
  await gan.trainer.fit(data, { steps: Math.min(steps, 600), callbacks: [alarm] });
  const gap = alarm.records.at(-1)?.gap.toFixed(2);
  console.log(`| MNIST, ${size} digits | ${kind} | ${gap} | ${alarms || 'none'} |`);
  gan.dispose();
}

/** The same points, so far off that the discriminator tells them at once. */
function far(dataset: Dataset): Dataset {
  return {
    ...dataset,
    name: `${dataset.name}, far away`,
    sampleShape: dataset.sampleShape,
    size: dataset.size,
    async *batches(options) {
      for await (const { samples } of dataset.batches(options)) {
        yield { samples: tf.tidy(() => tf.add(samples, 50)) };
        samples.dispose();
      }
    },
  };
}

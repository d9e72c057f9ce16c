import * as tf from '@tensorflow/tfjs';
import { type Schedule, valueAt } from '../../../src/core/schedules/schedule.ts';
import { defineGame, type Game, type GameNetwork, type Pass } from '../../../src/games/game.ts';
import { R1Penalty } from '../../../src/losses/penalties/r1.ts';
import type { Discriminator } from '../../../src/models/discriminator.ts';
import type { Generator } from '../../../src/models/generator.ts';
import type { LatentInput, Network, TensorInput, ValueInput } from '../../../src/models/network.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { adversarial } from './adversarial.test-d.ts';
import type { auxiliaryClassifier } from './auxiliary-classifier.test-d.ts';
import type { biGan } from './bigan.test-d.ts';
import type { ctgan } from './ctgan.test-d.ts';
import type { cycleGan } from './cycle-gan.test-d.ts';
import type { fAnoGan } from './f-ano-gan.test-d.ts';
import type { infoGan } from './info-gan.test-d.ts';
import type { inpainting } from './inpainting.test-d.ts';
import type { moCoGan } from './mocogan.test-d.ts';
import type { pix2pix } from './pix2pix.test-d.ts';
import type { projection } from './projection.test-d.ts';
import type { r3gan } from './r3gan.test-d.ts';
import type { seqGan } from './seqgan.test-d.ts';
import type { srgan } from './srgan.test-d.ts';
import type { styleGan2 } from './stylegan2.test-d.ts';

/** Whether two unions of names are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** A trainer takes any game. */
export const games = (
  ...all: [
    ReturnType<typeof adversarial>,
    ReturnType<typeof projection>,
    ReturnType<typeof auxiliaryClassifier>,
    ReturnType<typeof infoGan>,
    ReturnType<typeof cycleGan>,
    ReturnType<typeof pix2pix>,
    ReturnType<typeof srgan>,
    ReturnType<typeof inpainting>,
    ReturnType<typeof r3gan>,
    ReturnType<typeof styleGan2>,
    ReturnType<typeof ctgan>,
    ReturnType<typeof seqGan>,
    ReturnType<typeof moCoGan>,
    ReturnType<typeof biGan>,
    ReturnType<typeof fAnoGan>,
  ]
): readonly Game[] => all;

/** A pass has as few members as it can. */
export const membersOfPass: Same<
  keyof Pass,
  | 'batch'
  | 'progress'
  | 'run'
  | 'latents'
  | 'conditions'
  | 'weights'
  | 'penalty'
  | 'random'
  | 'metric'
  | 'keep'
  | 'kept'
  | 'slot'
> = true;

interface Parts {
  readonly generator: Network<
    { latents: LatentInput; source: ValueInput; cutoff: TensorInput },
    'samples'
  >;
  readonly discriminator: Discriminator;
  readonly shown: Generator;
}

const networksOf = ({ generator, discriminator }: Parts) => ({
  generator: { network: generator, optimizer: adam() },
  discriminator: { network: discriminator, optimizer: adam() },
  features: { network: discriminator },
});

/** Takes what is read; of what is not there the type is an error. */
const read = (value: unknown): unknown => value;

/** What a turn sees, and what it is refused. */
export const refused = (parts: Parts) =>
  defineGame({
    name: 'refused',
    networks: networksOf(parts),
    batch: { samples: {}, source: {} },
    turns: [
      {
        name: 'what is there',
        updates: ['generator', 'discriminator'],
        terms: (pass) => {
          const { samples, source } = pass.batch;
          const latents: Same<keyof ReturnType<typeof pass.latents<'generator'>>, 'latents'> = true;
          const conditions: Same<keyof ReturnType<typeof pass.conditions<'generator'>>, 'source'> =
            true;
          const cutoff = tf.ones([latents && conditions ? 1 : 0]);
          const fake = pass.run('generator', { ...pass.latents('generator'), source, cutoff });
          const tapped = pass.run('discriminator', fake, { taps: { inner: '3.conv2D' } });
          const outputs: Same<keyof typeof tapped, 'logits' | 'inner'> = true;
          return { tapped: tf.mean(tapped.inner), none: outputs ? undefined : samples };
        },
      },
      {
        name: 'networks',
        // @ts-expect-error: no network has this name
        updates: 'painter',
        terms: (pass) => {
          // @ts-expect-error: no network has this name
          pass.run('painter', {});
          // @ts-expect-error: no network has this name
          pass.weights('painter');
          return {};
        },
      },
      {
        name: 'frozen',
        // @ts-expect-error: a network without an optimizer is not updated
        updates: ['generator', 'features'],
        terms: () => ({}),
      },
      {
        name: 'tensors',
        updates: 'discriminator',
        terms: (pass) => {
          const { samples, source } = pass.batch;
          const { latents } = pass.latents('generator');
          // @ts-expect-error: the batch holds no such tensor
          read(pass.batch.labels);
          // @ts-expect-error: an input is missing
          pass.run('generator', { latents, source });
          // @ts-expect-error: the network has no such input
          pass.run('discriminator', { samples, source });
          // @ts-expect-error: an input is a tensor
          pass.run('discriminator', { samples: 1 });
          // @ts-expect-error: the network has no such output
          read(pass.run('discriminator', { samples }).classes);
          const tapped = pass.run('discriminator', { samples }, { taps: { inner: '3.conv2D' } });
          // @ts-expect-error: no layer was tapped under this name
          read(tapped.outer);
          // @ts-expect-error: a discriminator has no latents
          read(pass.latents('discriminator').latents);
          // @ts-expect-error: tensors the game gives are not drawn
          read(pass.conditions('generator').cutoff);
          // @ts-expect-error: statistics move or are held
          pass.run('discriminator', { samples }, { statistics: 'frozen' });
          const fake = { samples };
          // @ts-expect-error: a penalty is given inputs of the network it runs
          pass.penalty(new R1Penalty(), 'discriminator', { real: samples, fake });
          const both = { real: fake, fake };
          // @ts-expect-error: what transforms them returns inputs of the network, too
          pass.penalty(new R1Penalty(), 'discriminator', { ...both, transform: () => ({}) });
          // @ts-expect-error: the batch is the trainer's
          pass.batch = { samples, source };
          return {};
        },
      },
      {
        name: 'terms',
        updates: 'discriminator',
        // @ts-expect-error: a term is a tensor
        terms: () => ({ loss: 1 }),
      },
      {
        name: 'counts',
        updates: 'discriminator',
        // @ts-expect-error: whether a turn is played depends on counts, not on an update
        when: ({ update }) => update > 1,
        terms: () => ({}),
      },
    ],
    generators: { samples: parts.shown },
  });

/** A number that may change is a number or a schedule. */
export const numbers = (schedule: Schedule, pass: Pass, { discriminator }: Parts): number => {
  const network: GameNetwork = {
    network: discriminator,
    ema: { halfLife: schedule, startStep: 10 },
  };
  // @ts-expect-error: a schedule is a named rule, which a snapshot can compare
  const ema: GameNetwork['ema'] = { decay: (step: number) => 1 / step };
  return network === ema ? 0 : valueAt(schedule, pass.progress) + valueAt(1, pass.progress);
};

/** A model with several inputs and outputs says what they are. */
export const modelOfOnesOwn = (model: tf.LayersModel, shown: Generator) =>
  defineGame({
    name: 'named',
    networks: {
      judge: {
        network: {
          model,
          inputs: { source: { kind: 'condition' }, samples: { kind: 'tensor' } },
          outputs: ['logits', 'classes'],
        },
        optimizer: adam(),
      },
    },
    batch: { source: {}, samples: {} },
    turns: [
      {
        name: 'judge',
        updates: 'judge',
        terms: (pass) => {
          const { logits, classes } = pass.run('judge', pass.batch);
          // @ts-expect-error: the input of the other kind is given
          read(pass.conditions('judge').samples);
          return { both: tf.add(tf.mean(logits), tf.mean(classes)) };
        },
      },
    ],
    generators: { shown },
  });

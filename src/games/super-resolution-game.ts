import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../core/schedules/schedule.ts';
import { describeScheduled, scheduledValue } from '../core/schedules/scheduled-number.ts';
import type { Loss } from '../losses/loss.ts';
import { penaltyWeights } from '../losses/penalties/penalty-options.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Translator } from '../models/translators/translator.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { tensorSpec } from './check-game.ts';
import { prefixed } from './describe-parts.ts';
import type { EmaOptions, Game, Pass } from './game.ts';
import { generatorLoss } from './generator-loss.ts';
import { showAccuracy } from './show-accuracy.ts';
import { scaled } from './scaled-term.ts';
import { meanDistance } from './translation-terms.ts';

/** A frozen network whose feature maps are compared. @internal */
export interface FrozenFeatures {
  readonly model: tf.LayersModel;
  /** The layer whose output is compared; the model's own output if it is left out. */
  readonly layer?: string | undefined;
}

/** The parts of {@link superResolutionGame}. @internal */
export interface SuperResolutionParts {
  readonly generator: Translator;
  readonly discriminator: Discriminator;
  readonly features: FrozenFeatures | undefined;
  readonly loss: Loss;
  /** Weights of the terms of the second phase. */
  readonly weights: Readonly<Record<'adversarial' | 'content' | 'feature', number | Schedule>>;
  /** Number of steps of the first phase. */
  readonly contentSteps: number;
  /** Number of steps in which the adversarial weight rises. */
  readonly rampSteps: number;
  readonly optimizers: Readonly<Record<'generator' | 'discriminator', OptimizerSpec>>;
  readonly ema: EmaOptions | undefined;
}

/** Keeps the variance of constant features from being 0. */
const smallestVariance = 1e-8;

/**
 * The game of SRGAN: first the generator learns by the distance of pixels alone, then the
 * discriminator is updated as well, and the generator also by its logits and by features.
 *
 * @internal
 */
export function superResolutionGame(parts: SuperResolutionParts): Game {
  const { generator, discriminator, features, loss, weights, optimizers, ema } = parts;
  const { contentSteps, rampSteps } = parts;
  const isAdversarial = weights.adversarial !== 0;
  const featureNetwork = features && {
    features: {
      network: {
        model: features.model,
        inputs: { samples: { kind: 'tensor' as const } },
        outputs: ['output'],
      },
    },
  };
  return {
    name: 'superResolution',
    settings: {
      ...prefixed('loss', { name: loss.name, ...loss.settings }),
      contentSteps,
      rampSteps,
      ...describeScheduled('adversarialWeight', weights.adversarial),
      ...describeScheduled('contentWeight', weights.content),
      ...(features && {
        ...describeScheduled('featureWeight', weights.feature),
        'features.layer': features.layer ?? 'output',
      }),
    },
    networks: {
      generator: { network: generator.generator, optimizer: optimizers.generator, ema },
      discriminator: { network: discriminator, optimizer: optimizers.discriminator },
      ...featureNetwork,
    },
    batch: {
      source: tensorSpec(generator.generator, 'source'),
      samples: { shape: generator.targetShape },
    },
    turns: [
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const { source, samples } = pass.batch as Pairs;
          const fake = pass.run('generator', { source })['samples']!;
          const distance = meanDistance(samples, fake);
          pass.metric('l1', distance);
          const stepsOfPhase = pass.progress.step - contentSteps;
          if (stepsOfPhase <= 0) return { l1: distance };
          if (isAdversarial) pass.keep('enlarged', fake);
          const weightOf = (term: keyof typeof weights): number =>
            scheduledValue(weights[term], pass.progress, penaltyWeights);
          const ramp = Math.min(1, stepsOfPhase / Math.max(1, rampSteps));
          const adversarial = ramp * weightOf('adversarial');
          const feature = features === undefined ? 0 : weightOf('feature');
          const judge = (): tf.Tensor => {
            const onFake = pass.run('discriminator', { samples: fake })['logits']!;
            const onReal = (): tf.Tensor => pass.run('discriminator', { samples })['logits']!;
            return generatorLoss(loss, onFake, onReal);
          };
          return {
            l1: scaled(distance, weightOf('content')),
            ...(adversarial > 0 && { [loss.name]: scaled(judge(), adversarial) }),
            ...(feature > 0 && {
              features: scaled(featureDistance(pass, { samples, fake }, features?.layer), feature),
            }),
          };
        },
      },
      {
        name: 'discriminator',
        updates: 'discriminator',
        when: ({ step }) => isAdversarial && step > contentSteps,
        terms: (pass) => {
          const { samples } = pass.batch as Pairs;
          const real = pass.run('discriminator', { samples })['logits']!;
          const onFake = pass.run('discriminator', { samples: pass.kept('enlarged') })['logits']!;
          showAccuracy(pass, { real, fake: onFake }, loss);
          return { [loss.name]: loss.discriminator(real, onFake) };
        },
      },
    ],
    generators: { samples: generator.generator },
  };
}

/** What a batch holds. */
type Pairs = Readonly<Record<'source' | 'samples', tf.Tensor>>;

/**
 * Mean square of the difference of features, in units of the variance of the real ones over the
 * batch: 0 for equal pictures, at most about 2 for unrelated ones, whatever the network.
 */
function featureDistance(
  pass: Pass,
  { samples, fake }: Readonly<Record<'samples' | 'fake', tf.Tensor>>,
  layer: string | undefined,
): tf.Tensor {
  const options = layer === undefined ? {} : { taps: { maps: layer } };
  const output = layer === undefined ? 'output' : 'maps';
  const real = pass.run('features', { samples }, { ...options, detached: true })[output]!;
  const made = pass.run('features', { samples: fake }, options)[output]!;
  const { variance } = tf.moments(real);
  const difference = tf.mean(tf.square(tf.sub(made, real)));
  return tf.div(difference, tf.add(variance, smallestVariance));
}

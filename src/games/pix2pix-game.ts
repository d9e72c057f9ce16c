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

/** The parts of {@link pix2pixGame}. @internal */
export interface Pix2pixParts {
  readonly generator: Translator;
  /** Of pairs: the source beside the picture. */
  readonly discriminator: Discriminator<'source'>;
  readonly loss: Loss;
  /** Weight of the adversarial term. At 0 the discriminator is never updated. */
  readonly adversarialWeight: number | Schedule;
  /** Weight of the mean distance of the translation from the target. */
  readonly l1Weight: number | Schedule;
  readonly optimizers: Readonly<Record<'generator' | 'discriminator', OptimizerSpec>>;
  readonly ema: EmaOptions | undefined;
}

/**
 * The paper's code halves the discriminator's loss, so that it learns more slowly than the
 * generator (under Adam it does not).
 */
const discriminatorWeight = 0.5;

/**
 * The game of pix2pix: the discriminator, which sees the source beside the picture, is updated,
 * then the generator, whose translation is to be judged real and to be near the target.
 *
 * @internal
 */
export function pix2pixGame(parts: Pix2pixParts): Game {
  const { generator, discriminator, loss, adversarialWeight, l1Weight, optimizers, ema } = parts;
  const isAdversarial = adversarialWeight !== 0;
  const weightNow = (pass: Pass, weight: number | Schedule): number =>
    scheduledValue(weight, pass.progress, penaltyWeights);
  return {
    name: 'pix2pix',
    settings: {
      ...prefixed('loss', { name: loss.name, ...loss.settings }),
      ...describeScheduled('adversarialWeight', adversarialWeight),
      ...describeScheduled('l1Weight', l1Weight),
    },
    networks: {
      generator: { network: generator.generator, optimizer: optimizers.generator, ema },
      discriminator: { network: discriminator, optimizer: optimizers.discriminator },
    },
    batch: {
      source: tensorSpec(generator.generator, 'source'),
      samples: { shape: generator.targetShape },
    },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        when: () => isAdversarial,
        terms: (pass) => {
          const { source, samples } = pass.batch as Pairs;
          const fake = pass.run('generator', { source }, { detached: true });
          const real = pass.run('discriminator', { source, samples })['logits']!;
          const onFake = pass.run('discriminator', { source, ...fake })['logits']!;
          showAccuracy(pass, { real, fake: onFake }, loss);
          return { [loss.name]: tf.mul(loss.discriminator(real, onFake), discriminatorWeight) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const { source, samples } = pass.batch as Pairs;
          const fake = pass.run('generator', { source })['samples']!;
          const distance = meanDistance(samples, fake);
          pass.metric('l1', distance);
          const terms = { l1: scaled(distance, weightNow(pass, l1Weight)) };
          if (!isAdversarial) return terms;
          const onFake = pass.run('discriminator', { source, samples: fake })['logits']!;
          const onReal = (): tf.Tensor => pass.run('discriminator', { source, samples })['logits']!;
          const value = generatorLoss(loss, onFake, onReal);
          return { [loss.name]: scaled(value, weightNow(pass, adversarialWeight)), ...terms };
        },
      },
    ],
    generators: { samples: generator.generator },
  };
}

/** What a batch holds. */
type Pairs = Readonly<Record<'source' | 'samples', tf.Tensor>>;

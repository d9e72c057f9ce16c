import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../core/schedules/schedule.ts';
import { describeScheduled, scheduledValue } from '../core/schedules/scheduled-number.ts';
import type { Loss } from '../losses/loss.ts';
import { penaltyWeights } from '../losses/penalties/penalty-options.ts';
import type { Discriminator } from '../models/discriminator.ts';
import { type Holes, zerosAndOnes } from '../models/inpainting/draw-holes.ts';
import type { Inpainter } from '../models/inpainting/inpainter.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { prefixed } from './describe-parts.ts';
import type { EmaOptions, Game, Pass } from './game.ts';
import { generatorLoss } from './generator-loss.ts';
import { showAccuracy } from './show-accuracy.ts';
import { scaled } from './scaled-term.ts';

/** The parts of {@link inpaintingGame}. @internal */
export interface InpaintingParts {
  readonly inpainter: Inpainter;
  /** Of images beside their hole. */
  readonly discriminator: Discriminator<'hole'>;
  /** Which holes are drawn, or that they are a tensor of the batch. */
  readonly holes: Holes | 'batch';
  readonly loss: Loss;
  /** Weight of the adversarial term. At 0 the discriminator is never updated. */
  readonly adversarialWeight: number | Schedule;
  /** Weight of the mean distance from the true pixels of the hole. */
  readonly l1Weight: number | Schedule;
  readonly optimizers: Readonly<Record<'generator' | 'discriminator', OptimizerSpec>>;
  readonly ema: EmaOptions | undefined;
}

/**
 * The game of inpainting: the generator is updated, whose completed image is to be judged real and
 * whose filling is to be near the true pixels, then the discriminator, which sees the hole beside
 * the same completed image. So the generator, the most expensive part, runs once a step.
 *
 * @internal
 */
export function inpaintingGame(parts: InpaintingParts): Game {
  const { inpainter, discriminator, holes, loss, optimizers, ema } = parts;
  const { adversarialWeight, l1Weight } = parts;
  const isAdversarial = adversarialWeight !== 0;
  const { imageShape, generator } = inpainter;
  const [height, width, channels] = imageShape;
  const weightNow = (pass: Pass, weight: number | Schedule): number =>
    scheduledValue(weight, pass.progress, penaltyWeights);
  // Masks that were read from pictures have −1 and 1.
  const holeOf = (pass: Pass): tf.Tensor => zerosAndOnes(pass.conditions('generator')['hole']!);
  return {
    name: 'inpainting',
    settings: {
      ...prefixed('loss', { name: loss.name, ...loss.settings }),
      ...describeScheduled('adversarialWeight', adversarialWeight),
      ...describeScheduled('l1Weight', l1Weight),
      ...(holes === 'batch' ? { hole: holes } : prefixed('hole', describeHoles(holes))),
    },
    networks: {
      generator: { network: generator, optimizer: optimizers.generator, ema },
      discriminator: {
        // A hole that the game draws is no condition of the batch.
        network: {
          model: discriminator.model,
          inputs: { hole: { kind: 'tensor' }, samples: { kind: 'tensor' } },
          outputs: ['logits'],
        },
        optimizer: optimizers.discriminator,
      },
    },
    batch: {
      samples: { shape: imageShape },
      ...(holes === 'batch' && { hole: { shape: [height, width, 1] } }),
    },
    turns: [
      {
        name: 'generator',
        updates: 'generator',
        terms: (pass) => {
          const samples = pass.batch['samples']!;
          const hole = holeOf(pass);
          const fake = pass.run('generator', { samples, hole })['samples']!;
          // Outside of the hole the two are equal.
          const filledPixels = tf.maximum(1, tf.mul(tf.sum(hole), channels));
          const distance = tf.div(tf.sum(tf.abs(tf.sub(samples, fake))), filledPixels);
          pass.metric('l1', distance);
          const terms = { l1: scaled(distance, weightNow(pass, l1Weight)) };
          if (!isAdversarial) return terms;
          pass.keep('completed', fake);
          pass.keep('hole', hole);
          const onFake = pass.run('discriminator', { hole, samples: fake })['logits']!;
          const onReal = (): tf.Tensor => pass.run('discriminator', { hole, samples })['logits']!;
          const value = generatorLoss(loss, onFake, onReal);
          return { [loss.name]: scaled(value, weightNow(pass, adversarialWeight)), ...terms };
        },
      },
      {
        name: 'discriminator',
        updates: 'discriminator',
        when: () => isAdversarial,
        terms: (pass) => {
          const samples = pass.batch['samples']!;
          const [hole, completed] = [pass.kept('hole'), pass.kept('completed')];
          const real = pass.run('discriminator', { hole, samples })['logits']!;
          const onFake = pass.run('discriminator', { hole, samples: completed })['logits']!;
          showAccuracy(pass, { real, fake: onFake }, loss);
          return { [loss.name]: loss.discriminator(real, onFake) };
        },
      },
    ],
    generators: { samples: generator },
  };
}

function describeHoles({ box, place, strokes }: Holes): Readonly<Record<string, string | number>> {
  return { box: box === undefined ? 'none' : box.join('×'), place, strokes };
}

import * as tf from '@tensorflow/tfjs';
import type { Batch } from '../../data/dataset.ts';
import type { Loss } from '../../losses/loss.ts';
import type { LearningPlayer, PlayerUpdate } from '../learning-player.ts';
import type { StepScalars, TrainStep } from './train-step.ts';

/** How often each player moves in one step. */
export interface UpdatesPerStep {
  /**
   * Discriminator updates, each with a fresh batch of real samples and fresh fakes.
   *
   * @defaultValue `1`
   */
  readonly discriminator?: number | undefined;
  /**
   * Generator updates, each with fresh fakes.
   *
   * @defaultValue `1`
   */
  readonly generator?: number | undefined;
}

/** What {@link AdversarialStep} plays with. @internal */
export interface AdversarialStepParts {
  readonly generator: LearningPlayer;
  readonly discriminator: LearningPlayer;
  readonly loss: Loss;
  readonly updates: { readonly discriminator: number; readonly generator: number };
  /** Fresh latents for a batch; the caller disposes them. */
  readonly latents: (count: number) => tf.Tensor;
}

/** Share of samples judged right. */
type Accuracy = Pick<StepScalars, 'accuracyReal' | 'accuracyFake'>;

/**
 * The game of two: the discriminator moves, then the generator.
 *
 * Batch norm's moving statistics follow each player's own updates only: the fakes the discriminator learns from are
 * made, and the generator's fakes judged, with the other's statistics held.
 *
 * @internal
 */
export class AdversarialStep implements TrainStep {
  readonly batches: number;
  readonly #parts: AdversarialStepParts;

  constructor(parts: AdversarialStepParts) {
    this.#parts = parts;
    this.batches = parts.updates.discriminator;
  }

  run(batches: readonly Batch[]): StepScalars {
    return tf.tidy(() => {
      const judged = batches.map((batch) => this.#updateDiscriminator(batch.samples));
      const real = batches.at(-1)!.samples;
      const made = Array.from({ length: this.#parts.updates.generator }, () =>
        this.#updateGenerator(real),
      );
      return {
        discriminatorLoss: mean(judged.map((update) => update.loss)),
        generatorLoss: mean(made.map((update) => update.loss)),
        discriminatorGradientNorm: mean(judged.map((update) => update.gradientNorm)),
        generatorGradientNorm: mean(made.map((update) => update.gradientNorm)),
        accuracyReal: mean(judged.map((update) => update.accuracyReal)),
        accuracyFake: mean(judged.map((update) => update.accuracyFake)),
      };
    });
  }

  #updateDiscriminator(real: tf.Tensor): PlayerUpdate & Accuracy {
    const { generator, discriminator, loss, latents } = this.#parts;
    return tf.tidy(() => {
      // No gradient flows into the generator here: its fakes are made outside the differentiated function.
      const fake = tf.tidy(() => generator.forwardHeld(latents(real.shape[0])));
      const judged: tf.Tensor[] = [];
      try {
        const update = discriminator.update(() => {
          const onReal = discriminator.forward(real);
          const onFake = discriminator.forward(fake);
          judged.push(tf.keep(onReal.clone()), tf.keep(onFake.clone()));
          return loss.discriminator(onReal, onFake);
        });
        const [onReal, onFake] = judged as [tf.Tensor, tf.Tensor];
        const accuracyReal = tf.mean(tf.greater(onReal, 0)).asScalar();
        const accuracyFake = tf.mean(tf.less(onFake, 0)).asScalar();
        return { ...update, accuracyReal, accuracyFake };
      } finally {
        tf.dispose(judged);
      }
    });
  }

  #updateGenerator(real: tf.Tensor): PlayerUpdate {
    const { generator, discriminator, loss, latents } = this.#parts;
    return tf.tidy(() => {
      const latent = latents(real.shape[0]);
      return generator.update(() => {
        const onFake = discriminator.forwardHeld(generator.forward(latent));
        if (loss.generatorNeedsReal !== true) return loss.generator(onFake);
        return loss.generator(onFake, discriminator.forwardHeld(real));
      });
    });
  }
}

function mean(scalars: readonly tf.Scalar[]): tf.Scalar {
  const [only] = scalars;
  if (scalars.length === 1 && only !== undefined) return only;
  return tf.div(tf.addN([...scalars]), scalars.length).asScalar();
}

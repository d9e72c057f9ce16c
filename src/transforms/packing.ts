import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger } from '../core/checks.ts';
import type { Transform } from './transform.ts';

/**
 * Lets the discriminator score several samples at once, all real or all fake, so that it detects a
 * lack of variety: PacGAN's method against mode collapse.
 *
 * Groups of `samples` rows of a batch are concatenated along the last axis, so the batch size must
 * be a multiple of `samples`. Presets create a discriminator for packed rows; a custom one must
 * accept `samples` times as many channels or features. Conditional GANs are not supported, because
 * each of their samples has a condition.
 *
 * @param samples - Number of samples in a group; 1 changes nothing.
 * @returns A transform of the stage `'pack'`.
 * @throws RangeError if it is not a positive integer.
 *
 * @example Pairs of points
 * ```ts
 * const gan = createMlpGan({ sampleShape: [2], transforms: [packing(2)] });
 * console.log(gan.discriminator.inputShape); // [ 4 ]
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 16 });
 * ```
 *
 * @see Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018.
 * {@link https://arxiv.org/abs/1712.04086}
 */
export function packing(samples: number): Transform {
  checkPositiveInteger('create a packing', 'samples', samples);
  return {
    name: 'packing',
    stage: 'pack',
    settings: { samples },
    rows: samples,
    outputShape: (shape) =>
      shape.map((size, i) => (i === shape.length - 1 ? size * samples : size)),
    apply: (rows) => {
      if (samples === 1) return rows;
      const [batch = 0, ...shape] = rows.shape;
      if (batch % samples !== 0) {
        throw new RangeError(
          `Cannot train: batchSize must be a multiple of ${samples}, because packing joins so many samples, got ${batch}`,
        );
      }
      // Sample by sample: [batch / samples, samples, …, channels] → […, samples · channels].
      const apart = tf.reshape(rows, [batch / samples, samples, ...shape]);
      return tf.concat(tf.unstack(apart, 1), -1);
    },
    undo: (packed) => {
      const [batch = 0, ...shape] = packed.shape;
      const apart = tf.stack(tf.split(packed, samples, -1), 1);
      const last = shape.at(-1) ?? 0;
      return tf.reshape(apart, [batch * samples, ...shape.slice(0, -1), last / samples]);
    },
  };
}

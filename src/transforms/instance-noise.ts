import * as tf from '@tensorflow/tfjs';
import { checkNonNegative, withDefaults } from '../core/checks.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import {
  checkScheduled,
  describeScheduled,
  type NumberKind,
  scheduledValue,
} from '../core/schedules/scheduled-number.ts';
import type { Transform } from './transform.ts';

const deviations: NumberKind = {
  wanted: 'a number of at least 0',
  check: checkNonNegative,
  checkScheduled: checkNonNegative,
};

/**
 * Adds normal noise to real and fake samples in front of the discriminator: their distributions
 * then overlap, so the discriminator cannot separate them perfectly. Decrease it to 0 during
 * training.
 *
 * @param options - Amount of noise.
 * @returns A transform of the stage `'noise'`.
 * @throws RangeError if the standard deviation is negative.
 *
 * @example Decreasing noise
 * ```ts
 * const noise = instanceNoise({ deviation: linearDecay({ from: 0.1 }) });
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, transforms: [noise] });
 * await gan.trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * gan.dispose();
 * ```
 *
 * @example Noise that reaches zero at the end of the run
 * ```ts
 * const options = { deviation: linearDecay({ from: 0.2 }) };
 * const gan = createMlpGan({ sampleShape: [2], transforms: [instanceNoise(options)] });
 * await gan.trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 16 });
 * ```
 *
 * @see Sønderby et al., Amortised MAP Inference for Image Super-resolution, 2017, section 3.
 * {@link https://arxiv.org/abs/1610.04490}
 */
export function instanceNoise(
  options: {
    /**
     * Standard deviation of the noise, in units of the samples (images are in −1…1): a number of at
     * least 0, or a schedule.
     *
     * @defaultValue `0.1`
     */
    readonly deviation?: number | Schedule | undefined;
  } = {},
): Transform {
  const action = 'create instance noise';
  const { deviation } = withDefaults(action, options, { deviation: 0.1 });
  checkScheduled(action, 'deviation', deviation, deviations);
  return {
    name: 'instanceNoise',
    stage: 'noise',
    settings: describeScheduled('deviation', deviation),
    apply: (samples, { random, progress }) => {
      const now = scheduledValue(deviation, progress, deviations);
      if (now === 0) return samples;
      const noise = tf.tensor(random.normalArray(samples.size), samples.shape);
      return tf.add(samples, tf.mul(noise, now));
    },
  };
}

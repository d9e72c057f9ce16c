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
 * Adds normal noise to real and fake samples before the discriminator: distributions that do not overlap then do, so the
 * discriminator cannot be sure. Let it fall to 0.
 *
 * @param options - How much.
 * @returns A transform of the stage `'noise'`.
 * @throws RangeError if the deviation is negative.
 *
 * @example Weaker and weaker noise
 * ```ts
 * const noise = instanceNoise({ deviation: linearDecay({ from: 0.1 }) });
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, transforms: [noise] });
 * await gan.trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * gan.dispose();
 * ```
 *
 * @example Noise that is gone at the end of the run
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
     * Standard deviation of the noise, in the unit of the samples (images lie in −1…1): a number of at least 0, or a schedule.
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

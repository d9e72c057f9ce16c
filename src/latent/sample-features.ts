import * as tf from '@tensorflow/tfjs';
import { extractChecked, type FeatureExtractor } from '../metrics/features/feature-extractor.ts';
import { inRange } from '../metrics/features/in-range.ts';
import type { Generator } from '../models/generator.ts';

/**
 * Features of samples, `[batch, features]`: those of an extractor, otherwise their values.
 *
 * @internal
 */
export function featuresOf(
  action: string,
  { valueRange }: Pick<Generator, 'valueRange'>,
  samples: tf.Tensor,
  extractor: FeatureExtractor | undefined,
): tf.Tensor2D {
  if (extractor === undefined) return tf.reshape(samples, [samples.shape[0], -1]);
  return extractChecked(action, extractor, inRange(samples, valueRange, extractor.valueRange))
    .features;
}

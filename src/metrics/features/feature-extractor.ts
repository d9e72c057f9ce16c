import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../../core/format.ts';
import type { ValueRange } from '../../core/value-range.ts';

/**
 * What an extractor makes of samples; the tensors are the caller's.
 *
 * @example Equal images have the lowest score there is
 * ```ts
 * const { features, logits }: ExtractedFeatures = mnistFeatures().extract(tf.zeros([4, 28, 28, 1]));
 * const { mean } = await classifierScore(logits ?? [], { splits: 1 });
 * console.log(mean.toFixed(2)); // 1.00
 * tf.dispose([features, logits ?? []]);
 * ```
 */
export interface ExtractedFeatures {
  /** `[batch, featureSize]`. */
  readonly features: tf.Tensor2D;
  /** `[batch, classes]`, before any softmax, where the extractor is a classifier. */
  readonly logits?: tf.Tensor2D | undefined;
}

/**
 * Makes features of samples, which metrics compare in place of pixels.
 *
 * Every number of a metric belongs to its extractor: with another one it is another number. {@link featureExtractor} makes
 * one of a model or a function.
 *
 * @example One of one's own: means of the rows
 * ```ts
 * const rowMeans: FeatureExtractor = {
 *   name: 'row means',
 *   inputShape: [28, 28, 1],
 *   featureSize: 28,
 *   extract: (images) => ({ features: tf.tidy(() => tf.mean(images, [2, 3]) as tf.Tensor2D) }),
 * };
 * ```
 */
export interface FeatureExtractor {
  /** What it is called in reports; say the version and the layer. */
  readonly name: string;
  /** Shape of one sample it takes, without the batch; `null` for sizes that may be any. */
  readonly inputShape: readonly (number | null)[];
  /**
   * The range it expects values in; samples of another known range are scaled to it.
   *
   * @defaultValue the range the samples have
   */
  readonly valueRange?: ValueRange | undefined;
  /** How many features it gives. */
  readonly featureSize: number;
  /**
   * Makes the features.
   *
   * @param samples - `[batch, ...inputShape]`; they stay the caller's.
   * @returns The features, and logits where there are any; the caller disposes them.
   */
  extract(samples: tf.Tensor): ExtractedFeatures;
}

/** Runs an extractor and refuses what does not keep its promises. @internal */
export function extractChecked(
  action: string,
  extractor: FeatureExtractor,
  samples: tf.Tensor,
): ExtractedFeatures {
  checkTakes(action, extractor, samples.shape.slice(1));
  const extracted = extractor.extract(samples);
  const { features } = extracted;
  if (!(features instanceof tf.Tensor)) {
    throw new TypeError(
      `Cannot ${action}: extract of '${extractor.name}' must return { features, logits? }, ` +
        `got ${formatValue(extracted)}`,
    );
  }
  const wanted = [samples.shape[0] ?? 0, extractor.featureSize];
  if (formatShape(features.shape) !== formatShape(wanted)) {
    throw new RangeError(
      `Cannot ${action}: '${extractor.name}' must make features of shape ${formatShape(wanted)}, ` +
        `got ${formatShape(features.shape)}`,
    );
  }
  return extracted;
}

/** Refuses an extractor that takes samples of another shape. @internal */
export function checkTakes(
  action: string,
  { name, inputShape }: FeatureExtractor,
  sampleShape: readonly number[],
): void {
  const fits =
    inputShape.length === sampleShape.length &&
    inputShape.every((size, axis) => size === null || size === sampleShape[axis]);
  if (fits) return;
  throw new RangeError(
    `Cannot ${action}: the extractor '${name}' takes samples of shape ${formatShape(inputShape)}, ` +
      `got ${formatShape(sampleShape)}`,
  );
}

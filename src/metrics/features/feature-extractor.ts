import * as tf from '@tensorflow/tfjs';
import { fitsShape } from '../../core/fits-shape.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { ValueRange } from '../../core/value-range.ts';

/**
 * The outputs of an extractor; the caller owns the tensors.
 *
 * @example Equal images have the lowest score
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
  /** `[batch, classes]`, before any softmax, if the extractor is a classifier. */
  readonly logits?: tf.Tensor2D | undefined;
}

/**
 * Computes features of samples, which metrics compare instead of pixels.
 *
 * The value of a metric depends on its extractor: values with different extractors are not
 * comparable. {@link featureExtractor} creates one from a model or a function.
 *
 * @example A custom extractor: means of the rows
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
  /** Its name in reports; include the version and the layer. */
  readonly name: string;
  /** Shape of one input sample, without the batch; `null` for sizes of any value. */
  readonly inputShape: readonly (number | null)[];
  /**
   * The value range it expects; samples of another known range are scaled to it.
   *
   * @defaultValue the range of the samples
   */
  readonly valueRange?: ValueRange | undefined;
  /** Number of features. */
  readonly featureSize: number;
  /**
   * Computes the features.
   *
   * @param samples - `[batch, ...inputShape]`; the caller keeps owning them.
   * @returns The features, and logits if there are any; the caller disposes them.
   */
  extract(samples: tf.Tensor): ExtractedFeatures;
}

/** Runs an extractor and checks its outputs. @internal */
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
      `Cannot ${action}: '${extractor.name}' must return features of shape ${formatShape(wanted)}, ` +
        `got ${formatShape(features.shape)}`,
    );
  }
  return extracted;
}

/** Refuses samples whose shape the extractor does not accept. @internal */
export function checkTakes(
  action: string,
  { name, inputShape }: FeatureExtractor,
  sampleShape: readonly number[],
): void {
  if (fitsShape(sampleShape, inputShape)) return;
  throw new RangeError(
    `Cannot ${action}: the extractor '${name}' must receive samples of shape ${formatShape(inputShape)}, ` +
      `got ${formatShape(sampleShape)}`,
  );
}

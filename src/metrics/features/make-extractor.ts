import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { checkValueRange, type ValueRange } from '../../core/value-range.ts';
import { checkModelAlive } from '../../models/layers-model.ts';
import type { FeatureExtractor } from './feature-extractor.ts';

/**
 * Settings of {@link featureExtractor}.
 *
 * @example Images of any size, in the range that the function expects
 * ```ts
 * const options: FeatureExtractorOptions = { name: 'mean color 1', inputShape: [null, null, 3], valueRange: [0, 1] };
 * const extractor = featureExtractor((images) => tf.mean(images, [1, 2]), options);
 * console.log(extractor.extract(tf.ones([2, 16, 16, 3])).features.shape); // [ 2, 3 ]
 * ```
 */
export interface FeatureExtractorOptions {
  /** Its name in reports; include the version and the layer. */
  readonly name: string;
  /** The value range the network expects; samples of another known range are scaled to it. */
  readonly valueRange?: ValueRange | undefined;
  /**
   * Name of the layer, or of the node of a graph, whose output is the features. Several axes are
   * flattened.
   *
   * @defaultValue the model's first output
   */
  readonly layer?: string | undefined;
  /**
   * Name of the layer, or of the node, whose output is the logits, before the softmax.
   *
   * @defaultValue none
   */
  readonly logits?: string | undefined;
  /**
   * Shape of one sample; required for a function, and for a graph whose input does not have it.
   *
   * @defaultValue the shape of the model's input
   */
  readonly inputShape?: readonly (number | null)[] | undefined;
}

/**
 * The sources of {@link featureExtractor}.
 *
 * @example A function that also classifies: the absolute value and the sign of a number
 * ```ts
 * const source: FeatureSource = (numbers) => [tf.abs(numbers), tf.concat([tf.neg(numbers), numbers], 1)];
 * const extractor = featureExtractor(source, { name: 'sides of zero', inputShape: [1] });
 * const { logits } = extractor.extract(tf.ones([3, 1]));
 * console.log(logits?.shape); // [ 3, 2 ]
 * ```
 */
export type FeatureSource =
  tf.LayersModel | tf.GraphModel | ((samples: tf.Tensor) => tf.Tensor | [tf.Tensor, tf.Tensor]);

/**
 * Creates an extractor from a layer of a model, from a converted graph, or from a function.
 *
 * - Memory: the caller disposes the model; the extractor has no tensors.
 *
 * @param source - A `tf.LayersModel`, a `tf.GraphModel`, or a function from samples to features, or
 *   to features and logits.
 * @param options - Its name, the layers, and the input.
 * @returns The extractor.
 * @throws TypeError if the source is none of these.
 * @throws RangeError if the model has no layer with that name or the shape of its input is unknown.
 *
 * @example The second last layer of a classifier
 * ```ts
 * const classifier = tf.sequential({
 *   layers: [
 *     tf.layers.flatten({ inputShape: [8, 8, 1] }),
 *     tf.layers.dense({ units: 16, activation: 'relu', name: 'hidden' }),
 *     tf.layers.dense({ units: 10, name: 'logits' }),
 *   ],
 * });
 * const extractor = featureExtractor(classifier, {
 *   name: 'my classifier, hidden',
 *   layer: 'hidden',
 *   logits: 'logits',
 *   valueRange: [-1, 1],
 * });
 * console.log(extractor.featureSize); // 16
 * ```
 *
 * @example InceptionV3, as for the FID of the literature, from an address
 * ```ts no-run
 * const inception = await tf.loadGraphModel('https://example.org/inception_v3/model.json');
 * const extractor = featureExtractor(
 *   (images) => tf.tidy(() => inception.predict(tf.image.resizeBilinear(images as tf.Tensor4D, [299, 299])) as tf.Tensor),
 *   { name: 'InceptionV3, pool', inputShape: [64, 64, 3], valueRange: [-1, 1] },
 * );
 * ```
 */
export function featureExtractor(
  source: FeatureSource,
  options: FeatureExtractorOptions,
): FeatureExtractor {
  const action = 'create a feature extractor';
  const { name, valueRange, layer, logits } = options;
  if (valueRange !== undefined) checkValueRange(action, 'valueRange', valueRange);
  const run = runnerOf(action, source, layer, logits);
  const inputShape = options.inputShape ?? inputShapeOf(source);
  if (inputShape === undefined) {
    throw new RangeError(
      `Cannot ${action}: inputShape must be set if the source does not have it, got none. ` +
        'Pass the shape of one sample, such as [28, 28, 1]',
    );
  }
  return {
    name,
    inputShape: [...inputShape],
    valueRange,
    featureSize: probe(action, run, inputShape),
    extract: (samples) => run(samples),
  };
}

type Run = FeatureExtractor['extract'];

function runnerOf(
  action: string,
  source: FeatureSource,
  layer: string | undefined,
  logits: string | undefined,
): Run {
  if (source instanceof tf.LayersModel) {
    const outputs = [
      layer === undefined ? source.outputs[0]! : layerOutput(action, source, layer),
      ...(logits === undefined ? [] : [layerOutput(action, source, logits)]),
    ];
    const part = tf.model({ inputs: source.inputs, outputs });
    return tidyRun((samples) => {
      checkModelAlive('extract features', 'the network', part);
      return part.apply(samples, { training: false }) as tf.Tensor;
    });
  }
  if (typeof source === 'function') return tidyRun(source);
  // A page may have TensorFlow.js without graph models, and so without their class.
  if (typeof (source as Partial<tf.GraphModel> | null)?.execute === 'function') {
    const names = [layer ?? source.outputs[0]!.name, ...(logits === undefined ? [] : [logits])];
    return tidyRun((samples) => source.execute(samples, names));
  }
  throw new TypeError(
    `Cannot ${action}: source must be a tf.LayersModel, a tf.GraphModel or a function, got ${formatValue(source)}`,
  );
}

function tidyRun(run: (samples: tf.Tensor) => tf.Tensor | tf.Tensor[]): Run {
  return (samples) =>
    tf.tidy(() => {
      // A function that returns its input must not pass on the caller's tensor.
      const own = (tensor: tf.Tensor): tf.Tensor =>
        tensor === samples ? tf.clone(tensor) : tensor;
      const [features, logits] = [run(samples)].flat().map(own);
      const flat = features!.rank > 2 ? tf.reshape(features!, [features!.shape[0], -1]) : features;
      return { features: flat as tf.Tensor2D, ...(logits && { logits: logits as tf.Tensor2D }) };
    });
}

function layerOutput(action: string, model: tf.LayersModel, name: string): tf.SymbolicTensor {
  const layer = model.layers.find((one) => one.name === name);
  if (layer !== undefined) return layer.output as tf.SymbolicTensor;
  const names = model.layers.map((one) => one.name);
  throw new RangeError(
    `Cannot ${action}: the model must have a layer named '${name}', got ${formatValue(names)}`,
  );
}

function inputShapeOf(source: FeatureSource): readonly (number | null)[] | undefined {
  if (typeof source === 'function') return undefined;
  const shape = source.inputs[0]?.shape as (number | null)[] | undefined;
  // A graph has −1 for unknown sizes.
  return shape?.slice(1).map((size) => (size === -1 ? null : size));
}

/** Number of features of one sample; unknown sizes are tried with 32. */
function probe(action: string, run: Run, inputShape: readonly (number | null)[]): number {
  const extracted = tf.tidy(() => {
    const sample = tf.zeros([1, ...inputShape.map((size) => size ?? 32)]);
    return { ...run(sample) };
  });
  const shape: readonly number[] = extracted.features.shape;
  tf.dispose([extracted.features, extracted.logits ?? []]);
  if (shape.length !== 2) {
    throw new RangeError(
      `Cannot ${action}: features must have the shape [batch, features], got [${shape.join(', ')}]`,
    );
  }
  checkPositiveInteger(action, 'the number of features', shape[1]!);
  return shape[1]!;
}

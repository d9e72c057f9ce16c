import type * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';
import { checkGivenTensor } from '../core/given-tensor.ts';
import { checkDatasetOptions } from './check-dataset-options.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { inferredShape, datasetFromArray } from './from-array.ts';
import type { InMemoryDataset } from './in-memory.ts';

/**
 * Creates a dataset from one tensor, `[samples, ...sampleShape]`.
 *
 * - Memory: the values are copied; the caller keeps owning the tensor.
 *
 * @param tensor - All samples.
 * @param options - Labels and scaling; `labels` may be a tensor too.
 * @returns The dataset.
 * @throws RangeError like {@link datasetFromArray}.
 *
 * @example Two images
 * ```ts
 * const images = tf.zeros([2, 28, 28, 1]);
 * const dataset = await datasetFromTensor(images, { labels: [3, 7] });
 * images.dispose();
 * ```
 */
export async function datasetFromTensor(
  tensor: tf.Tensor,
  options: DatasetFromTensorOptions = {},
): Promise<InMemoryDataset> {
  const { name, action } = checkDatasetOptions(options, 'tensor');
  checkGivenTensor(action, 'tensor', tensor);
  const { dtype } = tensor;
  if (dtype === 'string' || dtype === 'complex64') {
    throw new TypeError(`Cannot ${action}: tensor must have real numbers, got ${dtype}`);
  }
  const [, ...inner] = tensor.shape;
  if (inner.length === 0) {
    throw new RangeError(
      `Cannot ${action}: tensor must have the shape [samples, ...sampleShape], got ${formatShape(tensor.shape)}`,
    );
  }
  const isEmpty = tensor.shape[0] === 0;
  const { labels, sampleShape = isEmpty ? inner : inferredShape(action, inner, tensor.size) } =
    options;
  const [values, classes] = await Promise.all([
    tensor.data(),
    isTensor(labels) ? labels.data() : labels,
  ]);
  // Copied, because a backend may return its own memory, which may change.
  return datasetFromArray(Float32Array.from(values as ArrayLike<number>), {
    ...options,
    name,
    sampleShape,
    labels: classes,
  });
}

/**
 * Settings of {@link datasetFromTensor}.
 *
 * @example Labels of a classifier, in which some classes do not occur
 * ```ts
 * const images = tf.zeros([2, 8, 8, 1]);
 * const labels = tf.tidy(() => tf.tensor2d([[0.9, 0.1, 0], [0.2, 0.7, 0.1]]).argMax(1));
 * const options: DatasetFromTensorOptions = { labels, classes: 3 };
 * const judged = await datasetFromTensor(images, options);
 * console.log(judged.size, judged.classes); // 2 3
 * tf.dispose([images, labels]);
 * ```
 */
export interface DatasetFromTensorOptions extends Omit<DatasetOptions, 'labels'> {
  /**
   * The class of each sample, counted from 0: numbers, or a tensor `[samples]`, which the caller
   * keeps owning.
   */
  readonly labels?: ArrayLike<number> | tf.Tensor | undefined;
}

function isTensor(labels: DatasetFromTensorOptions['labels']): labels is tf.Tensor {
  return typeof (labels as Partial<tf.Tensor> | null | undefined)?.data === 'function';
}

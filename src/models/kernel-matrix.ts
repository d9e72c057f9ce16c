import * as tf from '@tensorflow/tfjs';
import { type ModelWeight, modelWeights } from './model-weights.ts';

/**
 * A kernel as the matrix of the literature, transposed: one column for each output,
 * `[inputs, outputs]`.
 *
 * | layer | kernel | matrix |
 * | --- | --- | --- |
 * | dense, recurrent, embedding | `[in, out]` | unchanged |
 * | convolution | `[…sides, in, out]` | `[…sides · in, out]` |
 * | transposed convolution | `[…sides, out, in]` | `[…sides · in, out]` |
 * | depthwise | `[…sides, in, multiplier]` | `[…sides, in · multiplier]` |
 * | any other, of a custom layer | `[…, out]` | `[… , out]`, all axes but the last as one |
 *
 * @internal
 */
export class KernelMatrix {
  readonly weight: ModelWeight;
  /** Number of inputs of one output. */
  readonly rows: number;
  /** Number of outputs. */
  readonly columns: number;
  readonly #shape: readonly number[];
  readonly #transposed: boolean;

  constructor(weight: ModelWeight) {
    const { shape } = weight.read();
    const [secondLast = 1, last = 1] = shape.slice(-2);
    this.weight = weight;
    this.#shape = shape;
    this.#transposed = isTransposed(weight);
    if (this.#transposed) this.columns = secondLast;
    else this.columns = weight.role === 'depthwise_kernel' ? secondLast * last : last;
    this.rows = weight.read().size / this.columns;
  }

  /** The matrix of a kernel with this shape, computed by differentiable operations. */
  toMatrix(kernel: tf.Tensor): tf.Tensor2D {
    const ordered = this.#transposed ? tf.transpose(kernel, this.#swapped()) : kernel;
    return tf.reshape(ordered, [this.rows, this.columns]);
  }

  /** The kernel of a matrix; inverse of `matrix`. */
  toKernel(matrix: tf.Tensor2D): tf.Tensor {
    if (!this.#transposed) return tf.reshape(matrix, [...this.#shape]);
    const swapped = this.#swapped();
    const ordered = tf.reshape(
      matrix,
      swapped.map((axis) => this.#shape[axis] ?? 1),
    );
    return tf.transpose(ordered, swapped);
  }

  /** The kernel's axes with the last two swapped. */
  #swapped(): number[] {
    const rank = this.#shape.length;
    return this.#shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  }
}

/**
 * All kernels of a model, including frozen ones: weights with the role kernel or embeddings, in
 * order.
 *
 * @internal
 */
export function kernelMatrices(model: tf.LayersModel): readonly KernelMatrix[] {
  return modelWeights(model)
    .filter((weight) => isKernel(weight))
    .map((weight) => new KernelMatrix(weight));
}

/** Roles of weights that scale or shift each value separately. */
const elementwise: readonly string[] = ['bias', 'gamma', 'beta', 'alpha'];

/**
 * Trained weights of at least two axes that a constraint on matrices does not include, although
 * they may be matrices: those of custom layers with other names.
 *
 * @param isTaken - Whether the constraint includes a weight, or documents that it does not.
 *
 * @internal
 */
export function leftOutMatrices(
  model: tf.LayersModel,
  isTaken: (weight: ModelWeight) => boolean,
): readonly string[] {
  return modelWeights(model)
    .filter((weight) => weight.trainable && weight.read().rank >= 2)
    .filter((weight) => !elementwise.includes(weight.role) && !isTaken(weight))
    .map(({ key }) => key);
}

/** Whether {@link kernelMatrices} includes a weight. @internal */
export function isKernel(weight: ModelWeight): boolean {
  return /(^|_)kernel$|^embeddings$/.test(weight.role) && weight.read().rank >= 2;
}

/** Whether the kernel of a weight's layer has the form `[…sides, out, in]`. @internal */
export function isTransposed(weight: Pick<ModelWeight, 'owner'>): boolean {
  return /^Conv[23]DTranspose$/.test(weight.owner.getClassName());
}

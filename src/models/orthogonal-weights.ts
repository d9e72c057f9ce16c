import * as tf from '@tensorflow/tfjs';
import { checkPositive, checkSeed, withDefaults } from '../core/checks.ts';
import { deriveSeed, Random } from '../core/random.ts';
import { kernelMatrices } from './kernel-matrix.ts';
import { checkLayersModel } from './layers-model.ts';

/**
 * Initializes each trained kernel of a model with a random orthogonal matrix, which preserves
 * norms.
 *
 * With W the kernel as a matrix, a row for each output, WWᵀ = gain²·I if there are at most as many
 * outputs as inputs, and WᵀW = gain²·I otherwise, uniformly distributed over all such matrices.
 * Kernels are those of dense, convolutional, transposed, depthwise, recurrent and embedding layers;
 * offsets and batch norm do not change. convolutional, transposed, depthwise, recurrent and
 * embedding layers; offsets and batch norm stay.
 *
 * It is computed in double precision outside of TensorFlow.js, whose own
 * `tf.initializers.orthogonal` takes about 13 seconds for 5×5 kernels from 32 to 64 filters and,
 * for a transposed convolution, makes the inputs orthogonal instead of the outputs.
 *
 * - Memory: the owner of the model keeps owning it.
 *
 * @param model - Any `tf.LayersModel`, before it is trained.
 * @param options - Gain and seed.
 * @throws TypeError if the model is not a `tf.LayersModel` of this copy of TensorFlow.js.
 * @throws RangeError if the gain is not positive.
 *
 * @example A custom critic
 * ```ts
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ inputShape: [2], units: 64, activation: 'relu' }),
 *     tf.layers.dense({ units: 1 }),
 *   ],
 * });
 * setOrthogonalWeights(model, { seed: 7 });
 * const discriminator = new Discriminator({ model });
 * ```
 *
 * @example A gain that compensates for ReLU
 * ```ts
 * const discriminator = mlpDiscriminator({ sampleShape: [2], hiddenUnits: [64, 64] });
 * const options = { gain: Math.SQRT2, seed: 7 };
 * setOrthogonalWeights(discriminator.model, options);
 * ```
 *
 * @see Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural
 * networks, 2014. {@link https://arxiv.org/abs/1312.6120}
 * @see Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2019,
 * section 3. {@link https://arxiv.org/abs/1809.11096}
 */
export function setOrthogonalWeights(
  model: tf.LayersModel,
  options: {
    /**
     * Factor of the orthogonal matrices; positive.
     *
     * @defaultValue `1`
     */
    readonly gain?: number | undefined;
    /**
     * Determines the weights.
     *
     * @defaultValue `42`
     */
    readonly seed?: number | undefined;
  } = {},
): void {
  const action = 'set orthogonal weights';
  const { gain, seed } = withDefaults(action, options, { gain: 1, seed: 42 });
  checkLayersModel(action, model);
  checkPositive(action, 'gain', gain);
  checkSeed(action, seed);
  for (const matrix of kernelMatrices(model)) {
    const { rows, columns, weight } = matrix;
    if (!weight.trainable) continue;
    const random = new Random(deriveSeed(seed, 'orthogonal', weight.key));
    const values = orthogonalMatrix(random, rows, columns).map((value) => value * gain);
    tf.tidy(() => {
      weight.restore(matrix.toKernel(tf.tensor2d(Float32Array.from(values), [rows, columns])));
    });
  }
}

/** A random matrix whose shorter side is orthonormal, `[rows, columns]` in row-major order. */
function orthogonalMatrix(random: Random, rows: number, columns: number): Float64Array {
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const vectors = Array.from({ length: count }, () =>
    Float64Array.from(random.normalArray(length)),
  );
  vectors.forEach((vector, place) => {
    // Orthogonalized twice, to remove rounding errors.
    for (let time = 0; time < 2; time += 1) {
      for (const other of vectors.slice(0, place)) addScaled(vector, other, -dot(vector, other));
    }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < length; i += 1) vector[i]! /= norm;
  });
  const matrix = new Float64Array(rows * columns);
  vectors.forEach((vector, place) => {
    if (rows < columns) matrix.set(vector, place * columns);
    else vector.forEach((value, row) => (matrix[row * columns + place] = value));
  });
  return matrix;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += a[i]! * b[i]!;
  return sum;
}

function addScaled(target: Float64Array, source: Float64Array, scale: number): void {
  for (let i = 0; i < target.length; i += 1) target[i]! += scale * source[i]!;
}

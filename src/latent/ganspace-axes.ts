import * as tf from '@tensorflow/tfjs';
import { symmetricEigen } from '../metrics/numerics/symmetric-eigen.ts';
import type { Generator } from '../models/generator.ts';
import { firstActivations } from './first-layer.ts';
import { type LatentAxis, largestEigen, unitVector } from './latent-axis.ts';
import { latentInput } from './own-options.ts';

/**
 * GANSpace: principal components of the first activations of many draws, regressed on the latents.
 *
 * @param of - Number of directions and of draws, the seed, and values of conditions.
 *
 * @internal
 */
export async function ganspaceAxes(
  action: string,
  generator: Generator,
  of: {
    readonly count: number;
    readonly samples: number;
    readonly seed: number;
    readonly given: object;
  },
): Promise<LatentAxis[]> {
  const { count, samples, seed, given } = of;
  const { latentSize } = generator;
  if (samples <= latentSize) {
    throw new RangeError(
      `Cannot ${action}: samples must be more than the ${latentSize} latents, got ${samples}`,
    );
  }
  const activations = firstActivations(action, generator);
  const { latents, table } = tf.tidy(() => {
    const inputs = generator.drawInputs(action, samples, { ...given, seed });
    return {
      latents: centered(inputs[latentInput(action, generator)]! as tf.Tensor2D),
      table: centered(activations(Object.values(inputs))),
    };
  });
  try {
    const isWide = table.shape[1] > samples;
    // The eigenvectors of XᵀX are components, those of XXᵀ the coordinates of all draws on them.
    const components = largestEigen(action, await eigenOf(table, isWide), count);
    const onLatents = await leastSquares(latents);
    const axes: LatentAxis[] = [];
    for (const { vector, share } of components) {
      const products = tf.tidy(() => {
        const column = tf.tensor2d(Float32Array.from(vector), [vector.length, 1]);
        const coordinates = isWide ? column : tf.matMul(table, column);
        return tf.matMul(latents, coordinates, true);
      });
      const slopes = onLatents(Float64Array.from(await products.data()));
      products.dispose();
      // Units that never vary leave components without a direction.
      if (slopes.some((slope) => slope !== 0)) axes.push({ vector: unitVector(slopes), share });
    }
    return axes;
  } finally {
    tf.dispose([latents, table]);
  }
}

function centered(table: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(table, tf.mean(table, 0, true));
}

async function eigenOf(
  table: tf.Tensor2D,
  ofRows: boolean,
): Promise<ReturnType<typeof symmetricEigen>> {
  const products = tf.matMul(table, table, !ofRows, ofRows);
  const matrix = Float64Array.from(await products.data());
  const [size] = products.shape;
  products.dispose();
  return symmetricEigen(matrix, size, true);
}

/**
 * A function from the products of latents with a target to the slopes of the target on the latents.
 */
async function leastSquares(
  latents: tf.Tensor2D,
): Promise<(products: Float64Array) => Float64Array> {
  const { values, vectors } = await eigenOf(latents, false);
  const size = values.length;
  const smallest = 1e-6 * Math.max(...values);
  return (products) => {
    const slopes = new Float64Array(size);
    for (const [row, value] of values.entries()) {
      // A latent that never varies has no slope.
      if (value < smallest) continue;
      const axis = vectors.subarray(row * size, (row + 1) * size);
      const share = axis.reduce((sum, one, i) => sum + one * products[i]!, 0) / value;
      for (let i = 0; i < size; i += 1) slopes[i]! += share * axis[i]!;
    }
    return slopes;
  };
}

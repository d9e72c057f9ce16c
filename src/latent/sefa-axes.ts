import * as tf from '@tensorflow/tfjs';
import { symmetricEigen } from '../metrics/numerics/symmetric-eigen.ts';
import type { Generator } from '../models/generator.ts';
import { firstWeights } from './first-layer.ts';
import { type LatentAxis, largestEigen, unitVector } from './latent-axis.ts';

/**
 * SeFa: the directions in which the outputs of the first layer change most, from its weights alone.
 *
 * @internal
 */
export async function sefaAxes(
  action: string,
  generator: Generator,
  count: number,
): Promise<LatentAxis[]> {
  const { latentSize } = generator;
  const products = tf.tidy(() => {
    const kernel = firstWeights(action, generator);
    const lengths = tf.maximum(tf.norm(kernel, 'euclidean', 0, true), 1e-12);
    const scaled = tf.div<tf.Tensor2D>(kernel, lengths);
    return tf.matMul(scaled, scaled, false, true);
  });
  const matrix = Float64Array.from(await products.data());
  products.dispose();
  const axes = largestEigen(action, symmetricEigen(matrix, latentSize, true), count);
  return axes.map(({ vector, share }) => ({ vector: unitVector(vector), share }));
}

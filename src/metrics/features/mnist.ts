/**
 * Features of handwritten digits, for judging generators of MNIST, in a module of its own because it carries the weights
 * of a network (170 kB).
 *
 * @module tfjs-gan/features/mnist
 */

import * as tf from '@tensorflow/tfjs';
import type { FeatureExtractor } from './feature-extractor.ts';
import { mnistLayers, mnistNetwork } from './mnist-network.ts';
import { mnistWeights } from './mnist-weights.ts';
import { layerTensors, type LayerNumbers, unpackWeights } from './packed-weights.ts';

/**
 * 64 features and ten logits of images of digits, by a small classifier that this library trained.
 *
 * It right-classifies 99.5 % of MNIST's test images (docs/results/metrics.md). It takes `[28, 28, 1]` in −1…1, needs no
 * download, and holds no tensors between calls, so there is nothing to dispose and the backend may change.
 *
 * @returns The extractor.
 *
 * @example Judge a generator of digits
 * ```ts
 * const digits = createDcgan({ imageShape: [28, 28, 1], baseFilters: 4, latentSize: 8, seed: 1 });
 * const images = digits.generator.sample(64, { seed: 7 });
 * const { features, logits } = mnistFeatures().extract(images);
 * console.log(features.shape, logits?.shape); // [ 64, 64 ] [ 64, 10 ]
 * ```
 */
export function mnistFeatures(): FeatureExtractor {
  let layers: readonly LayerNumbers[] | undefined;
  return {
    name: 'mnistFeatures 1',
    inputShape: [28, 28, 1],
    valueRange: [-1, 1],
    featureSize: 64,
    extract(images) {
      layers ??= unpackWeights(mnistWeights, mnistLayers);
      const numbers = layers;
      return tf.tidy(() => ({
        ...mnistNetwork(images as tf.Tensor4D, numbers.map(layerTensors)),
      }));
    },
  };
}

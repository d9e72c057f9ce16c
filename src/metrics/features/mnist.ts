/**
 * Features of handwritten digits, for evaluating generators of MNIST. A separate module, because it
 * contains the weights of a network (170 kB).
 *
 * @module tfjs-gan/features/mnist
 */

import * as tf from '@tensorflow/tfjs';
import type { FeatureExtractor } from './feature-extractor.ts';
import { mnistLayers, mnistNetwork } from './mnist-network.ts';
import { mnistWeights } from './mnist-weights.ts';
import { layerTensors, type LayerNumbers, unpackWeights } from './packed-weights.ts';

/**
 * 64 features and ten logits of images of digits, from a small classifier that this library
 * trained.
 *
 * It classifies 99.5 % of MNIST's test images correctly (docs/results/metrics.md). Its input is
 * `[28, 28, 1]` in −1…1. It needs no download and keeps no tensors between calls, so there is
 * nothing to dispose and the backend may change.
 *
 * @returns The extractor.
 *
 * @example Evaluate a generator of digits
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

/**
 * Layers for networks of one's own that few networks need.
 *
 * @module tfjs-gan/layers
 *
 * @experimental
 */

export { FourierFeatures } from './fourier-features.ts';
export { MinibatchDiscrimination } from './minibatch-discrimination.ts';

/**
 * Layers that few networks need, for networks that you build.
 *
 * @module tfjs-gan/layers
 *
 * @experimental
 */

export { FourierFeatures } from './fourier-features.ts';
export { MinibatchDiscrimination } from './minibatch-discrimination.ts';

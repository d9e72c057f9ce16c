/**
 * From one picture to another: pix2pix for pairs, CycleGAN for two collections, and the layers of their networks.
 *
 * @module tfjs-gan/image-to-image
 *
 * @experimental
 */

// layers
export { InstanceNorm } from '../../layers/image/instance-norm.ts';
export { PixelShuffle } from '../../layers/image/pixel-shuffle.ts';
export { ReflectionPadding } from '../../layers/image/reflection-padding.ts';
export { Upsampling } from '../../layers/image/upsampling.ts';

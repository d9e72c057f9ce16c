/**
 * Tools for the latent space of a trained generator: truncation, semantic directions, projection of
 * images, walks as animations.
 *
 * @module tfjs-gan/latent
 *
 * @experimental
 */

// Samples
export { truncate, type TruncateOptions } from './truncate.ts';

// Directions
export { type Direction, directions, type DirectionsOptions } from './directions.ts';

// Projection
export { type Inversion, invert, type InvertOptions } from './invert.ts';

// Animations
export { encodeApng, type EncodeApngOptions } from './encode-apng.ts';
export { slerpWalk, type SlerpWalkOptions } from './slerp-walk.ts';

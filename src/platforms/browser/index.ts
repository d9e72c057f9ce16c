/**
 * Functions for browsers: MNIST by fetch, sample grids on a canvas, and checkpoints in IndexedDB.
 *
 * @module tfjs-gan/browser
 */

// Data
export { type ImageFiles, imageFiles, type ImageFilesOptions } from './image-files.ts';
export { loadMnist, type LoadMnistOptions } from './load-mnist.ts';

// Pictures
export type { ValueRange } from '../../core/value-range.ts';
export type { ImageGridOptions } from '../../io/image-grid.ts';
export type { Color } from '../../io/picture.ts';
export type { ResizeFilter } from '../../io/resample.ts';
export type { ResizeOptions } from '../../io/resize-picture.ts';
export type { PointsOptions } from '../../io/point-plot.ts';
export { drawImageGrid } from './draw-image-grid.ts';
export { drawPoints } from './draw-points.ts';

// Checkpoints
export { indexedDbStore } from './indexed-db-store.ts';

/**
 * Functions for Node: MNIST and images from disk, the progress line, reports, and models at
 * `file://` addresses. Importing this module registers `file://` in TensorFlow.js.
 *
 * @module tfjs-gan/node
 */

// Models: importing this file registers `file://` in tfjs.
import './register-file-handler.ts';
export { fileHandler, type FileHandler } from './file-handler.ts';

// Data
export type { ImageFolder, ImageFolderOptions } from '../pictures/image-folder.ts';
export { imageFolder } from './image-folder.ts';
export {
  type ImageInspection,
  inspectImages,
  type InspectImagesOptions,
} from './inspect-images.ts';
export { loadCifar10, type LoadCifar10Options } from './load-cifar10.ts';
export { type ImagePairs, imagePairs, type ImagePairsOptions } from './image-pairs.ts';
export { loadMnist, type LoadMnistOptions } from './load-mnist.ts';

// Pictures
export type { ValueRange } from '../../core/value-range.ts';
export { imageGrid, type ImageGridOptions } from '../../io/image-grid.ts';
export type { Color, Picture } from '../../io/picture.ts';
export { decodeJpeg } from '../../io/jpeg/jpeg.ts';
export { decodePng, encodePng } from '../../io/png.ts';
export type { PointsOptions } from '../../io/point-plot.ts';
export type { ResizeFilter } from '../../io/resample.ts';
export type { ResizeOptions } from '../../io/resize-picture.ts';
export { type Curve, type CurvesOptions, drawCurves } from '../../report/curves.ts';
export { saveImageGrid } from './save-image-grid.ts';
export { savePoints } from './save-points.ts';

// Checkpoints
export { directoryStore } from './checkpoints/directory-store.ts';

// Work that several processes divide
export { mergeChunks } from './chunks/merge-chunks.ts';
export { type ChunkJob, sampleChunks } from './chunks/sample-chunks.ts';
export { type Shard, shardOf } from './shard.ts';

// Ctrl-C
export { stopOnInterrupt } from './stop-on-interrupt.ts';

// Callbacks
export { historyFile } from './callbacks/history-file.ts';
export { progress, type ProgressOptions, type ProgressStream } from './callbacks/progress.ts';
export { runFolder } from './callbacks/run-folder.ts';
export { runReport, type RunReport, type RunReportOptions } from './callbacks/run-report.ts';
export { sampleGrid, type SampleGridOptions } from './callbacks/sample-grid.ts';
export { samplePoints, type SamplePointsOptions } from './callbacks/sample-points.ts';
export { tensorBoard, type TensorBoardOptions } from './callbacks/tensor-board.ts';
export { trainingCurves } from './callbacks/training-curves.ts';
export type { ReportWarning } from '../../report/report-data.ts';
export type { ReportOptions } from './report/report-options.ts';
export {
  type ComparisonOptions,
  writeReport,
  type WriteReportOptions,
} from './report/write-report.ts';

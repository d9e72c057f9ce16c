// Models: importing this file makes tfjs understand `file://`.
import './register-file-handler.ts';
export { fileHandler, type FileHandler } from './file-handler.ts';

// Data
export { imageFolder, type ImageFolder, type ImageFolderOptions } from './image-folder.ts';
export { loadMnist, type LoadMnistOptions } from './load-mnist.ts';

// Pictures
export { saveImageGrid } from './save-image-grid.ts';

// Callbacks
export { historyFile } from './callbacks/history-file.ts';
export { progress, type ProgressOptions, type ProgressStream } from './callbacks/progress.ts';
export { sampleGrid, type SampleGridOptions } from './callbacks/sample-grid.ts';
export { trainingCurves, type TrainingCurvesOptions } from './callbacks/training-curves.ts';

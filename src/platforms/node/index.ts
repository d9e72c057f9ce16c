// Models: importing this file makes tfjs understand `file://`.
import './register-file-handler.ts';
export { fileHandler, type FileHandler } from './file-handler.ts';

// Data
export { imageFolder, type ImageFolder, type ImageFolderOptions } from './image-folder.ts';
export { loadMnist, type LoadMnistOptions } from './load-mnist.ts';

// Pictures
export { saveImageGrid } from './save-image-grid.ts';

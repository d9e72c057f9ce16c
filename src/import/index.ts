/**
 * Networks from other programs: Keras files, PyTorch weights, models of the Hugging Face Hub.
 *
 * @module tfjs-gan/import
 *
 * @experimental
 */

export { kerasFile } from './keras-file.ts';
export { setTorchWeights, type TorchWeightsOptions } from './set-torch-weights.ts';
export { hub, type HubOptions } from './hub.ts';

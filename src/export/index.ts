/**
 * Networks for other programs: ONNX files, PyTorch modules, weights as safetensors.
 *
 * @module tfjs-gan/export
 *
 * @experimental
 */

// Files
export { exportOnnx, type ExportOnnxOptions } from './onnx/export-onnx.ts';
export { exportTorch, type ExportTorchOptions } from './torch/export-torch.ts';
export { exportTorchTraining } from './torch-training/export-torch-training.ts';
export { exportWeights } from './export-weights.ts';

// Model card
export {
  type ModelCardEvaluation,
  type ModelCardOptions,
  writeModelCard,
} from './card/model-card.ts';

// Custom layers
export type { OnnxAttribute, OnnxGraph } from './onnx/onnx-graph.ts';
export type { OnnxLayer } from './onnx/onnx-layer.ts';
export type { TorchLayer } from './torch/torch-layer.ts';
export type { TorchModule, TorchWeight } from './torch/torch-module.ts';
export type { PortableLayer } from './portable-layer.ts';

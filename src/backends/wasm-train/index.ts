/**
 * This library's TensorFlow.js backend, with its settings. `useBackend('wasm-train')` needs no
 * import from here.
 *
 * @module tfjs-gan/backends/wasm-train
 */

export { wasmTrain } from './wasm-train.ts';
export type { WasmTrain, WasmTrainOptions } from './wasm-train.ts';
export type { InheritedOp } from './inherited-ops.ts';
export type { WasmTrainReport } from './wasm-train-report.ts';

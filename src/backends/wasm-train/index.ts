/**
 * The library's own TensorFlow.js backend, with its settings. `useBackend('wasm-train')` needs no import of it.
 *
 * @module tfjs-gan/backends/wasm-train
 */

export { wasmTrain } from './wasm-train.ts';
export type { WasmTrainOptions } from './wasm-train.ts';

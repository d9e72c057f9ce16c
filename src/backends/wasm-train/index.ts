export { wasmTrain } from './wasm-train.ts';
export type { WasmTrainOptions } from './wasm-train.ts';

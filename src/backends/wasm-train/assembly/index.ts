// Entry of the compiled module: every exported function is callable from TypeScript.
// Pointers come from TypeScript (memory-pool.ts); nothing here allocates.
export * from './adam';
export * from './batch-norm';
export {
  batchNormGradient,
  batchNormMoments,
  batchNormSlopes,
  batchNormSums,
} from './batch-norm-training';
export * from './binary';
export { filterGradient, filterGradientScratch, filterGradientTiles } from './conv-filter-gradient';
export { gatherMultiply, gatherScratch } from './conv-gather';
export { scatterColumns, scatterMultiply } from './conv-scatter';
export { sumTaps } from './conv-taps';
export * from './convert';
export * from './copy';
export { depthwise, depthwiseFilterGradient, depthwiseInputGradient } from './depthwise';
export * from './fill';
export * from './gather';
export { gemm, gemmScratch, packMatrix } from './gemm';
export { multiplyRowsByVector, multiplyVectorByRows } from './gemm-vector';
export * from './pool';
export * from './reduce';
export * from './resize';
export * from './softmax';
export * from './unary';
export {
  winogradFilter,
  winogradFilterGradient,
  winogradFilterSums,
  winogradTiles,
} from './winograd-filter';
export {
  winogradForward,
  winogradHigh,
  winogradLowPoints,
  winogradProducts,
  winogradScratch,
  winogradTransposed,
} from './winograd-image';

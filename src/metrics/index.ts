/**
 * Metrics for generators: pure functions on features, extractors that compute features of images,
 * and `evaluate`, which samples, extracts and repeats over seeds.
 *
 * @module tfjs-gan/metrics
 */

// Contracts
export type { Features } from './features.ts';
export type { LogitMetric, Metric, MetricAnswer } from './metric.ts';
export type { MeanAndDeviation } from './numerics/mean-and-deviation.ts';

// Evaluation of a generator
export { evaluate, type EvaluateOptions, type Evaluation } from './evaluate.ts';
export type { ClassFigures, Figure } from './figures.ts';

// Distances between distributions
export { frechetDistance } from './frechet-distance.ts';
export { kernelDistance, type KernelDistanceOptions } from './kernel-distance.ts';
export { slicedWasserstein, type SlicedWassersteinOptions } from './sliced-wasserstein.ts';
export {
  type PyramidLevelDistance,
  slicedWassersteinPyramid,
  type SlicedWassersteinPyramid,
  type SlicedWassersteinPyramidOptions,
} from './sliced-wasserstein-pyramid.ts';

// Quality and diversity
export { classifierScore } from './classifier-score.ts';
export { ganTrainTest, type GanTrainTest, type LabeledFeatures } from './gan-train-test.ts';
export { type Mixture, modeCoverage, type ModeCoverage } from './mode-coverage.ts';
export { multiScaleSsim } from './multi-scale-ssim.ts';
export { precisionRecall, type PrecisionRecall } from './precision-recall.ts';

// Pictures and their partners
export { psnr } from './psnr.ts';
export { ssim } from './ssim.ts';

// Overfitting and smoothness
export {
  discriminatorAccuracy,
  type DiscriminatorAccuracy,
  type DiscriminatorSets,
  type JudgedSet,
} from './discriminator-accuracy.ts';
export { memorization, type Memorization, type MemorizationSets } from './memorization.ts';
export {
  perceptualPathLength,
  type PerceptualPathLengthOptions,
} from './perceptual-path-length.ts';

// Extractors
export type { ExtractedFeatures, FeatureExtractor } from './features/feature-extractor.ts';
export {
  featureExtractor,
  type FeatureExtractorOptions,
  type FeatureSource,
} from './features/make-extractor.ts';

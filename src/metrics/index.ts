/**
 * Numbers that say how good a generator is: pure functions on features, the extractors that make features of images,
 * and `evaluate`, which draws, extracts and repeats over seeds.
 *
 * @module tfjs-gan/metrics
 */

// Features
export type { Features } from './features.ts';

// Known mixtures
export { type Mixture, modeCoverage, type ModeCoverage } from './mode-coverage.ts';

import type { ViteUserConfig } from 'vitest/config';
import { slowTests } from './test/support/slow-tests.ts';
import shared from './vitest.config.ts';

/**
 * What `npm run test:quick` runs: rooms whose tests compute for moments, without processes, files, browsers or training of
 * many steps. Loading TensorFlow.js anew takes most of the time, so a file more counts more than a test more. Files cannot
 * share their modules: several tests set up backends and gradients for the whole process.
 */
const config: ViteUserConfig = {
  resolve: shared.resolve ?? {},
  test: {
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: '100%',
    reporters: ['default', './test/support/count-reporter.ts'],
    include: [
      'test/architecture.test.ts',
      'test/core/**/*.test.ts',
      'test/data/**/*.test.ts',
      'test/games/**/*.test.ts',
      'test/losses/adversarial/*.test.ts',
      'test/metrics/numerics/*.test.ts',
      'test/optimizers/*.test.ts',
      'test/report/*.test.ts',
      'test/training/loop/*.test.ts',
    ],
    exclude: [...slowTests],
  },
};

export default config;

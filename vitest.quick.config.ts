import type { ViteUserConfig } from 'vitest/config';
import { sharedTests } from './test/support/shared-tests.ts';
import { slowTests } from './test/support/slow-tests.ts';
import shared, { oneProcess } from './vitest.config.ts';

/**
 * What `npm run test:quick` runs: rooms whose tests compute for moments, without processes, files, browsers or training of
 * many steps.
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
      sharedTests([
        ...['core', 'data', 'games', 'losses/adversarial', 'metrics/numerics'],
        ...['optimizers', 'report', 'training/loop'],
      ]),
    ],
    exclude: [...slowTests],
    ...oneProcess,
  },
};

export default config;

import type { ViteUserConfig } from 'vitest/config';
import { slowTests } from './test/support/slow-tests.ts';
import shared from './vitest.config.ts';

/**
 * What `npm run test:quick` runs: the rooms whose tests compute, without processes, files, browsers or long training. The
 * files of a worker share their modules, as loading TensorFlow.js takes longer than most of them.
 */
const config: ViteUserConfig = {
  resolve: shared.resolve ?? {},
  test: {
    testTimeout: 240_000,
    hookTimeout: 240_000,
    maxWorkers: '100%',
    reporters: ['default', './test/support/count-reporter.ts'],
    isolate: false,
    include: [
      'test/architecture.test.ts',
      ...['constraints', 'core', 'data', 'games', 'gradients', 'layers', 'losses'],
      ...[
        'metrics/numerics',
        'optimizers',
        'report',
        'tfjs-internals',
        'training/loop',
        'transforms',
      ],
    ].map((path) => (path.endsWith('.ts') ? path : `test/${path}/**/*.test.ts`)),
    exclude: [...slowTests],
  },
};

export default config;

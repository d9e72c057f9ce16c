import { fileURLToPath } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const config: ViteUserConfig = {
  resolve: {
    alias: [
      { find: /^tfjs-gan$/, replacement: source('./src/index.ts') },
      { find: /^tfjs-gan\/node$/, replacement: source('./src/platforms/node/index.ts') },
      { find: /^tfjs-gan\/worker$/, replacement: source('./src/platforms/worker/index.ts') },
      { find: /^tfjs-gan\/metrics$/, replacement: source('./src/metrics/index.ts') },
      {
        find: /^tfjs-gan\/features\/mnist$/,
        replacement: source('./src/metrics/features/mnist.ts'),
      },
      {
        find: /^tfjs-gan\/backends\/wasm-train$/,
        replacement: source('./src/backends/wasm-train/index.ts'),
      },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/count-reporter.ts'],
  },
};

export default config;

import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import type { TestProjectInlineConfiguration, ViteUserConfig } from 'vitest/config';
import { sharedTests } from './test/support/shared-tests.ts';
import { slowTests } from './test/support/slow-tests.ts';
import { findChromium } from './test/support/chromium.ts';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** What Chromium needs to run without a window, as any user, and with graphics that SwiftShader emulates. */
const chromiumFlags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** Files take turns in a process of each core, and find it as the first one did. */
export const oneProcess: TestProjectInlineConfiguration['test'] = {
  isolate: false,
  setupFiles: [source('./test/support/shared-process.ts')],
};

interface BrowserProjectOptions {
  /** What the server sends with each answer. */
  readonly headers: Readonly<Record<string, string>>;
  readonly include?: string[];
  readonly exclude?: string[];
}

/** Tests that run in a page of Chromium, which is looked for when they run. */
function browserProject(
  name: string,
  { headers, include, exclude }: BrowserProjectOptions,
): TestProjectInlineConfiguration {
  const executablePath = findChromium();
  return {
    extends: true,
    cacheDir: `node_modules/.vite-${name}`,
    server: { headers },
    optimizeDeps: {
      include: [
        ...['@tensorflow/tfjs', '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-webgpu'],
        ...['fast-png', 'fflate', 'pure-rand/generator/xoroshiro128plus', 'fast-check'],
      ],
    },
    test: {
      name: `chromium-${name}`,
      include: include ?? ['test/browser/**/*.page.test.ts'],
      exclude: exclude ?? [],
      globalSetup: './test/browser/saved-in-node.ts',
      fileParallelism: false,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: {
            ...(executablePath === undefined ? {} : { executablePath }),
            args: chromiumFlags,
          },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  };
}

const config: ViteUserConfig = {
  resolve: {
    alias: [
      { find: /^tfjs-gan$/, replacement: source('./src/index.ts') },
      { find: /^tfjs-gan\/node$/, replacement: source('./src/platforms/node/index.ts') },
      { find: /^tfjs-gan\/browser$/, replacement: source('./src/platforms/browser/index.ts') },
      { find: /^tfjs-gan\/worker$/, replacement: source('./src/platforms/worker/index.ts') },
      { find: /^tfjs-gan\/metrics$/, replacement: source('./src/metrics/index.ts') },
      {
        find: /^tfjs-gan\/features\/mnist$/,
        replacement: source('./src/metrics/features/mnist.ts'),
      },
      { find: /^tfjs-gan\/serve$/, replacement: source('./src/serve/index.ts') },
      { find: /^tfjs-gan\/export$/, replacement: source('./src/export/index.ts') },
      { find: /^tfjs-gan\/import$/, replacement: source('./src/import/index.ts') },
      {
        find: /^tfjs-gan\/image-to-image$/,
        replacement: source('./src/presets/image-to-image/index.ts'),
      },
      { find: /^tfjs-gan\/latent$/, replacement: source('./src/latent/index.ts') },
      { find: /^tfjs-gan\/layers$/, replacement: source('./src/layers/index.ts') },
      { find: /^tfjs-gan\/tabular$/, replacement: source('./src/presets/tabular/index.ts') },
      {
        find: /^tfjs-gan\/backends\/wasm-train$/,
        replacement: source('./src/backends/wasm-train/index.ts'),
      },
    ],
  },
  test: {
    // For tests that hang: the slowest of the others took 60 s beside much other work.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Every core: by default one is left idle, which is half of two.
    maxWorkers: '100%',
    reporters: ['default', './test/support/count-reporter.ts'],
    // `npm test` runs the first two, `npm run test:slow` the third, `npm run test:browser` the others, `npx vitest run` every one.
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/browser/**/*.page.test.ts', ...slowTests, sharedTests()],
        },
      },
      {
        extends: true,
        test: {
          name: 'node-shared',
          include: [sharedTests()],
          exclude: [...slowTests],
          ...oneProcess,
        },
      },
      {
        extends: true,
        test: { name: 'slow', include: [...slowTests] },
      },
      browserProject('isolated', {
        headers: {
          'Cross-Origin-Opener-Policy': 'same-origin',
          'Cross-Origin-Embedder-Policy': 'require-corp',
        },
        exclude: ['test/browser/not-isolated.page.test.ts'],
      }),
      browserProject('not-isolated', {
        headers: {},
        include: ['test/browser/{not-isolated,training}.page.test.ts'],
      }),
    ],
  },
};

export default config;

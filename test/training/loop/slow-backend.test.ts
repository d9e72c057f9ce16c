import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDcgan, createMlpGan, useBackend, type Gan } from 'tfjs-gan';
import { catchWarnings } from '../../support/catch-warnings.ts';

const warn = catchWarnings();

/** A fresh copy for each test: it warns once in a process. */
let warnAboutSlowBackend: (models: readonly tf.LayersModel[], batchSize: number) => void;

beforeEach(async () => {
  vi.resetModules();
  ({ warnAboutSlowBackend } = await import('../../../src/training/loop/slow-backend.ts'));
  await tf.setBackend('cpu');
});

afterEach(() => {
  vi.unstubAllGlobals();
});

/** TensorFlow.js itself warns of being in Node. */
function ourWarnings(): string[] {
  return warn.mock.calls
    .map(([text]) => String(text))
    .filter((text) => text.startsWith('tfjs-gan'));
}

function modelsOf({ generator, discriminator }: Gan): tf.LayersModel[] {
  return [generator.model, discriminator.model];
}

describe('training convolutions on the cpu backend', () => {
  test('is warned of once, though the networks are small', () => {
    using gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 1 });
    warnAboutSlowBackend(modelsOf(gan), 1);
    warnAboutSlowBackend(modelsOf(gan), 1);
    expect(ourWarnings()).toEqual([
      "tfjs-gan: training convolutions on the cpu backend. Call await useBackend('auto') first: " +
        'wasm-train can run here, and is many times faster',
    ]);
  });

  test('is reported with the length of a step, if that is long', () => {
    using gan = createDcgan({ imageShape: [28, 28, 1] });
    warnAboutSlowBackend(modelsOf(gan), 64);
    expect(ourWarnings()[0]).toMatch(
      /^tfjs-gan: training convolutions on the cpu backend, which takes about \d+ (seconds|minutes) a step for these/,
    );
  });

  test.each<[string, () => void]>([
    [
      'has no SIMD',
      () => {
        const { validate, ...others } = WebAssembly;
        vi.stubGlobal('WebAssembly', { ...others, validate: () => validate(new Uint8Array(8)) });
      },
    ],
    ['has no WebAssembly', () => void vi.stubGlobal('WebAssembly', undefined)],
  ])('is not warned of if the engine %s', (_name, stub) => {
    using gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 1 });
    stub();
    warnAboutSlowBackend(modelsOf(gan), 8);
    expect(ourWarnings()).toEqual([]);
  });

  test('is not warned of on another backend, nor are dense networks', async () => {
    using dense = createMlpGan({ sampleShape: [2] });
    warnAboutSlowBackend(modelsOf(dense), 8);
    await useBackend('wasm-train');
    using gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 1 });
    warnAboutSlowBackend(modelsOf(gan), 8);
    expect(ourWarnings()).toEqual([]);
  });
});

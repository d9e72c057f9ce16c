import { expect, test } from 'vitest';
import { useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import '@tensorflow/tfjs-backend-webgpu';

test('with cross-origin isolation wasm-train has a thread for each core', async () => {
  expect(crossOriginIsolated).toBe(true);
  const backend = wasmTrain({ threads: 2 });
  const { detail } = await useBackend(backend);
  expect(detail).toMatch(/SIMD, 2 threads$/);
  expect(backend.report()).toMatchObject({ threads: 2, why: undefined });
});

test('auto refuses the adapters that Chromium emulates', async () => {
  const { name, refused } = await useBackend('auto');
  expect(name).toBe('wasm-train');
  const reasons = Object.fromEntries(refused.map((other) => [other.name, other.reason]));
  // Nothing that a page cannot do.
  expect(reasons['tensorflow']).toBe('native TensorFlow needs Node.js');
  for (const graphics of ['webgpu', 'webgl']) {
    expect(reasons[graphics]).toMatch(/^its adapter is emulated in software \(.*swiftshader.*\)/i);
  }
});

import { expect, test } from 'vitest';
import { useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';

test('without cross-origin isolation wasm-train has one thread, and says why', async () => {
  expect(crossOriginIsolated).toBe(false);
  const backend = wasmTrain();
  const { detail } = await useBackend(backend);
  expect(detail).toMatch(
    /SIMD, 1 thread \(the page is not cross-origin isolated \(headers COOP and COEP\)\)$/,
  );
  expect(backend.report()).toMatchObject({ threads: 1 });
});

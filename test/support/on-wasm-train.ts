import { useBackend } from 'tfjs-gan';
import { afterAll, beforeAll } from 'vitest';

/** Has the tests of a file, or of a `describe`, run on `wasm-train`; those after them run on the CPU backend. */
export function onWasmTrain(): void {
  beforeAll(async () => {
    await useBackend('wasm-train');
  });
  afterAll(async () => {
    await useBackend('cpu');
  });
}

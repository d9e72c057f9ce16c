import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { Backend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';

/** A backend as it is, whatever adapter it finds. */
export function onAnyAdapter(name: string): Backend {
  return {
    name,
    isAvailable: () => Promise.resolve({ available: true }),
    activate: async () => {
      if (!(await tf.setBackend(name))) throw new Error(`${name} does not start`);
    },
  };
}

/** Every backend a page trains on here. */
export const pageBackends: Readonly<Record<string, Backend>> = {
  'wasm-train': wasmTrain(),
  webgpu: onAnyAdapter('webgpu'),
  webgl: onAnyAdapter('webgl'),
  cpu: onAnyAdapter('cpu'),
};

import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';
import type { Backend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';

/** A backend as it is, on an adapter emulated in software too, which `useBackend` refuses by name. */
export function onAnyAdapter(name: string): Backend {
  return {
    name,
    isAvailable: () => Promise.resolve({ available: true }),
    activate: async () => {
      if (!(await tf.setBackend(name))) throw new Error(`${name} does not start`);
    },
  };
}

/**
 * Every backend a page trains on here. Not `webgpu`: on the adapter that SwiftShader emulates its losses are NaN from the
 * first step, why is not known; its operations are held to the contract one by one.
 */
export const pageBackends: Readonly<Record<string, Backend>> = {
  'wasm-train': wasmTrain(),
  webgl: onAnyAdapter('webgl'),
  cpu: onAnyAdapter('cpu'),
};

import { activateRegistered, isRegistered } from './activate-registered.ts';
import type { Backend } from './backend.ts';

/**
 * TensorFlow.js in plain JavaScript: runs everywhere, many times slower than `wasm-train`.
 *
 * @internal
 */
export function cpu(): Backend {
  return {
    name: 'cpu',
    isAvailable: async () =>
      isRegistered('cpu')
        ? { available: true, detail: 'plain JavaScript, one thread' }
        : {
            available: false,
            reason: "it is not registered. Add import '@tensorflow/tfjs-backend-cpu'",
          },
    activate: () => activateRegistered('cpu'),
  };
}

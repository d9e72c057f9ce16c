import { activateRegistered, isRegistered } from './activate-registered.ts';
import type { Backend } from './backend.ts';

/**
 * Native TensorFlow, for those who import `@tensorflow/tfjs-node` themselves. This library never loads it: its
 * install downloads a binary that many networks and newer versions of Node refuse.
 *
 * @internal
 */
export function tfjsNode(): Backend {
  return {
    name: 'tensorflow',
    isAvailable: async () =>
      isRegistered('tensorflow')
        ? { available: true, detail: 'native TensorFlow, from the tfjs-node that was imported' }
        : {
            available: false,
            reason:
              "@tensorflow/tfjs-node is not imported. To use it, import '@tensorflow/tfjs-node' first",
          },
    activate: () => activateRegistered('tensorflow'),
  };
}

import { nodeProcess } from '../core/node-process.ts';
import { activateRegistered, isRegistered } from './activate-registered.ts';
import type { Backend } from './backend.ts';

/**
 * Native TensorFlow, if the program itself imports `@tensorflow/tfjs-node`. This library never
 * loads it: its installation downloads a binary, which fails on many networks and newer versions of
 * Node.
 *
 * @internal
 */
export function tfjsNode(): Backend {
  return {
    name: 'tensorflow',
    isAvailable: async () =>
      isRegistered('tensorflow')
        ? { available: true, detail: 'native TensorFlow, from the imported tfjs-node' }
        : {
            available: false,
            // In a page, nothing can be done about it.
            reason:
              nodeProcess().versions?.node === undefined
                ? 'native TensorFlow needs Node.js'
                : "@tensorflow/tfjs-node is not imported. To use it, import '@tensorflow/tfjs-node' first",
          },
    activate: () => activateRegistered('tensorflow'),
  };
}

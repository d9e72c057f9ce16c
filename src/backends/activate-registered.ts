import * as tf from '@tensorflow/tfjs';
import { BackendUnavailableError } from '../core/errors.ts';

/**
 * Makes a backend current that TensorFlow.js knows by name.
 *
 * @internal
 */
export async function activateRegistered(name: string): Promise<void> {
  if (await tf.setBackend(name)) return;
  throw new BackendUnavailableError(
    name,
    `Cannot use the ${name} backend: TensorFlow.js could not start it. Its warning above says why`,
  );
}

/**
 * Tells whether TensorFlow.js knows a backend of this name, started or not.
 *
 * @internal
 */
export function isRegistered(name: string): boolean {
  return tf.findBackendFactory(name) !== null;
}

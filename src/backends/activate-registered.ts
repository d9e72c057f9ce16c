import * as tf from '@tensorflow/tfjs';
import { BackendUnavailableError } from '../core/errors.ts';

/**
 * Makes the registered TensorFlow.js backend of this name current.
 *
 * @internal
 */
export async function activateRegistered(name: string): Promise<void> {
  if (await tf.setBackend(name)) return;
  throw new BackendUnavailableError(
    name,
    `Cannot use the ${name} backend: TensorFlow.js could not start it. See its warning above`,
  );
}

/**
 * Whether a backend of this name is registered in TensorFlow.js, started or not.
 *
 * @internal
 */
export function isRegistered(name: string): boolean {
  return tf.findBackendFactory(name) !== null;
}

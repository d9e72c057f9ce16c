import * as tf from '@tensorflow/tfjs';

/**
 * The variables that the engine of TensorFlow.js knows, by name: `registeredVariables`. A variable
 * itself does not know whether it is registered, or when it was created.
 */

/**
 * Whether a variable is registered; if not, another one may have its name, and its data may be
 * freed without a mark on it.
 *
 * @internal
 */
export function isRegistered(variable: tf.Variable): boolean {
  return tf.engine().state.registeredVariables[variable.name] === variable;
}

/** Runs a function, and frees the variables that it created if it fails. @internal */
export function freeingVariables<T>(run: () => T): T {
  const { registeredVariables } = tf.engine().state;
  const before = new Set(Object.values(registeredVariables));
  try {
    return run();
  } catch (error) {
    // Nothing else runs meanwhile, so these variables are its own.
    tf.dispose(Object.values(registeredVariables).filter((variable) => !before.has(variable)));
    throw error;
  }
}

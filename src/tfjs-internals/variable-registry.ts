import * as tf from '@tensorflow/tfjs';

/**
 * The variables that the engine of TensorFlow.js knows, by name: `registeredVariables`. A variable does not say itself
 * whether it is one of them, or when it was made.
 */

/** Whether a variable is there; if not, another may have its name, and its data may be gone without a mark on it. @internal */
export function isRegistered(variable: tf.Variable): boolean {
  return tf.engine().state.registeredVariables[variable.name] === variable;
}

/** Runs a function, and frees the variables that it made if it fails. @internal */
export function freeingVariables<T>(run: () => T): T {
  const { registeredVariables } = tf.engine().state;
  const before = new Set(Object.values(registeredVariables));
  try {
    return run();
  } catch (error) {
    // Nothing else runs meanwhile, so these are its own.
    tf.dispose(Object.values(registeredVariables).filter((variable) => !before.has(variable)));
    throw error;
  }
}

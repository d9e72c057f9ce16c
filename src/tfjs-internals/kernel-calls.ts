import * as tf from '@tensorflow/tfjs';

/** What a kernel returns. @internal */
export type KernelResult = tf.Tensor | tf.Tensor[];

/**
 * Replaces a call of a kernel; `call` is the kernel itself, on the same or on other inputs.
 *
 * @internal
 */
export type KernelReplacement = (
  kernelName: string,
  inputs: tf.NamedTensorMap,
  attributes: tf.NamedAttrMap,
  call: (inputs: tf.NamedTensorMap) => KernelResult,
) => KernelResult;

/**
 * Runs a function with replacements for all kernels that TensorFlow.js would record for a backward
 * pass. Kernels that the replacement itself calls are not replaced.
 *
 * TensorFlow.js has no hooks on kernels. All its operations call `runKernel` of its one engine;
 * calls inside another operation, which it does not record, have `state.kernelDepth` above zero.
 *
 * @internal
 */
export function replaceKernelCalls<T>(replacement: KernelReplacement, run: () => T): T {
  const engine = tf.engine();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const { runKernel } = engine;
  let isReplacing = false;
  engine.runKernel = ((kernelName, inputs, attributes) => {
    const call = (others: tf.NamedTensorMap): KernelResult =>
      runKernel.call(engine, kernelName, others, attributes);
    if (isReplacing || engine.state.kernelDepth > 0) return call(inputs);
    isReplacing = true;
    try {
      return replacement(kernelName, inputs, attributes ?? {}, call);
    } finally {
      isReplacing = false;
    }
  }) as typeof runKernel;
  try {
    return run();
  } finally {
    engine.runKernel = runKernel;
  }
}

/**
 * Runs a kernel on other inputs, from now on and for the whole process.
 *
 * Registered gradients see inputs only after TensorFlow.js has recorded them, so its engine's
 * `runKernel` is wrapped.
 *
 * @internal
 */
export function changeKernelInputs(
  kernelName: string,
  change: (inputs: tf.NamedTensorMap) => tf.NamedTensorMap,
): void {
  const engine = tf.engine();
  const original = engine.runKernel.bind(engine);
  engine.runKernel = (name, inputs, attributes) =>
    original(name, name === kernelName ? change(inputs) : inputs, attributes);
}

import * as tf from '@tensorflow/tfjs';

/** One call of an operation with a custom gradient, such as those of `tf.customGrad`. @internal */
export interface CustomCall {
  readonly kernelName?: undefined;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly forwardFunc: (backend: unknown, save: tf.GradSaveFunc) => tf.Tensor;
  readonly backwardsFunc: (
    dy: tf.Tensor,
    saved: tf.Tensor[],
  ) => Readonly<Record<string, () => tf.Tensor>>;
}

/** One call of a kernel. */
interface KernelCall {
  readonly kernelName: string;
  readonly attrs?: tf.NamedAttrMap | undefined;
}

/**
 * Replaces operations with custom gradients, from now on and for the whole process.
 *
 * No registered gradient affects these, and `tf.customGrad` may have been called before, so the
 * engine's method that runs all operations is wrapped: `runKernelFunc`, which is private in
 * TensorFlow.js. Its own operations of this kind are recognized by their scope, such as
 * `logSigmoid__op`.
 *
 * @param replace - Maps a call and the name of its scope to its replacement.
 * @param onKernel - Called for each kernel that runs.
 *
 * @internal
 */
export function replaceCustomOperations(
  replace: (call: CustomCall, scope: string) => CustomCall,
  onKernel: (kernelName: string, attributes: tf.NamedAttrMap | undefined) => void,
): void {
  const engine = tf.engine();
  const runner = engine as unknown as { runKernelFunc(call: CustomCall | KernelCall): unknown };
  const original = runner.runKernelFunc.bind(engine);
  runner.runKernelFunc = (call) => {
    if (call.kernelName === undefined) {
      return original(replace(call, engine.state.activeScope?.name ?? ''));
    }
    onKernel(call.kernelName, call.attrs);
    return original(call);
  };
}

import * as tf from '@tensorflow/tfjs';

/** One call of an operation with a gradient of its own, such as `tf.customGrad` makes. @internal */
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
 * Replaces operations with gradients of their own by others, from now on and for the whole process.
 *
 * No registered gradient reaches these, and `tf.customGrad` may have been called before, so it is the engine's method
 * which runs all operations that is wrapped: `runKernelFunc`, which TensorFlow.js calls private. Its own operations of this
 * kind are recognized by the scope they run in, such as `logSigmoid__op`.
 *
 * @param replace - From a call and the name of its scope, what runs in its place.
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

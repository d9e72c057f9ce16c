import * as tf from '@tensorflow/tfjs';
import { linkedOutput } from './linked-output.ts';

/** One call of an operation with a gradient of its own, as tfjs's engine takes it. */
interface CustomCall {
  readonly kernelName?: undefined;
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly forwardFunc: (backend: unknown, save: tf.GradSaveFunc) => tf.Tensor;
  readonly backwardsFunc: (
    dy: tf.Tensor,
    saved: tf.Tensor[],
  ) => Readonly<Record<string, () => tf.Tensor>>;
}

/** What every operation of the engine goes through; tfjs calls it private. */
interface OperationRunner {
  runKernelFunc(call: CustomCall | { readonly kernelName: string }): unknown;
}

/** What tfjs calls the scope of `tf.logSigmoid`. */
const logSigmoidScope = 'logSigmoid__op';

/**
 * Mends operations that have gradients of their own, those of users included: outputs they save are linked, so that a
 * second backward pass goes through them. tfjs makes `tf.logSoftmax` and `tf.logSigmoid` this way.
 *
 * No registered gradient reaches these, and `tf.customGrad` may have been called before, so it is the engine's method
 * which runs them that is wrapped.
 *
 * @internal
 */
export function mendCustomGradients(): void {
  const engine = tf.engine();
  const runner = engine as unknown as OperationRunner;
  const original = runner.runKernelFunc.bind(engine);
  runner.runKernelFunc = (call) => {
    if (call.kernelName !== undefined) return original(call);
    const isLogSigmoid = engine.state.activeScope?.name === logSigmoidScope;
    return original(isLogSigmoid ? logSigmoid(call) : withLinkedOutput(call));
  };
}

function withLinkedOutput(call: CustomCall): CustomCall {
  let place = -1;
  const gradient = (
    dy: tf.Tensor,
    output: tf.Tensor,
    kept: tf.Tensor[],
  ): ReturnType<CustomCall['backwardsFunc']> =>
    call.backwardsFunc(
      dy,
      kept.map((tensor, i) => (i === place ? output : tensor)),
    );
  return {
    inputs: call.inputs,
    forwardFunc: (backend, save) => {
      let saved: readonly tf.Tensor[] = [];
      const value = call.forwardFunc(backend, (tensors) => {
        saved = tensors;
        save(tensors);
      });
      place = saved.indexOf(value);
      return value;
    },
    backwardsFunc: (dy, kept) => {
      const copy = kept[place];
      if (copy === undefined) return call.backwardsFunc(dy, kept);
      const names = Object.keys(call.inputs);
      const output = linkedOutput(Object.values(call.inputs), copy, (dz, linked) => {
        const gradients = gradient(dz, linked, kept);
        return names.map((name) => gradients[name]!());
      });
      return gradient(dy, output, kept);
    },
  };
}

/**
 * tfjs's own reads its input again in the backward pass without saving it, so it throws at first order already
 * wherever it is not the first operation.
 */
function logSigmoid({ inputs }: CustomCall): CustomCall {
  return {
    inputs,
    forwardFunc: (_, save) => {
      const input = inputs['0']!;
      save([input]);
      return tf.neg(tf.softplus(tf.neg(input)));
    },
    backwardsFunc: (dy, [x]) => ({ 0: () => tf.mul(dy, tf.sigmoid(tf.neg(x!))) }),
  };
}

import * as tf from '@tensorflow/tfjs';
import { linkedOutput } from './linked-output.ts';
import { sumToShape } from './sum-to-shape.ts';

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

/** One call of a kernel. */
interface KernelCall {
  readonly kernelName: string;
  readonly attrs?: tf.NamedAttrMap | undefined;
}

/** What every operation of the engine goes through; tfjs calls it private. */
interface OperationRunner {
  runKernelFunc(call: CustomCall | KernelCall): unknown;
}

/** What tfjs calls the scope of `tf.logSigmoid`. */
const logSigmoidScope = 'logSigmoid__op';

/** What tfjs calls the scopes of its fused convolutions, and the kernels that these fuse. */
const fusedConvolutions: ReadonlyMap<string, string> = new Map([
  ['fusedConv2d__op', tf.Conv2D],
  ['fusedDepthwiseConv2d__op', tf.DepthwiseConv2dNative],
]);

/**
 * Mends operations that have gradients of their own, those of users included: outputs they save are linked, so that a
 * second backward pass goes through them. tfjs makes `tf.logSoftmax` and `tf.logSigmoid` this way, and the fused
 * convolutions that `tf.layers.conv2d` runs, whose own gradients refuse dilations.
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
  let lastFused: tf.NamedAttrMap | undefined;
  runner.runKernelFunc = (call) => {
    if (call.kernelName !== undefined) {
      if (call.kernelName.startsWith('Fused')) lastFused = call.attrs;
      return original(call);
    }
    const scope = engine.state.activeScope?.name ?? '';
    if (scope === logSigmoidScope) return original(logSigmoid(call));
    const kernelName = fusedConvolutions.get(scope);
    const linked = withLinkedOutput(call);
    if (kernelName === undefined) return original(linked);
    return original(dilatable(linked, kernelName, () => lastFused ?? {}));
  };
}

/**
 * A fused convolution whose gradient, where it is dilated, is that of the kernel it fuses; tfjs's refuses dilations.
 * What is fused under a gradient is the offset only, never an activation.
 */
function dilatable(
  call: CustomCall,
  kernelName: string,
  lastAttributes: () => tf.NamedAttrMap,
): CustomCall {
  let attributes: tf.NamedAttrMap = {};
  return {
    inputs: call.inputs,
    forwardFunc: (backend, save) => {
      const value = call.forwardFunc(backend, save);
      attributes = lastAttributes();
      return value;
    },
    backwardsFunc: (dy, saved) => {
      const rates = [attributes['dilations'] ?? 1].flat();
      if (rates.every((rate) => rate === 1)) return call.backwardsFunc(dy, saved);
      const [filter, x, , bias] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor?];
      const gradients = tf.getGradient(kernelName).gradFunc(dy, [x, filter], attributes);
      return {
        0: gradients['x']!,
        1: gradients['filter']!,
        ...(bias === undefined ? {} : { 2: () => sumToShape(dy, bias.shape) }),
      };
    },
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

import * as tf from '@tensorflow/tfjs';
import { type CustomCall, replaceCustomOperations } from '../tfjs-internals/operation-calls.ts';
import { recordIfNested } from '../tfjs-internals/tape.ts';
import { linkedCopy, linkedOutput } from './linked-output.ts';
import { sumToShape } from './sum-to-shape.ts';

/** The scope name of `tf.logSigmoid` in tfjs. */
const logSigmoidScope = 'logSigmoid__op';

/** The scope name of `tf.losses.softmaxCrossEntropy` in tfjs. */
const crossEntropyScope = 'softmaxCrossEntropy__op';

/** The scope names of tfjs's fused convolutions, and the kernels that they fuse. */
const fusedConvolutions: ReadonlyMap<string, string> = new Map([
  ['fusedConv2d__op', tf.Conv2D],
  ['fusedDepthwiseConv2d__op', tf.DepthwiseConv2dNative],
]);

/**
 * The scope name of a fused product; like the convolutions, its gradient does not use the output.
 */
const fusedMatMulScope = 'fusedMatMul__op';

/**
 * Fixes operations with custom gradients, including those of users: outputs that they save, and
 * intermediate values, are linked to the inputs, so that a second backward pass goes through them.
 * tfjs implements `tf.logSoftmax`, `tf.logSigmoid` and `tf.losses.softmaxCrossEntropy` this way,
 * and the fused convolutions of `tf.layers.conv2d`, whose gradients do not support dilation.
 *
 * @internal
 */
export function fixCustomGradients(): void {
  let lastFused: tf.NamedAttrMap | undefined;
  replaceCustomOperations(
    (call, scope) => {
      if (scope === logSigmoidScope) return logSigmoid(call);
      if (scope === crossEntropyScope) return withLinks(crossEntropy(call));
      if (scope === fusedMatMulScope) return call;
      const kernelName = fusedConvolutions.get(scope);
      if (kernelName === undefined) return withLinks(call);
      return dilatable(call, kernelName, () => lastFused ?? {});
    },
    (kernelName, attributes) => {
      if (kernelName.startsWith('Fused')) lastFused = attributes;
    },
  );
}

/**
 * A fused convolution; if it is dilated, its gradient is that of the unfused kernel, because tfjs's
 * does not support dilation. Under a gradient only the offset is fused, never an activation.
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

/** The call, with its saved intermediate values linked to its inputs. */
function withLinks(call: CustomCall): CustomCall {
  const names = Object.keys(call.inputs);
  const inputs = Object.values(call.inputs);
  let outputPlace = -1;
  /** Saved intermediate values, by position. */
  let madeOnTheWay: ReadonlyMap<number, tf.Tensor> = new Map();
  const gradients = (
    dy: tf.Tensor,
    output: tf.Tensor | undefined,
    kept: readonly tf.Tensor[],
  ): ReturnType<CustomCall['backwardsFunc']> => {
    const linked = kept.map((copy, i) => {
      if (i === outputPlace) return output!;
      const made = madeOnTheWay.get(i);
      return made === undefined ? copy : linkedCopy(copy, made);
    });
    return call.backwardsFunc(dy, linked);
  };
  return {
    inputs: call.inputs,
    forwardFunc: (backend, save) => {
      let saved: readonly tf.Tensor[] = [];
      const { value, isRecorded } = recordIfNested(() =>
        call.forwardFunc(backend, (tensors) => {
          saved = tensors;
        }),
      );
      if (saved.length > 0) save([...saved]);
      outputPlace = saved.indexOf(value);
      if (!isRecorded) return value;
      madeOnTheWay = new Map(
        [...saved.entries()].filter(([i, tensor]) => i !== outputPlace && !inputs.includes(tensor)),
      );
      // Another tensor, otherwise the gradient would flow through the operation and through its
      // parts.
      return tf.clone(value);
    },
    backwardsFunc: (dy, kept) => {
      const copy = kept[outputPlace];
      if (copy === undefined) return gradients(dy, undefined, kept);
      const output = linkedOutput(inputs, copy, (dz, again) => {
        const slopes = gradients(dz, again, kept);
        return names.map((name) => slopes[name]!());
      });
      return gradients(dy, output, kept);
    },
  };
}

/**
 * tfjs's gradient reads an input that it did not save, so it throws even at first order, unless it
 * is the first operation.
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

/** tfjs's gradient swaps those of labels and logits. */
function crossEntropy(call: CustomCall): CustomCall {
  return {
    ...call,
    backwardsFunc: (dy, saved) => ({
      ...call.backwardsFunc(dy, saved),
      0: () => tf.mul(tf.expandDims(dy, -1), tf.neg(saved[1]!)),
    }),
  };
}

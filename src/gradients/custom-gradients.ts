import * as tf from '@tensorflow/tfjs';
import { linkedOutput } from './linked-output.ts';

/** A function with a gradient of its own, as `tf.customGrad` takes it. */
type CustomFunction = Parameters<typeof tf.customGrad>[0];

/** What tfjs calls the scope of `tf.logSigmoid`. */
const logSigmoidScope = 'logSigmoid__op';

/**
 * Mends operations that have gradients of their own, those of users included: outputs they save are linked, so that a
 * second backward pass goes through them. tfjs makes `tf.logSoftmax` and `tf.logSigmoid` this way.
 *
 * No registered gradient reaches these, so the engine's `customGrad`, which they all go through, is wrapped.
 *
 * @internal
 */
export function mendCustomGradients(): void {
  const engine = tf.engine();
  const original = engine.customGrad.bind(engine);
  engine.customGrad = ((customFunction: CustomFunction) =>
    (...inputs: tf.Tensor[]) => {
      const isLogSigmoid = engine.state.activeScope?.name === logSigmoidScope;
      const mended = isLogSigmoid ? logSigmoid : withLinkedOutput(customFunction, inputs);
      return original(mended)(...inputs);
    }) as typeof engine.customGrad;
}

function withLinkedOutput(
  customFunction: CustomFunction,
  inputs: readonly tf.Tensor[],
): CustomFunction {
  return (...passed) => {
    const save = passed.at(-1) as tf.GradSaveFunc;
    let isOutput: boolean[] = [];
    let saved: readonly tf.Tensor[] = [];
    const saveAndLook = (tensors: tf.Tensor[]): void => {
      saved = tensors;
      save(tensors);
    };
    const { value, gradFunc } = customFunction(...passed.slice(0, -1), saveAndLook);
    isOutput = saved.map((tensor) => tensor === value);
    if (!isOutput.includes(true)) return { value, gradFunc };

    const gradient = (dy: tf.Tensor, output: tf.Tensor, kept: tf.Tensor[]): tf.Tensor[] =>
      [
        gradFunc(
          dy,
          kept.map((tensor, i) => (isOutput[i] === true ? output : tensor)),
        ),
      ].flat();
    return {
      value,
      gradFunc: (dy, kept) => {
        const copy = kept[isOutput.indexOf(true)]!;
        const output = linkedOutput(inputs, copy, (dz, linked) => gradient(dz, linked, kept));
        return gradient(dy, output, kept);
      },
    };
  };
}

/**
 * tfjs's own reads its input again in the backward pass without saving it, so it throws at first order already
 * wherever it is not the first operation.
 */
const logSigmoid: CustomFunction = (...passed) => {
  const [input, save] = passed as [tf.Tensor, tf.GradSaveFunc];
  save([input]);
  return {
    value: tf.neg(tf.softplus(tf.neg(input))),
    gradFunc: (dy, [x]) => tf.mul(dy, tf.sigmoid(tf.neg(x!))),
  };
};

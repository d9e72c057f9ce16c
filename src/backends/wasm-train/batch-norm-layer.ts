import * as tf from '@tensorflow/tfjs';
import { batchNormTraining, batchNormTrainingGradient } from './kernels/batch-norm-training.ts';

/** The members of tfjs's batch norm layer that are used here. */
interface BatchNormLayer extends tf.layers.Layer {
  readonly axis: number;
  readonly momentum: number;
  readonly epsilon: number;
  readonly gamma: tf.LayerVariable | null | undefined;
  readonly beta: tf.LayerVariable | null | undefined;
  readonly movingMean: tf.LayerVariable;
  readonly movingVariance: tf.LayerVariable;
}

/** Set on the class, so that two copies of this library in one program do not both patch it. */
const mark = Symbol.for('tfjs-gan: batch norm by one kernel');

/**
 * Patches every batch norm layer, including existing ones: it normalizes a training batch with one
 * kernel if the current backend has it, and otherwise as before.
 *
 * TensorFlow.js composes the layer from about ten operations and its gradient from about thirty,
 * each a pass over memory, and has no hook to replace them.
 *
 * @internal
 */
export function fuseBatchNormLayers(): void {
  const prototype = Object.getPrototypeOf(tf.layers.batchNormalization({})) as BatchNormLayer & {
    [mark]?: boolean;
  };
  if (prototype[mark] === true) return;
  prototype[mark] = true;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the layer as `this`
  const composed = prototype.call;
  prototype.call = function (this: BatchNormLayer, inputs, kwargs) {
    const x = Array.isArray(inputs) && inputs.length === 1 ? inputs[0] : inputs;
    if (kwargs['training'] !== true || !(x instanceof tf.Tensor) || !isFused(this, x)) {
      return composed.call(this, inputs, kwargs);
    }
    // Named like tfjs's own operation scopes.
    return tf.tidy('batchNormTraining__op', () => normalize(this, x));
  };
}

function isFused({ axis }: BatchNormLayer, x: tf.Tensor): boolean {
  return (
    (tf.getKernel(batchNormTraining, tf.getBackend()) as tf.KernelConfig | undefined) !==
      undefined &&
    (axis === -1 || axis === x.rank - 1) &&
    x.dtype === 'float32' &&
    x.size > 0
  );
}

function normalize(layer: BatchNormLayer, x: tf.Tensor): tf.Tensor {
  const { epsilon, momentum, gamma, beta } = layer;
  // Updates a moving statistic as tfjs does.
  const move = (variable: tf.LayerVariable, batch: tf.Tensor): void => {
    tf.tidy(() => {
      const before = variable.read();
      variable.write(tf.sub(before, tf.mul(tf.sub(before, batch), 1 - momentum)));
    });
  };
  const scale = gamma?.read();
  const offset = beta?.read();
  const weights = [scale, offset].filter((weight) => weight !== undefined);

  return tf.customGrad((...values) => {
    const save = values.at(-1) as unknown as tf.GradSaveFunc;
    const inputs = { x, ...(scale && { scale }), ...(offset && { offset }) };
    const [y, mean, variance] = tf
      .engine()
      .runKernel<tf.Tensor[]>(batchNormTraining, inputs, { epsilon }) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    move(layer.movingMean, mean);
    move(layer.movingVariance, variance);
    save([x, mean, variance, ...(scale === undefined ? [] : [scale])]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [input, center, spread, factor] = saved as [
        tf.Tensor,
        tf.Tensor,
        tf.Tensor,
        tf.Tensor?,
      ];
      const [dx, dScale, dOffset] =
        tf.engine().state.gradientDepth > 0
          ? composedGradient(dy, input, factor, epsilon)
          : fusedGradient(dy, input, center, spread, factor, epsilon);
      return [
        dx,
        ...(scale === undefined ? [] : [dScale]),
        ...(offset === undefined ? [] : [dOffset]),
      ];
    };
    return { value: y, gradFunc };
  })(x, ...weights);
}

type Gradients = [dx: tf.Tensor, dScale: tf.Tensor, dOffset: tf.Tensor];

function fusedGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  scale: tf.Tensor | undefined,
  epsilon: number,
): Gradients {
  const inputs = { dy, x, mean, variance, ...(scale && { scale }) };
  const attributes = { epsilon };
  return tf
    .engine()
    .runKernel<tf.Tensor[]>(batchNormTrainingGradient, inputs, attributes) as Gradients;
}

/** The same, composed of differentiable operations, for second-order gradients. */
function composedGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: tf.Tensor | undefined,
  epsilon: number,
): Gradients {
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const average = (values: tf.Tensor): tf.Tensor => tf.mean(values, axes);
  const centered = tf.sub(x, average(x));
  const inverse = tf.rsqrt(tf.add(average(tf.square(centered)), epsilon));
  const normal = tf.mul(centered, inverse);
  const dNormal = scale === undefined ? dy : tf.mul(dy, scale);
  const along = tf.mul(normal, average(tf.mul(dNormal, normal)));
  const dx = tf.mul(tf.sub(tf.sub(dNormal, average(dNormal)), along), inverse);
  return [dx, tf.sum(tf.mul(dy, normal), axes), tf.sum(dy, axes)];
}

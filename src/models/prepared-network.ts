import * as tf from '@tensorflow/tfjs';
import { isTapped } from '../tfjs-internals/layer-classes.ts';
import { heldValue } from '../tfjs-internals/layer-variables.ts';
import {
  activationOf,
  arrangementOf,
  batchNormWeights,
  type BatchNormWeights,
  type LayerActivation,
  type LinearLayer,
  linearLayer,
  runLinearLayer,
} from '../tfjs-internals/linear-layers.ts';
import { reusedTensor, runOptionalKernel } from '../tfjs-internals/optional-kernels.ts';
import { isRecording } from '../tfjs-internals/tape.ts';
import { columnFor } from './layers-model.ts';
import { type NetworkStep, type NetworkSteps, networkSteps, runSteps } from './network-steps.ts';

/**
 * Maximum number of samples in one pass of the network; more are computed in several passes, to
 * bound the memory.
 */
const samplesAtOnce = 256;

/** A layer with a kernel, and the layers after it that run as a part of it. */
interface FoldedStep extends NetworkStep {
  readonly linear: LinearLayer;
  readonly norm: BatchNormWeights | undefined;
  readonly activation: LayerActivation;
  /** The shape of a sample, if it differs from that of the layer. */
  readonly reshaped: readonly number[] | undefined;
}

/**
 * A model prepared for inference: layers are sorted once, batch norm is folded into the layer
 * before it, and activations run as a part of that layer if the backend can.
 *
 * Batch norm with moving statistics is linear: γ · (W·x + b − mean) / √(variance + ε) + β is a
 * layer with the kernel W · s and the offset (b − mean) · s + β, where s = γ / √(variance + ε). It
 * is folded if it directly follows a dense layer, a convolution, a transposed or a depthwise one
 * whose output nothing else reads; layers that only reshape may be between. Every other layer, also
 * a custom one, runs by its own `call`.
 *
 * The folded weights are kept from the second pass with unchanged weights on, so that a sample
 * during training leaves nothing behind; on the backend `cpu` never, because folding takes little
 * of the time of a pass in JavaScript. New weights, such as those of a training step, and new
 * settings of layers are noticed in each pass.
 *
 * @internal
 */
export class PreparedNetwork {
  readonly #model: tf.LayersModel;
  readonly #layers: NetworkSteps;
  /** What the folded weights were computed from. */
  #version: readonly unknown[] = [];
  #weights: readonly tf.Tensor[][] | undefined;

  constructor(model: tf.LayersModel) {
    this.#model = model;
    this.#layers = networkSteps(model);
  }

  /**
   * Runs the model in inference mode.
   *
   * While a gradient is recorded, or the `call` of a layer is replaced or listened to, each layer
   * runs by itself.
   *
   * @param inputs - In the model's order, with equally many rows. Labels `[batch]` are accepted for
   * an input `[batch, 1]`, the form of Keras models.
   * @param asGiven - The model's inputs whose tensors are not cast to their dtype.
   * @returns The first output; the caller owns it.
   */
  run(inputs: readonly tf.Tensor[], asGiven: readonly tf.SymbolicTensor[]): tf.Tensor {
    return tf.tidy(() => {
      const { steps, outputs } = this.#layers;
      const isPlain = isRecording() || steps.some(({ layer }) => isTapped(layer));
      const plan = { steps: isPlain ? steps : this.#current(), outputs };
      const pass = (rows: readonly tf.Tensor[]): tf.Tensor => {
        const fed = rows.map((tensor, i) => {
          const input = this.#model.inputs[i]!;
          const shaped = columnFor(input, tensor);
          const isFit = asGiven.includes(input) || tensor.dtype === input.dtype;
          return isFit ? shaped : tf.cast(shaped, input.dtype);
        });
        return runSteps(plan, fed)[0]!;
      };
      const count = inputs[0]?.shape[0] ?? 0;
      if (count <= samplesAtOnce) return pass(inputs);
      const parts = Array.from({ length: Math.ceil(count / samplesAtOnce) }, (_, part) =>
        tf.tidy(() => {
          const first = part * samplesAtOnce;
          const size = Math.min(samplesAtOnce, count - first);
          return pass(inputs.map((tensor) => tf.slice(tensor, first, size)));
        }),
      );
      return tf.concat(parts, 0);
    });
  }

  dispose(): void {
    tf.dispose((this.#weights ?? []) as tf.Tensor[][]);
    this.#weights = undefined;
    this.#version = [];
  }

  /** The steps with the current weights. */
  #current(): NetworkStep[] {
    const folded = foldSteps(this.#layers);
    const version = [tf.getBackend(), ...folded.flatMap(versionOf)];
    const isKnown = version.every((part, i) => part === this.#version[i]);
    let weights = isKnown ? this.#weights : undefined;
    if (weights === undefined) {
      this.dispose();
      this.#version = version;
      weights = folded.map((step) => ('linear' in step ? foldedWeights(step) : []));
      if (isKnown && tf.getBackend() !== 'cpu') {
        for (const tensor of weights.flat()) tf.keep(tensor);
        this.#weights = weights;
      }
    }
    return folded.map((step, i) => ('linear' in step ? withWeights(step, weights[i]!) : step));
  }
}

/** What changes when the folded weights do: tensors are immutable, so their ids do. */
function versionOf(step: NetworkStep | FoldedStep): unknown[] {
  if (!('linear' in step)) return [step.layer];
  const { linear, norm } = step;
  const { movingMean, movingVariance, gamma, beta, epsilon } = norm ?? {};
  const variables = [linear.kernel, linear.bias, movingMean, movingVariance, gamma, beta];
  return [epsilon, ...variables.map((variable) => variable && heldValue(variable).dataId)];
}

/** The kernel, and the bias if there is one, of a layer and the batch norm after it. */
function foldedWeights({ linear, norm }: FoldedStep): tf.Tensor[] {
  return tf.tidy(() => {
    const kernel = linear.kernel.read();
    const bias = linear.bias?.read();
    if (norm === undefined) return [reused(kernel), ...(bias ? [bias.clone()] : [])];
    const { movingMean, movingVariance, gamma, beta, epsilon } = norm;
    const inverse = tf.rsqrt(tf.add(movingVariance.read(), epsilon));
    const factor = gamma ? tf.mul(gamma.read(), inverse) : inverse;
    const size = tf.util.sizeFromShape([...linear.channels]);
    // A reshape between the two may have split channels.
    const all = (values: tf.Tensor): tf.Tensor => tf.tile(values, [size / values.size]);
    const factors = all(factor);
    const shift = tf.neg(tf.mul(movingMean.read(), factor));
    const own = all(beta ? tf.add(beta.read(), shift) : shift);
    return [
      reused(tf.mul(kernel, tf.reshape(factors, [...linear.channels]))),
      bias ? tf.add(tf.mul(bias, factors), own) : own,
    ];
  });
}

function reused(tensor: tf.Tensor): tf.Tensor {
  return runOptionalKernel(reusedTensor, { x: tensor }) ?? tensor.clone();
}

function withWeights(step: FoldedStep, [kernel, bias]: tf.Tensor[]): NetworkStep {
  const { layer, activation, reshaped } = step;
  const run = ([x]: tf.Tensor[]): tf.Tensor => {
    const y = runLinearLayer(layer, x!, kernel!, bias, activation);
    return reshaped === undefined ? y : tf.reshape(y, [y.shape[0], ...reshaped]);
  };
  return { ...step, run };
}

/** Merges layers with a kernel with the layers after them. */
function foldSteps({ steps, outputs }: NetworkSteps): (NetworkStep | FoldedStep)[] {
  const merged = new Set<NetworkStep>();
  return steps.flatMap((step) => {
    const linear = linearLayer(step.layer);
    if (merged.has(step)) return [];
    if (linear === undefined) return [step];
    const channels = tf.util.sizeFromShape([...linear.channels]);
    let { to, shape, hasMask } = step;
    let { activation } = linear;
    let norm: BatchNormWeights | undefined;
    let reshaped: readonly number[] | undefined;
    for (;;) {
      const readers = steps.filter(({ from }) => from.includes(to[0]!));
      const [next] = readers;
      if (next === undefined || readers.length > 1 || outputs.includes(to[0]!)) break;
      const { layer } = next;
      const isLinear = activation.getClassName() === 'linear';
      const statistics = batchNormWeights(layer, shape.length);
      const own = activationOf(layer);
      const sample = next.shape.slice(1);
      const arrangement = arrangementOf(layer);
      if (isLinear && norm === undefined && statistics && channels % (sample.at(-1) ?? 0) === 0) {
        norm = statistics;
      } else if (isLinear && own !== undefined) {
        activation = own;
      } else if (arrangement === 'reshape' && !sample.includes(null)) {
        reshaped = sample as number[];
      } else if (arrangement !== 'idle') {
        break;
      }
      merged.add(next);
      hasMask &&= next.hasMask;
      ({ to, shape } = next);
    }
    return [{ ...step, to, shape, hasMask, linear, norm, activation, reshaped }];
  });
}

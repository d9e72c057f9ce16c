import * as tf from '@tensorflow/tfjs';
import { formatValue } from '../core/format.ts';
import type { Generator } from '../models/generator.ts';
import { applyModel } from '../models/layers-model.ts';
import { usesOf } from '../tfjs-internals/layer-graph.ts';
import { latentInput } from './own-options.ts';

/** A dense layer that receives the latents, perhaps after other numbers. */
interface FirstDense {
  readonly layer: tf.layers.Layer;
  /** Row of its kernel that belongs to the first latent. */
  readonly row: number;
  readonly output: tf.SymbolicTensor;
}

/** Layers that pass latents on as they are. */
const passing: readonly string[] = ['Dropout', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout'];

/**
 * Layers that are linear in each of their numbers, at most followed by an activation of their own.
 */
const linear: readonly string[] = [
  ...['Dense', 'Reshape', 'Flatten', 'BatchNormalization', 'ConditionalBatchNorm', 'LearnedBasis'],
  ...passing,
];

/** The dense layers that receive the latents. */
function firstDense(action: string, generator: Generator): readonly FirstDense[] {
  const { model } = generator;
  const place = Object.keys(generator.inputs).indexOf(latentInput(action, generator));
  const walk = (tensor: tf.SymbolicTensor, row: number): FirstDense[] =>
    usesOf(tensor).flatMap(({ layer, inputs, outputs }) => {
      const kind = layer.getClassName();
      const [output] = outputs as [tf.SymbolicTensor];
      if (kind === 'Dense') return [{ layer, row, output }];
      if (passing.includes(kind)) return walk(output, row);
      if (kind === 'Concatenate') {
        const before = inputs.slice(0, inputs.indexOf(tensor));
        return walk(
          output,
          before.reduce((sum, { shape }) => sum + shape.at(-1)!, row),
        );
      }
      throw new RangeError(
        `Cannot ${action}: the layers that receive the latents must be dense, got ${formatValue(kind)}`,
      );
    });
  return walk(model.inputs[place]!, 0);
}

/**
 * The weights between latents and the first layer, `[latentSize, units]`; of several layers beside
 * each other.
 *
 * @throws RangeError if the latents go to another kind of layer than a dense one.
 *
 * @internal
 */
export function firstWeights(action: string, generator: Generator): tf.Tensor2D {
  const { latentSize } = generator;
  const layers = firstDense(action, generator);
  const read = (): tf.Tensor2D =>
    tf.tidy(() => {
      const kernels = layers.map(({ layer, row }) =>
        tf.slice(layer.getWeights()[0] as tf.Tensor2D, [row, 0], [latentSize, -1]),
      );
      return kernels.length === 1 ? kernels[0]! : tf.concat2d(kernels, 1);
    });
  return withAverages(generator, read);
}

/**
 * A function from the inputs of a generator to the values after its first activation,
 * `[batch, numbers]`.
 *
 * @internal
 */
export function firstActivations(
  action: string,
  generator: Generator,
): (inputs: readonly tf.Tensor[]) => tf.Tensor2D {
  const [first] = firstDense(action, generator) as [FirstDense, ...FirstDense[]];
  const outputs = afterActivation(first.layer, first.output);
  const part = tf.model({ inputs: generator.model.inputs, outputs });
  return (inputs) =>
    tf.tidy(() => {
      const run = (): tf.Tensor => applyModel(part, inputs, { training: false })[0]!;
      const values = withAverages(generator, run);
      return tf.reshape(values, [values.shape[0], -1]);
    });
}

/**
 * The output of the first layer that is not linear, or the last one before the network branches.
 */
function afterActivation(layer: tf.layers.Layer, output: tf.SymbolicTensor): tf.SymbolicTensor {
  const { activation } = layer.getConfig() as { activation?: unknown };
  const isLinear =
    linear.includes(layer.getClassName()) && [undefined, 'linear'].includes(activation as string);
  const [next, ...others] = usesOf(output);
  if (!isLinear || next === undefined || others.length > 0) return output;
  return ['Conv2D', 'Conv2DTranspose'].includes(next.layer.getClassName())
    ? output
    : afterActivation(next.layer, next.outputs[0]!);
}

function withAverages<T>(generator: Generator, run: () => T): T {
  return generator.hasEma ? generator.emaWeights().use(run) : run();
}

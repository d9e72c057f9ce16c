import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../core/random.ts';
import type { TableCodec } from '../../codecs/table/table-codec.ts';
import { Discriminator } from '../discriminator.ts';
import type { Generator } from '../generator.ts';
import { denseLayer, rowGenerator } from './table-layers.ts';

/** Sizes of the networks of CTGAN. @internal */
export interface CtganSizes {
  readonly latentSize: number;
  /** Widths of the residual layers of the generator. */
  readonly generatorUnits: readonly number[];
  /** Widths of the layers of the discriminator. */
  readonly discriminatorUnits: readonly number[];
  /** Rows that are judged together. */
  readonly pack: number;
  readonly seed: number;
}

/**
 * Latents and condition, then for each layer [relu(batch norm(dense(x))), x], then a dense layer as
 * wide as a row.
 *
 * It returns what tanh and Gumbel-softmax are applied to: the game does so in training, the codec
 * when rows are sampled.
 *
 * @internal
 */
export function ctganGenerator(codec: TableCodec, sizes: CtganSizes): Generator {
  const { latentSize, generatorUnits, seed } = sizes;
  const latents = tf.input({ shape: [latentSize] });
  const { conditionWidth, width } = codec;
  const condition = conditionWidth > 0 ? tf.input({ shape: [conditionWidth] }) : undefined;
  let top = condition === undefined ? latents : joined([latents, condition]);
  generatorUnits.forEach((units, place) => {
    const dense = denseLayer(top, units, deriveSeed(seed, 'weights', place));
    // PyTorch's batch norm, which the paper's code has: momentum 0.1 of the new value, epsilon
    // 1e-5.
    const normal = tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(dense);
    const active = tf.layers.reLU().apply(normal) as tf.SymbolicTensor;
    top = joined([active, top]);
  });
  const output = denseLayer(top, width, deriveSeed(seed, 'output'));
  const inputs = condition === undefined ? [latents] : [latents, condition];
  return rowGenerator(codec, tf.model({ inputs, outputs: output }), {
    latents: latentSize,
    ...(condition !== undefined && { condition: { size: conditionWidth } }),
  });
}

/**
 * Packs of rows with their conditions, then for each layer dense, leaky ReLU of slope 0.2 and
 * dropout of one half, then a logit.
 *
 * @internal
 */
export function ctganDiscriminator(
  codec: TableCodec,
  sizes: CtganSizes,
): Discriminator<string, string> {
  const { discriminatorUnits, pack, seed } = sizes;
  const samples = tf.input({ shape: [pack * codec.width] });
  const conditionWidth = pack * codec.conditionWidth;
  const condition = conditionWidth > 0 ? tf.input({ shape: [conditionWidth] }) : undefined;
  let top = condition === undefined ? samples : joined([samples, condition]);
  discriminatorUnits.forEach((units, place) => {
    const dense = denseLayer(top, units, deriveSeed(seed, 'weights', place));
    const leaky = tf.layers.leakyReLU({ alpha: 0.2 }).apply(dense);
    top = tf.layers.dropout({ rate: 0.5 }).apply(leaky) as tf.SymbolicTensor;
  });
  const logits = denseLayer(top, 1, deriveSeed(seed, 'output'));
  const inputs = condition === undefined ? [samples] : [samples, condition];
  return new Discriminator<string, string>({
    model: tf.model({ inputs, outputs: logits }),
    inputs: condition === undefined ? ['samples'] : ['samples', 'condition'],
    ownsModel: true,
  });
}

function joined(tensors: tf.SymbolicTensor[]): tf.SymbolicTensor {
  return tf.layers.concatenate().apply(tensors) as tf.SymbolicTensor;
}

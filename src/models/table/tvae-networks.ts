import * as tf from '@tensorflow/tfjs';
import type { TableCodec } from '../../codecs/table/table-codec.ts';
import { deriveSeed } from '../../core/random.ts';
import type { Generator } from '../generator.ts';
import type { Network } from '../network.ts';
import { LearnedDeviations } from './learned-deviations.ts';
import { denseLayer, rowGenerator } from './table-layers.ts';

/** Sizes of the networks of TVAE. @internal */
export interface TvaeSizes {
  readonly latentSize: number;
  /** Widths of the hidden layers. */
  readonly units: readonly number[];
  readonly seed: number;
}

/** The encoder of TVAE. @internal */
export type TvaeEncoder = Network<
  { readonly samples: { readonly kind: 'tensor' } },
  'means' | 'logVariances'
>;

/** Weight decay of all kernels. */
const decay = 1e-5;

/**
 * Rows, then dense layers with ReLU, then the means and the logarithms of the variances of latents.
 *
 * @internal
 */
export function tvaeEncoder(codec: TableCodec, sizes: TvaeSizes): TvaeEncoder {
  const { latentSize, units, seed } = sizes;
  const samples = tf.input({ shape: [codec.width] });
  const top = hiddenLayers(samples, units, seed);
  const outputs = ['means', 'logVariances'].map((name) =>
    denseLayer(top, latentSize, deriveSeed(seed, name), decay),
  );
  return {
    model: tf.model({ inputs: samples, outputs }),
    inputs: { samples: { kind: 'tensor' } },
    outputs: ['means', 'logVariances'],
  };
}

/**
 * Latents, then dense layers with ReLU, then a dense layer as wide as a row, and the learned
 * deviation of each number.
 *
 * @internal
 */
export function tvaeDecoder(codec: TableCodec, sizes: TvaeSizes): Generator {
  const { latentSize, units, seed } = sizes;
  const latents = tf.input({ shape: [latentSize] });
  const top = hiddenLayers(latents, units, seed);
  const row = denseLayer(top, codec.width, deriveSeed(seed, 'output'), decay);
  const count = codec.numberCount;
  const outputs =
    count === 0 ? row : (new LearnedDeviations({ count }).apply(row) as tf.SymbolicTensor);
  return rowGenerator(codec, tf.model({ inputs: latents, outputs }), { latents: latentSize });
}

function hiddenLayers(
  input: tf.SymbolicTensor,
  units: readonly number[],
  seed: number,
): tf.SymbolicTensor {
  return units.reduce((top, size, place) => {
    const dense = denseLayer(top, size, deriveSeed(seed, 'weights', place), decay);
    return tf.layers.reLU().apply(dense) as tf.SymbolicTensor;
  }, input);
}

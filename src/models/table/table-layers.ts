import * as tf from '@tensorflow/tfjs';
import type { TableCodec } from '../../codecs/table/table-codec.ts';
import { Generator } from '../generator.ts';

/**
 * A dense layer with the initial kernel of PyTorch's: uniform within ±1/√inputs.
 *
 * @param decay - Weight decay of the kernel, as in PyTorch's Adam: added to its gradient times the
 *   kernel.
 *
 * @internal
 */
export function denseLayer(
  input: tf.SymbolicTensor,
  units: number,
  seed: number,
  decay = 0,
): tf.SymbolicTensor {
  const kernelInitializer = tf.initializers.varianceScaling({
    scale: 1 / 3,
    mode: 'fanIn',
    distribution: 'uniform',
    // A seed of 0 would count as none.
    seed: seed || 1,
  });
  const regularizer = decay > 0 && { kernelRegularizer: tf.regularizers.l2({ l2: decay / 2 }) };
  const layer = tf.layers.dense({ units, kernelInitializer, ...regularizer });
  return layer.apply(input) as tf.SymbolicTensor;
}

/**
 * A generator of rows of numbers that is saved with the columns these stand for.
 *
 * @internal
 */
export function rowGenerator(
  codec: TableCodec,
  model: tf.LayersModel,
  inputs: { readonly latents: number; readonly condition?: { readonly size: number } },
): Generator {
  // As it will be read: JSON has no undefined.
  model.setUserDefinedMetadata(JSON.parse(JSON.stringify({ table: codec })) as object);
  return new Generator({ model, inputs, ownsModel: true });
}

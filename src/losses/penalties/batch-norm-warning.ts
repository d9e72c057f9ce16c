import type * as tf from '@tensorflow/tfjs';
import { ConditionalBatchNorm } from '../../layers/conditional-batch-norm.ts';
import { innermostLayers } from '../../models/layers-model.ts';

/** What a network that was warned of is known by. */
const warned = Symbol.for('tfjs-gan.warnedOfBatchNorm');

/** The batch norm layers of a network, those inside wrappers and models included. @internal */
export function batchNorms(model: tf.LayersModel): readonly tf.layers.Layer[] {
  const classNames = ['BatchNormalization', ConditionalBatchNorm.className];
  return innermostLayers(model).filter((layer) => classNames.includes(layer.getClassName()));
}

/**
 * Warns, once for a network, where a penalty on the slope at each sample meets batch norm: the answer to one sample
 * then depends on the whole batch, and so does its slope.
 *
 * @internal
 */
export function warnAboutBatchNorm(name: string, discriminator: tf.LayersModel): void {
  const [found] = batchNorms(discriminator);
  const network = discriminator as tf.LayersModel & { [warned]?: true };
  if (found === undefined || network[warned] === true) return;
  network[warned] = true;
  console.warn(
    `tfjs-gan: the penalty '${name}' holds the slope of the discriminator at each sample, but its batch norm ` +
      `('${found.name}') mixes the samples of a batch. Use tf.layers.layerNormalization() in its place, or none: ` +
      "createDcgan({ normalization: { discriminator: 'none' } }) or dcganDiscriminator({ normalization: 'none' })",
  );
}

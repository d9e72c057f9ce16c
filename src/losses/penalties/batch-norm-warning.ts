import type * as tf from '@tensorflow/tfjs';
import { ConditionalBatchNorm } from '../../layers/conditional-batch-norm.ts';
import { innermostLayers } from '../../models/layers-model.ts';

/** Marks a network that was warned about. */
const warned = Symbol.for('tfjs-gan.warnedOfBatchNorm');

/**
 * The batch norm layers of a network, including those inside wrappers and nested models.
 *
 * @internal
 */
export function batchNorms(model: tf.LayersModel): readonly tf.layers.Layer[] {
  const classNames = ['BatchNormalization', ConditionalBatchNorm.className];
  return innermostLayers(model).filter((layer) => classNames.includes(layer.getClassName()));
}

/**
 * Warns, once for a network, if a penalty on the gradient at each sample is used with batch norm:
 * the output for one sample then depends on the whole batch, and so does its gradient.
 *
 * @internal
 */
export function warnAboutBatchNorm(name: string, discriminator: tf.LayersModel): void {
  const [found] = batchNorms(discriminator);
  const network = discriminator as tf.LayersModel & { [warned]?: true };
  if (found === undefined || network[warned] === true) return;
  network[warned] = true;
  console.warn(
    `tfjs-gan: the penalty '${name}' limits the gradient norm of the discriminator at each sample, but its batch norm ` +
      `('${found.name}') mixes the samples of a batch. Use tf.layers.layerNormalization() instead, or none: ` +
      "createDcgan({ normalization: { discriminator: 'none' } }) or dcganDiscriminator({ normalization: 'none' })",
  );
}

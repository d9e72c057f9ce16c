import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../../core/random.ts';
import {
  type ClassConditioning,
  Conditioning,
  conditioningNames,
  type ConditioningOptions,
  type NoConditioning,
  type VectorConditioning,
} from '../conditioning.ts';
import type { Discriminator } from '../discriminator.ts';
import { LayerStack } from '../layer-stack.ts';
import { type MlpNetworkOptions, mlpSizes } from './mlp-options.ts';

/**
 * A fully connected discriminator: dense layers with ReLU between them, then one logit.
 *
 * Weights use He's normal initialization, which preserves the variance of activations with ReLU.
 *
 * @param options - Sizes and seed.
 * @returns A discriminator that owns its model.
 * @throws RangeError if a size is not a positive integer.
 *
 * @example For 2-D points
 * ```ts
 * const discriminator = mlpDiscriminator({ sampleShape: [2], hiddenUnits: [128, 128] });
 * discriminator.dispose();
 * ```
 *
 * @see Goodfellow et al., Generative Adversarial Networks, 2014.
 *   {@link https://arxiv.org/abs/1406.2661}
 */
export function mlpDiscriminator(
  options: MlpNetworkOptions & ClassConditioning,
): Discriminator<'labels'>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A discriminator that owns its model.
 */
export function mlpDiscriminator(
  options: MlpNetworkOptions & VectorConditioning,
): Discriminator<'condition'>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns A discriminator that owns its model.
 */
export function mlpDiscriminator(options: MlpNetworkOptions & NoConditioning): Discriminator;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A discriminator that owns its model.
 */
export function mlpDiscriminator(
  options: MlpNetworkOptions & ConditioningOptions,
): Discriminator<string, string>;
export function mlpDiscriminator(
  options: MlpNetworkOptions & ConditioningOptions,
): Discriminator<string, string> {
  const action = 'create a fully connected discriminator';
  const { hiddenUnits, seed } = mlpSizes(action, options, [512, 256], conditioningNames);
  const conditioning = Conditioning.of(action, options);
  const { sampleShape } = options;

  const stack = new LayerStack(sampleShape, conditioning);
  if (sampleShape.length !== 1) stack.add(tf.layers.flatten(stack.inputShape));
  if (conditioning?.method === 'concat') stack.condition((top, by) => by.joinedTo(top));
  hiddenUnits.forEach((units, place) => {
    stack.add(
      tf.layers.dense({
        ...stack.inputShape,
        units,
        activation: 'relu',
        kernelInitializer: tf.initializers.heNormal({ seed: deriveSeed(seed, 'weights', place) }),
      }),
    );
  });
  const initializer = (): ReturnType<typeof tf.initializers.glorotNormal> =>
    tf.initializers.glorotNormal({ seed: deriveSeed(seed, 'output') });
  return stack.discriminator(initializer, deriveSeed(seed, 'head'));
}

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
import { setOrthogonalWeights } from '../orthogonal-weights.ts';
import { type DcganNetworkOptions, type DcganSizes, dcganSizes } from './dcgan-options.ts';
import { DcganInitializers } from './initializers.ts';

/** Negative slope of the LeakyReLU in the DCGAN paper. */
const leak = 0.2;

/**
 * DCGAN's discriminator: convolutions of stride 2, then one logit.
 *
 * With f base filters, for 28×28 images (f = 64):
 *
 *     image              → [28, 28, 1]
 *     conv, LeakyReLU    → [14, 14, 64]     stride 2, no batch norm in the first layer
 *     conv, BN, LeakyReLU → [7, 7, 128]     stride 2, twice the filters at each further stage
 *     dense              → [1]              a logit
 *
 * Weights are initialized with N(0, 0.02); batch norm has momentum 0.9 and ε 1e-5. A gradient
 * penalty requires samples to be independent: set `normalization` to `'none'` or `'layer'`.
 *
 * @param options - Sizes and seed.
 * @returns A discriminator that owns its model.
 * @throws RangeError if the image's sides cannot be halved, or a size is not a positive integer.
 *
 * @example The discriminator of the MNIST tutorial
 * ```ts
 * const discriminator = dcganDiscriminator({ imageShape: [28, 28, 1], baseFilters: 64 });
 * console.log(discriminator.inputShape); // [28, 28, 1]
 * discriminator.dispose();
 * ```
 *
 * @see Radford et al., Unsupervised Representation Learning with Deep Convolutional GANs, 2016,
 * section 3. {@link https://arxiv.org/abs/1511.06434}
 */
export function dcganDiscriminator(
  options: DcganNetworkOptions & ClassConditioning,
): Discriminator<'labels'>;
/**
 * Overload for vector conditions: `{ condition: { size: 4 } }`.
 *
 * @param options - Settings, with `condition`.
 * @returns A discriminator that owns its model.
 */
export function dcganDiscriminator(
  options: DcganNetworkOptions & VectorConditioning,
): Discriminator<'condition'>;
/**
 * Overload without conditions.
 *
 * @param options - Settings.
 * @returns A discriminator that owns its model.
 */
export function dcganDiscriminator(options: DcganNetworkOptions & NoConditioning): Discriminator;
/**
 * Overload for options whose type does not show whether there is a condition.
 *
 * @param options - Settings, perhaps with a condition.
 * @returns A discriminator that owns its model.
 */
export function dcganDiscriminator(
  options: DcganNetworkOptions & ConditioningOptions,
): Discriminator<string, string>;
export function dcganDiscriminator(
  options: DcganNetworkOptions & ConditioningOptions,
): Discriminator<string, string> {
  const action = 'create a DCGAN discriminator';
  const sizes = dcganSizes(action, options, conditioningNames, true);
  return buildDiscriminator(options, sizes, Conditioning.of(action, options));
}

/** The discriminator with checked sizes and any condition. @internal */
export function buildDiscriminator(
  { imageShape }: DcganNetworkOptions,
  sizes: DcganSizes,
  conditioning: Conditioning | undefined,
): Discriminator<string, string> {
  const { stages, baseFilters, kernelSize, normalization, initializer, seed, denseUnits } = sizes;

  const weights = new DcganInitializers(seed);
  const stack = new LayerStack(imageShape, conditioning);
  if (conditioning?.method === 'concat') stack.condition((top, by) => by.joinedToImage(top));
  for (let stage = 0; stage < stages; stage += 1) {
    const bare = stage === 0 || normalization === 'none';
    stack.add(
      tf.layers.conv2d({
        ...stack.inputShape,
        filters: baseFilters * 2 ** stage,
        kernelSize,
        strides: 2,
        padding: 'same',
        kernelInitializer: weights.kernel(),
        useBias: bare,
      }),
    );
    // Created in the order of the layers, which determines the seed of each.
    if (!bare) for (const layer of weights.between(normalization)) stack.add(layer);
    stack.add(tf.layers.leakyReLU({ alpha: leak }));
  }
  stack.add(tf.layers.flatten());
  if (denseUnits !== undefined) {
    for (const layer of weights.dense(denseUnits, normalization)) stack.add(layer);
    stack.add(tf.layers.leakyReLU({ alpha: leak }));
  }
  const discriminator = stack.discriminator(() => weights.kernel(), deriveSeed(seed, 'head'));
  if (initializer === 'orthogonal') setOrthogonalWeights(discriminator.model, { seed });
  return discriminator;
}

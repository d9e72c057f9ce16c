import { checkOneOf, withDefaults } from '../core/checks.ts';
import { libraryVersion } from '../core/version.ts';
import { encodeSafetensors } from '../io/safetensors.ts';
import type { Network } from '../models/network.ts';
import { checkNetwork, readWeights } from './read-network.ts';

/**
 * Settings of {@link exportWeights}.
 *
 * @example The weights that are trained, not their averages
 * ```ts
 * const options: ExportWeightsOptions = { averaged: false };
 * const bytes = await exportWeights(generator, options);
 * ```
 */
export interface ExportWeightsOptions {
  /**
   * Whether to take the averaged weights of a generator that was trained with `ema`, as `sample` does.
   *
   * @defaultValue `true`
   */
  readonly averaged?: boolean | undefined;
}

/**
 * Writes the weights of a network as a safetensors file, by keys that stay the same from one run to the next, such as
 * `3.conv2D/kernel`: place of the layer, kind of layer, role. These are the keys of checkpoints and snapshots.
 *
 * @param network - A `Generator`, a `Discriminator` or any network; it stays as it is.
 * @param options - Which weights.
 * @returns The bytes of the file.
 * @throws TypeError if `network` is none; Error if it was disposed.
 *
 * @example What is in the file
 * ```ts
 * const { tensors } = decodeSafetensors(await exportWeights(generator));
 * console.log(Object.keys(tensors)[0]); // 0.dense/kernel
 * ```
 */
export async function exportWeights(
  network: Network,
  options: ExportWeightsOptions = {},
): Promise<Uint8Array> {
  const action = 'export weights';
  const { averaged } = withDefaults(action, options, { averaged: true });
  checkOneOf(action, 'averaged', averaged, [true, false]);
  checkNetwork(action, network);
  const weights = await readWeights(network, averaged);
  return encodeSafetensors(weights, { producer: `tfjs-gan ${libraryVersion}` });
}

import { checkOneOf, withDefaults } from '../core/checks.ts';
import { libraryVersion } from '../core/version.ts';
import { encodeSafetensors } from '../io/safetensors.ts';
import type { Network } from '../models/network.ts';
import { checkNetwork, readWeights } from './read-network.ts';

/**
 * Writes the weights of a network as a safetensors file, with keys that are stable between runs,
 * such as `3.conv2D/kernel`: position of the layer, layer type, role. Checkpoints and snapshots use
 * the same keys.
 *
 * @param network - A `Generator`, a `Discriminator` or any network; it is not modified.
 * @param options - Which weights.
 * @returns The bytes of the file.
 * @throws TypeError if `network` is not a network; Error if it was disposed.
 *
 * @example What is in the file
 * ```ts
 * const { tensors } = decodeSafetensors(await exportWeights(generator));
 * console.log(Object.keys(tensors)[0]); // 0.dense/kernel
 * ```
 */
export async function exportWeights(
  network: Network,
  options: {
    /**
     * Whether to export the averaged weights of a generator trained with `ema`, as `sample` uses.
     *
     * @defaultValue `true`
     */
    readonly averaged?: boolean | undefined;
  } = {},
): Promise<Uint8Array> {
  const action = 'export weights';
  const { averaged } = withDefaults(action, options, { averaged: true });
  checkOneOf(action, 'averaged', averaged, [true, false]);
  checkNetwork(action, network);
  const weights = await readWeights(network, averaged);
  return encodeSafetensors(weights, { producer: `tfjs-gan ${libraryVersion}` });
}

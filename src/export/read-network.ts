import type * as tf from '@tensorflow/tfjs';
import { isRecord } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import { type NamedArrays, readTensors } from '../core/named-arrays.ts';
import { Discriminator } from '../models/discriminator.ts';
import { Generator } from '../models/generator.ts';
import { checkLayersModel } from '../models/layers-model.ts';
import { modelWeights } from '../models/model-weights.ts';
import type { Network } from '../models/network.ts';

/** Refuses what is no network, or one whose weights are gone. @internal */
export function checkNetwork(action: string, network: Network): void {
  const { model, inputs, outputs } = (network ?? {}) as Partial<Network>;
  if (model === undefined || !isRecord(inputs) || !Array.isArray(outputs)) {
    throw new TypeError(
      `Cannot ${action}: network must be a Generator, a Discriminator or { model, inputs, outputs }, ` +
        `got ${formatValue(network)}${hint(network)}`,
    );
  }
  if (network instanceof Generator || network instanceof Discriminator) network.checkAlive(action);
  checkLayersModel(action, model, { manyInputs: true, manyOutputs: true });
  const names = [...Object.keys(inputs), ...(outputs as readonly string[])];
  const areTwice = new Set(outputs).size !== outputs.length;
  const counts = [Object.keys(inputs).length, outputs.length];
  const wanted = [model.inputs.length, model.outputs.length];
  if (String(counts) !== String(wanted) || areTwice) {
    throw new RangeError(
      `Cannot ${action}: network must name the model's ${wanted[0]} inputs and ${wanted[1]} outputs, each differently, ` +
        `got ${names.join(', ') || 'none'}`,
    );
  }
}

/** How to get at the network of a translator, a generator of tables or a Gan. */
function hint(given: unknown): string {
  const inner = isRecord(given) ? given['generator'] : undefined;
  return inner instanceof Generator || isRecord(inner) ? '. Pass its generator' : '';
}

/**
 * Copies the weights of a network out, by their keys.
 *
 * @param averaged - Whether to take a generator's averages, if there are any.
 *
 * @internal
 */
export function readWeights(network: Network, averaged: boolean): Promise<NamedArrays> {
  // The reads begin before the averages give back their places.
  const read = (): Promise<NamedArrays> =>
    readTensors(
      modelWeights(network.model).map((weight): readonly [string, tf.Tensor] => [
        weight.key,
        weight.read(),
      ]),
    );
  if (averaged && network instanceof Generator && network.hasEma) {
    return network.emaWeights().use(read);
  }
  return read();
}

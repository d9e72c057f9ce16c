import type { ConditionRecord } from '../models/conditions.ts';
import { Discriminator } from '../models/discriminator.ts';
import { Generator } from '../models/generator.ts';
import type { Network, NetworkInput } from '../models/network.ts';

/** What a network is, in one word. @internal */
export function kindOf(network: Network): 'generator' | 'discriminator' | 'network' {
  if (network instanceof Generator) return 'generator';
  return network instanceof Discriminator ? 'discriminator' : 'network';
}

/** What an input is for, and what a caller needs to draw it: plain data. @internal */
export function describeInput(network: Network, name: string): NetworkInput & ConditionRecord {
  const record = network instanceof Generator ? network.conditionRecords.get(name) : undefined;
  return { ...network.inputs[name]!, ...record };
}

/** Facts that a program needs to draw samples, as texts by name. @internal */
export function describeNetwork(network: Network): Readonly<Record<string, string>> {
  const kind = kindOf(network);
  if (!(network instanceof Generator)) return { kind };
  const { latentSize, latentDistribution, valueRange } = network;
  return {
    kind,
    latentSize: String(latentSize),
    latentDistribution,
    ...(valueRange !== undefined && { valueRange: JSON.stringify(valueRange) }),
  };
}

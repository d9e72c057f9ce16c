import { DataFormatError } from '../core/errors.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { groupBy } from '../core/group-by.ts';
import type { NamedArray } from '../core/named-arrays.ts';
import type { TorchEntry } from './torch-table.ts';

/** A tensor of a file, and the place it has in a network. @internal */
export interface TensorMatch {
  readonly name: string;
  readonly entry: TorchEntry;
}

/** A module of PyTorch that has tensors, or the place of one in a network. */
interface TorchModule {
  readonly name: string;
  /** Tensors by the last part of their names. */
  readonly tensors: ReadonlyMap<string, readonly number[]>;
  /** Equal for modules whose tensors have the same names and shapes. */
  readonly kind: string;
}

/**
 * Matches the modules of a PyTorch file with the layers of a network.
 *
 * @param entries - What PyTorch has for the network, by the names of this library.
 * @param tensors - The file.
 * @param names - Layers by the names of modules, as the caller gives them.
 * @throws DataFormatError if something has no counterpart, or its counterpart is ambiguous;
 *   RangeError if `names` is wrong.
 *
 * @internal
 */
export function matchModules(
  action: string,
  entries: ReadonlyMap<string, TorchEntry>,
  tensors: ReadonlyMap<string, NamedArray>,
  names: Readonly<Record<string, string>>,
): readonly TensorMatch[] {
  const places = modulesOf(entries);
  const given = modulesOf(tensors);
  const layerOf = ({ name, tensors: inner }: TorchModule): string =>
    entries.get(fullName(name, [...inner.keys()][0]!))!.key.split('/')[0]!;
  const pairs: (readonly [given: TorchModule, place: TorchModule])[] = [];
  const take = (module: TorchModule, place: TorchModule): void => {
    pairs.push([module, place]);
    given.delete(module.name);
    places.delete(place.name);
  };
  for (const [name, layer] of Object.entries(names)) {
    const module = given.get(name);
    if (module === undefined) {
      throw new RangeError(
        `Cannot ${action}: names must have modules of the file, got ${formatValue(name)}. It has ${listed(given)}`,
      );
    }
    const ofLayer = [...places.values()].filter((place) => layerOf(place) === layer);
    const place = ofLayer.find(({ kind }) => kind === module.kind);
    if (place === undefined) {
      const layers = [...new Set([...places.values()].map(layerOf))].join(', ');
      throw new RangeError(
        `Cannot ${action}: names.${name} must be a layer with ${described(module)}, got ${formatValue(layer)}. ` +
          (ofLayer.length > 0
            ? `That has ${ofLayer.map(described).join('; ')}`
            : `Layers are ${layers}`),
      );
    }
    take(module, place);
  }
  const byKind = groupBy(given.values(), ({ kind }) => kind);
  for (const [kind, layers] of groupBy(places.values(), (place) => place.kind)) {
    const modules = byKind.get(kind) ?? [];
    if (layers.length !== modules.length) continue;
    const sorted = [...modules].sort((a, b) => byNumbers(a.name, b.name));
    // Other words, such as `up.conv` and `head.conv`, do not determine the order.
    const words = new Set(modules.map(({ name }) => name.replace(/\d+/g, '#')));
    if (words.size > 1) {
      throw refuse(
        action,
        `the order of ${modules.map(({ name }) => formatValue(name)).join(', ')} must follow from numbers in their names, got other words. ` +
          `Pass names: { ${formatValue(modules[0]!.name)}: ${formatValue(layerOf(layers[0]!))}, … }`,
      );
    }
    for (const [i, place] of layers.entries()) take(sorted[i]!, place);
  }
  if (places.size > 0 || given.size > 0) {
    const left = [...given.values()].map(
      (module) => `${formatValue(module.name)} (${described(module)})`,
    );
    const open = [...places.values()].map((place) => `${layerOf(place)} (${described(place)})`);
    throw refuse(
      action,
      `each module of the file must fit a layer, got ${left.join(', ') || 'no module'} for ${open.join(', ') || 'no layer'}. ` +
        'Build the network with the layers of the PyTorch module, or pass names',
    );
  }
  return pairs.flatMap(([module, place]) =>
    [...module.tensors.keys()].map((inner): TensorMatch => ({
      name: fullName(module.name, inner),
      entry: entries.get(fullName(place.name, inner))!,
    })),
  );
}

/** Tensors by module, in their order. */
function modulesOf(
  tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): Map<string, TorchModule> {
  const modules = new Map<string, Map<string, readonly number[]>>();
  for (const [name, { shape }] of tensors) {
    const end = name.lastIndexOf('.');
    const module = name.slice(0, Math.max(0, end));
    const inner = modules.get(module) ?? new Map<string, readonly number[]>();
    modules.set(module, inner.set(name.slice(end + 1), shape));
  }
  return new Map(
    [...modules].map(([name, inner]) => {
      const module = { name, tensors: inner, kind: '' };
      return [name, { ...module, kind: described(module) }];
    }),
  );
}

function fullName(module: string, inner: string): string {
  return module === '' ? inner : `${module}.${inner}`;
}

function described({ tensors }: TorchModule): string {
  const parts = [...tensors].map(([inner, shape]) => `${inner} ${formatShape(shape)}`);
  return parts.sort().join(', ');
}

function listed(modules: ReadonlyMap<string, TorchModule>): string {
  return [...modules.keys()].map(formatValue).join(', ') || 'none';
}

/** `main.3` before `main.10`. */
function byNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => (name.match(/\d+/g) ?? []).map(Number)) as [
    number[],
    number[],
  ];
  const place = left.findIndex((number, i) => number !== right[i]);
  return place < 0 ? 0 : left[place]! - right[place]!;
}

function refuse(action: string, fault: string): DataFormatError {
  return new DataFormatError('safetensors', `Cannot ${action}: ${fault}`);
}

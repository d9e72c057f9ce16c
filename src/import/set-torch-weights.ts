import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions, isRecord, withDefaults } from '../core/checks.ts';
import { DataFormatError } from '../core/errors.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { type NamedArray, toTensor } from '../core/named-arrays.ts';
import { isUint8Array, typedArrayKind } from '../core/realms.ts';
import { checkNetwork } from '../export/read-network.ts';
import { decodeSafetensors, type SafetensorsTensor } from '../io/safetensors.ts';
import { Generator } from '../models/generator.ts';
import { modelWeights } from '../models/model-weights.ts';
import type { Network } from '../models/network.ts';
import { matchModules } from './match-modules.ts';
import { refusePickle } from './refuse-pickle.ts';
import { channelsFirstOrder, type Reorder, torchTable, type TorchEntry } from './torch-table.ts';

/**
 * Settings of {@link setTorchWeights}.
 *
 * @example Modules whose names do not tell their order
 * ```ts
 * const options: TorchWeightsOptions = { names: { 'up.conv': '3.conv2DTranspose', 'head.conv': '5.conv2DTranspose' } };
 * ```
 */
export interface TorchWeightsOptions {
  /**
   * Layers by the names of PyTorch's modules, such as `{ 'main.0': '0.dense' }`; keys of layers are
   * those of `exportWeights`. Modules that are left out are matched by the shapes of their tensors
   * and the numbers in their names.
   *
   * @defaultValue none
   */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /**
   * How the PyTorch network makes images from vectors, and vectors from images:
   * `view(-1, channels, height, width)` is channels first. Files of `exportTorch` and
   * `exportWeights` are recognized and need no setting.
   *
   * @defaultValue `'channels-first'`
   */
  readonly flatten?: 'channels-first' | 'channels-last' | undefined;
}

/**
 * Sets the weights of a network from a safetensors file that PyTorch wrote, or that `exportTorch`
 * or `exportWeights` did.
 *
 * The network must have the layers of the PyTorch module. Modules are matched with layers by the
 * shapes of their tensors; equal ones by the numbers in their names, such as `main.3` and `main.6`.
 * Axes are exchanged as required. If a module has no layer, a layer no module, or the order is
 * unclear, it throws, and the network keeps its weights.
 *
 * What a file does not have is not checked: strides, paddings, slopes, the epsilon of batch norm.
 * `ConvTranspose2d(k=4, s=2, p=1)` and `Conv2d(k=4, s=2, p=1)` are `padding: 'same'` here;
 * `Conv2d(k=3, s=2, p=1)` is not.
 *
 * - Memory: no tensors are left behind. Averages of a generator (`ema`) are dropped, so that it
 *   samples from the new weights.
 *
 * @param network - A `Generator`, a `Discriminator` or any network.
 * @param weights - The safetensors file, or tensors by name, as `decodeSafetensors` returns.
 * @param options - Names, and the order of flattened images.
 * @throws DataFormatError if the file is damaged, a pickle (`.pt`), or of another network;
 * RangeError if a layer has no counterpart in PyTorch, `names` has an unknown layer or `flatten` is
 * unknown; TypeError if `network` is not a network, `weights` are no file or tensors, or an option is
 * unknown.
 *
 * @example Weights that this library exported
 * ```ts
 * const other = createDcgan({ imageShape: [8, 8, 1], latentSize: 4, baseFilters: 2 }).generator;
 * setTorchWeights(other, await exportWeights(other));
 * ```
 *
 * @example Weights that Python saved with safetensors.torch.save_file(model.state_dict(), 'generator.safetensors')
 * ```ts no-run
 * const response = await fetch('generator.safetensors');
 * setTorchWeights(generator, new Uint8Array(await response.arrayBuffer()));
 * ```
 */
export function setTorchWeights(
  network: Network,
  weights: Uint8Array | Readonly<Record<string, Pick<SafetensorsTensor, 'shape' | 'values'>>>,
  options: TorchWeightsOptions = {},
): void {
  const action = 'set the weights';
  const { names, flatten } = withDefaults(action, options, {
    names: {},
    flatten: 'channels-first',
  });
  checkOneOf(action, 'flatten', flatten, ['channels-first', 'channels-last']);
  checkOptions(action, names, undefined, 'names');
  checkNetwork(action, network);
  const tensors = readTensors(action, weights);
  const own = modelWeights(network.model);
  const isOwn = own.length === tensors.size && own.every(({ key }) => tensors.has(key));
  const values = isOwn ? tensors : fromTorch(action, network, tensors, { names, flatten });
  for (const weight of own) {
    const { shape } = weight.read();
    const given = values.get(weight.key)!;
    if (String(given.shape) === String(shape)) continue;
    throw refuse(
      action,
      `${formatValue(weight.key)} must have the shape ${formatShape(shape)}, got ${formatShape(given.shape)}`,
    );
  }
  // Everything is checked: from here on, nothing throws half-way.
  tf.tidy(() => {
    for (const weight of own) weight.restore(toTensor(values.get(weight.key)!));
  });
  if (network instanceof Generator) network.clearEma();
}

/** The tensors as 32-bit floats, without the counters of PyTorch's batch norm. */
function readTensors(action: string, weights: unknown): ReadonlyMap<string, NamedArray> {
  if (!isUint8Array(weights) && !isRecord(weights)) {
    throw new TypeError(
      `Cannot ${action}: weights must be the bytes of a safetensors file, or its tensors by name, got ${formatValue(weights)}`,
    );
  }
  if (isUint8Array(weights)) refusePickle(weights, 'the weights');
  const tensors = isUint8Array(weights)
    ? decodeSafetensors(weights, 'the weights').tensors
    : (weights as Readonly<Record<string, Pick<SafetensorsTensor, 'shape' | 'values'>>>);
  const entries = Object.entries(tensors).filter(([name]) => !name.endsWith('num_batches_tracked'));
  return new Map(
    entries.map(([name, { shape, values }]): [string, NamedArray] => {
      const kind = typedArrayKind(values);
      if (kind !== 'Float32Array' && kind !== 'Float64Array') {
        throw refuse(
          action,
          `${formatValue(name)} must be floats, got ${kind ?? formatValue(values)}`,
        );
      }
      const size = shape.reduce((product, side) => product * side, 1);
      if (values.length !== size) {
        throw refuse(
          action,
          `${formatValue(name)} must have ${size} numbers for the shape ${formatShape(shape)}, got ${values.length}`,
        );
      }
      return [name, { shape, values: Float32Array.from(values as Float32Array) }];
    }),
  );
}

/** The weights of a network, by key, from tensors with PyTorch's names and axes. */
function fromTorch(
  action: string,
  network: Network,
  tensors: ReadonlyMap<string, NamedArray>,
  {
    names,
    flatten,
  }: { readonly names: Readonly<Record<string, string>>; readonly flatten: string },
): ReadonlyMap<string, NamedArray> {
  const table = torchTable(action, network);
  const { entries } = table;
  const isExported =
    entries.size === tensors.size && [...entries.keys()].every((name) => tensors.has(name));
  const matches = isExported
    ? [...entries].map(([name, entry]) => ({ name, entry }))
    : matchModules(action, entries, tensors, names);
  const order =
    isExported || flatten === 'channels-last'
      ? new Map<string, Reorder>()
      : channelsFirstOrder(action, table);
  const values = new Map<string, NamedArray>();
  for (const weight of modelWeights(network.model)) {
    const { shape, size } = weight.read();
    values.set(weight.key, { shape, values: new Float32Array(size) });
  }
  for (const { name, entry } of matches) {
    const { values: numbers, shape } = tensors.get(name)!;
    if (String(shape) !== String(entry.shape)) {
      throw refuse(
        action,
        `${formatValue(name)} must have the shape ${formatShape(entry.shape)}, got ${formatShape(shape)}`,
      );
    }
    const into = values.get(entry.key)?.values;
    if (into === undefined) {
      checkConstant(action, name, numbers, entry);
      continue;
    }
    const move: Reorder = order.get(entry.key) ?? ((position) => position);
    for (const [i, position] of entry.positions.entries()) into[move(position)] = numbers[i]!;
  }
  return values;
}

/** Batch norm without a scale or an offset here has one in PyTorch, which must then do nothing. */
function checkConstant(
  action: string,
  name: string,
  numbers: Float32Array,
  { key, positions }: TorchEntry,
): void {
  const wrong = numbers.find((value, i) => value !== positions[i]);
  if (wrong === undefined) return;
  throw refuse(
    action,
    `${formatValue(name)} must be ${positions[0]} everywhere, as the network has no ${key}, got ${wrong}`,
  );
}

function refuse(action: string, fault: string): DataFormatError {
  return new DataFormatError('safetensors', `Cannot ${action}: ${fault}`);
}

import { formatShape } from '../core/format.ts';
import type { NamedArray } from '../core/named-arrays.ts';
import { LayerTable } from '../export/layer-table.ts';
import { portableGraph, type PortableGraph, type PortableValue } from '../export/portable-graph.ts';
import { ClassWriter } from '../export/torch/class-writer.ts';
import { knownTorchLayers } from '../export/torch/known-layers.ts';
import type { TorchLayer } from '../export/torch/torch-layer.ts';
import { modelWeights } from '../models/model-weights.ts';
import type { Network } from '../models/network.ts';

/** A tensor that PyTorch has for a network. @internal */
export interface TorchEntry {
  /** Key of the weight it belongs to, such as `0.dense/kernel`. */
  readonly key: string;
  readonly shape: readonly number[];
  /**
   * For each of its numbers, the position in the weight; if the network has no such weight, the
   * number that it must be.
   */
  readonly positions: Float32Array;
}

/** What PyTorch has for a network. @internal */
export interface TorchTable {
  /** By the names that `exportTorch` gives. */
  readonly entries: ReadonlyMap<string, TorchEntry>;
  readonly graph: PortableGraph;
}

/**
 * Runs the export with the position of each number in place of the numbers, so that both directions
 * have one table of axes.
 *
 * @throws RangeError if a layer cannot be written for PyTorch, or a weight is too large for its
 * positions to be floats.
 *
 * @internal
 */
export function torchTable(action: string, network: Network): TorchTable {
  const positions = modelWeights(network.model).map((weight): [string, NamedArray] => {
    const { shape, size } = weight.read();
    if (size > 2 ** 24) {
      throw new RangeError(
        `Cannot ${action}: ${weight.key} must have at most ${2 ** 24} numbers, got ${formatShape(shape)}`,
      );
    }
    return [weight.key, { shape, values: Float32Array.from({ length: size }, (_, i) => i) }];
  });
  const table = new LayerTable<TorchLayer>(action, knownTorchLayers, {}, '');
  const graph = portableGraph(network, Object.fromEntries(positions), table.custom);
  table.check(graph);
  const writer = new ClassWriter(action);
  writer.write(graph, table);
  const entries = [...writer.weights].map(([name, { key, array }]): [string, TorchEntry] => [
    name,
    { key, shape: array.shape, positions: array.values },
  ]);
  return { entries: new Map(entries), graph };
}

/** Layers that treat all numbers of a vector alike, but for a weight for each. */
const pointwise: ReadonlySet<string> = new Set([
  ...['Activation', 'ReLU', 'LeakyReLU', 'ELU', 'BatchNormalization', 'PReLU', 'ThresholdedReLU'],
]);

/** How the numbers of a weight move if PyTorch flattens images with channels first. @internal */
export type Reorder = (position: number) => number;

/**
 * The weights around each Reshape to an image and each Flatten. A PyTorch network with
 * `view(-1, channels, height, width)` has these vectors in another order than this library, whose
 * images have channels last.
 *
 * @returns By the key of the weight, from its position in the order of PyTorch to that here.
 * @throws RangeError if the layers between do not tell which weights these are.
 *
 * @internal
 */
export function channelsFirstOrder(
  action: string,
  { graph }: TorchTable,
): ReadonlyMap<string, Reorder> {
  const found = new Map<string, Reorder>();
  /** The kernels of dense layers, which may have one order on each side. */
  const kernels = new Map<string, { rows?: Reorder; columns?: Reorder }>();
  const { nodes } = graph;
  const visit = (value: PortableValue, size: readonly number[], isBefore: boolean): void => {
    const next = nodes.filter(({ inputs, output }) =>
      isBefore ? output === value : inputs.includes(value),
    );
    for (const { layer, inputs, output } of next) {
      const unit = fromChannelsFirst(size);
      if (layer.kind === 'Dense') {
        const units = layer.outputShape[0]!;
        const sides = kernels.get(layer.key) ?? {};
        kernels.set(layer.key, { ...sides, [isBefore ? 'columns' : 'rows']: unit });
        found.set(`${layer.key}/kernel`, (i) => {
          const { rows = same, columns = same } = kernels.get(layer.key)!;
          return rows(Math.floor(i / units)) * units + columns(i % units);
        });
        if (isBefore) found.set(`${layer.key}/bias`, unit);
      } else if (pointwise.has(layer.kind)) {
        for (const role of Object.keys(layer.weights)) found.set(`${layer.key}/${role}`, unit);
        visit(isBefore ? inputs[0]! : output, size, isBefore);
      } else {
        throw new RangeError(
          `Cannot ${action}: a vector that is ${isBefore ? 'reshaped to' : 'flattened from'} an image must be that of a dense layer, ` +
            `got that of '${layer.name}' (${layer.kind}). If the PyTorch network keeps channels last there, pass flatten: 'channels-last'`,
        );
      }
    }
  };
  for (const { layer, inputs, output } of nodes) {
    const [from, to] = [layer.inputShapes[0] ?? [], layer.outputShape];
    const isMoved = (shape: readonly number[]): boolean =>
      shape.length === 3 && shape[2]! > 1 && shape[0]! * shape[1]! > 1;
    if (layer.kind === 'Reshape' && from.length === 1 && isMoved(to)) visit(inputs[0]!, to, true);
    const isFlat = layer.kind === 'Flatten' || (layer.kind === 'Reshape' && to.length === 1);
    if (isFlat && isMoved(from)) visit(output, from, false);
  }
  return found;
}

function same(position: number): number {
  return position;
}

function fromChannelsFirst([height = 1, width = 1, channels = 1]: readonly number[]): Reorder {
  return (position) => {
    const channel = Math.floor(position / (height * width));
    const pixel = position % (height * width);
    return pixel * channels + channel;
  };
}

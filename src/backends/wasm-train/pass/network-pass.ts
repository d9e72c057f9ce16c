import * as tf from '@tensorflow/tfjs';
import { isStockModel, isTapped, stockName } from '../../../tfjs-internals/layer-classes.ts';
import { sourceOf } from '../../../tfjs-internals/layer-graph.ts';
import type { TrainingPass } from '../../training-pass.ts';
import type { KernelHost } from '../wasm-kernel.ts';
import { LayerChain } from './layer-chain.ts';
import { planLayer } from './plan-layer.ts';

/** A layer of a model, and the tensors that it connects. */
interface Link {
  readonly layer: tf.layers.Layer;
  readonly inputs: readonly tf.SymbolicTensor[];
  readonly output: tf.SymbolicTensor;
}

/** What runs at once: planned layers, or a layer that runs itself. */
interface Part {
  readonly runner: LayerChain | tf.layers.Layer;
  readonly inputs: readonly tf.SymbolicTensor[];
  output: tf.SymbolicTensor;
}

/**
 * The pass of a model: chains of planned layers, each one operation on the tape, and between them
 * layers that run themselves, such as those that join branches.
 *
 * @internal
 */
export class NetworkPass implements TrainingPass {
  readonly keepsStatistics: boolean;
  readonly #model: tf.LayersModel;
  readonly #layers: readonly tf.layers.Layer[];
  readonly #parts: readonly Part[];

  private constructor(model: tf.LayersModel, links: readonly Link[], backend: KernelHost) {
    this.#model = model;
    this.#layers = links.map(({ layer }) => layer);
    const uses = countsOf([...links.flatMap(({ inputs }) => inputs), ...model.outputs]);
    const parts: Part[] = [];
    for (const { layer, inputs, output } of links) {
      const [input] = inputs;
      const planned = inputs.length === 1 ? planLayer(layer, input!.shape) : undefined;
      const last = parts.at(-1);
      if (planned === undefined) parts.push({ runner: layer, inputs, output });
      else if (
        last?.runner instanceof LayerChain &&
        last.output === input &&
        uses.get(input) === 1
      ) {
        last.runner.add(layer, planned);
        last.output = output;
      } else parts.push({ runner: new LayerChain(backend, layer, planned), inputs, output });
    }
    this.#parts = parts;
    this.keepsStatistics = parts.every(
      ({ runner }) => runner instanceof LayerChain || runner.nonTrainableWeights.length === 0,
    );
  }

  /**
   * The pass of a model; `undefined` for one with masks, with state between batches, or with a layer
   * that is used twice or has several outputs.
   */
  static of(model: tf.LayersModel, backend: KernelHost): NetworkPass | undefined {
    if (!isStockModel(model)) return undefined;
    const links = linksOf(model);
    if (links === undefined) return undefined;
    const pass = new NetworkPass(model, links, backend);
    const isPlain = pass.#parts.every(
      ({ runner }) => runner instanceof LayerChain || isSimple(runner),
    );
    return isPlain ? pass : undefined;
  }

  canRun(inputs: readonly tf.Tensor[]): boolean {
    const { gradientDepth, kernelDepth, profiling } = tf.engine().state;
    const isPlain = gradientDepth <= 1 && kernelDepth === 0 && !profiling;
    return (
      isPlain &&
      !tf.env().getBool('DEBUG') &&
      inputs.length === this.#model.inputs.length &&
      inputs.every((x, i) => fits(x, this.#model.inputs[i]!)) &&
      !this.#layers.some(isTapped)
    );
  }

  run(inputs: readonly tf.Tensor[], moves: boolean): readonly tf.Tensor[] {
    const { inputs: names, outputs } = this.#model;
    return tf.tidy(() => {
      const values = new Map(names.map((name, i) => [name, inputs[i]!]));
      for (const { runner, inputs: from, output } of this.#parts) {
        const given = from.map((name) => values.get(name)!);
        const made =
          runner instanceof LayerChain
            ? runner.run(given[0]!, moves)
            : runner.apply(given, { training: true });
        values.set(output, [made].flat()[0] as tf.Tensor);
      }
      return outputs.map((name) => values.get(name)!);
    });
  }
}

/**
 * The layers between the inputs and the outputs, in the order in which TensorFlow.js runs them: the
 * last input of a layer first. The order of sums of gradients depends on it.
 *
 * @returns `undefined` if a layer is used twice, or has several outputs.
 */
function linksOf(model: tf.LayersModel): readonly Link[] | undefined {
  const seen = new Set(model.inputs);
  const links: Link[] = [];
  const visit = (output: tf.SymbolicTensor): void => {
    if (seen.has(output)) return;
    seen.add(output);
    const { layer, inputs } = sourceOf(output);
    for (const input of [...inputs].reverse()) visit(input);
    links.push({ layer, inputs, output });
  };
  for (const output of model.outputs) visit(output);
  const isOnce = new Set(links.map(({ layer }) => layer)).size === links.length;
  const isSingle = links.every(({ output }) => sourceOf(output).outputs.length === 1);
  return isOnce && isSingle && links.length > 0 ? links : undefined;
}

function countsOf<T>(items: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** Whether a tensor is one that TensorFlow.js would neither refuse nor convert. */
function fits(x: tf.Tensor, { shape, dtype }: tf.SymbolicTensor): boolean {
  const isShape =
    x.rank === shape.length && shape.every((size, axis) => size === null || size === x.shape[axis]);
  return isShape && x.dtype === dtype && x.size > 0;
}

/** Layers of TensorFlow.js that make a mask of the masks of their inputs only. */
const joins: readonly string[] = [
  'Add',
  'Average',
  'Concatenate',
  'Dot',
  'Maximum',
  'Minimum',
  'Multiply',
];

/** Whether a layer that runs itself needs nothing but its inputs, and makes no mask. */
function isSimple(layer: tf.layers.Layer): boolean {
  if (joins.includes(stockName(layer) ?? '')) return true;
  const { stateful, supportsMasking, computeMask } = layer as unknown as {
    readonly stateful: boolean;
    readonly supportsMasking: boolean;
    readonly computeMask: unknown;
  };
  const { computeMask: passing } = tf.layers.Layer.prototype as { readonly computeMask?: unknown };
  return !stateful && (!supportsMasking || computeMask === passing);
}

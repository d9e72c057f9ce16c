import * as tf from '@tensorflow/tfjs';
import { isStockModel, isTapped } from '../../../tfjs-internals/layer-classes.ts';
import { sourceOf } from '../../../tfjs-internals/layer-graph.ts';
import type { TrainingPass } from '../../training-pass.ts';
import type { KernelHost } from '../wasm-kernel.ts';
import { LayerChain } from './layer-chain.ts';
import { planLayer } from './plan-layer.ts';

/** A layer of a model, and the shape of its input. */
interface Link {
  readonly layer: tf.layers.Layer;
  readonly shape: readonly (number | null)[];
}

/**
 * The pass of a model whose layers form a chain: runs of planned layers, each one operation on the
 * tape, and between them layers that run themselves.
 *
 * @internal
 */
export class NetworkPass implements TrainingPass {
  readonly isWhole: boolean;
  readonly #shape: readonly (number | null)[];
  readonly #layers: readonly tf.layers.Layer[];
  readonly #parts: readonly (LayerChain | tf.layers.Layer)[];

  private constructor(links: readonly Link[], backend: KernelHost) {
    this.#shape = links[0]!.shape;
    this.#layers = links.map(({ layer }) => layer);
    const parts: (LayerChain | tf.layers.Layer)[] = [];
    for (const { layer, shape } of links) {
      const planned = planLayer(layer, shape);
      const last = parts.at(-1);
      if (planned === undefined) parts.push(layer);
      else if (last instanceof LayerChain) last.add(layer, planned);
      else parts.push(new LayerChain(backend, layer, planned));
    }
    this.#parts = parts;
    this.isWhole = parts.length === 1 && parts[0] instanceof LayerChain;
  }

  /** The pass of a model; `undefined` for one with branches, masks or state between batches. */
  static of(model: tf.LayersModel, backend: KernelHost): NetworkPass | undefined {
    const links = linksOf(model);
    if (links === undefined) return undefined;
    const pass = new NetworkPass(links, backend);
    const isPlain = pass.#parts.every((part) => part instanceof LayerChain || isSimple(part));
    return isPlain ? pass : undefined;
  }

  canRun(x: tf.Tensor): boolean {
    const { gradientDepth, kernelDepth, profiling } = tf.engine().state;
    const isPlain = gradientDepth <= 1 && kernelDepth === 0 && !profiling;
    return (
      isPlain &&
      !tf.env().getBool('DEBUG') &&
      x.dtype === 'float32' &&
      x.size > 0 &&
      x.rank === this.#shape.length &&
      this.#shape.every((size, axis) => size === null || size === x.shape[axis]) &&
      !this.#layers.some(isTapped)
    );
  }

  run(x: tf.Tensor, moves: boolean): tf.Tensor {
    return tf.tidy(() =>
      this.#parts.reduce<tf.Tensor>(
        (value, part) =>
          part instanceof LayerChain
            ? part.run(value, moves)
            : (part.apply(value, { training: true }) as tf.Tensor),
        x,
      ),
    );
  }
}

/**
 * The layers from the input to the output; `undefined` if they are no chain of different layers.
 */
function linksOf(model: tf.LayersModel): readonly Link[] | undefined {
  const [input, output] = [model.inputs[0], model.outputs[0]];
  const isOne = model.inputs.length === 1 && model.outputs.length === 1;
  if (!isOne || !isStockModel(model) || (input?.dtype ?? 'float32') !== 'float32') return undefined;
  const links: Link[] = [];
  for (let tensor = output; tensor !== input;) {
    const { layer, use, inputs } = sourceOf(tensor!);
    const [from] = inputs;
    const isLink = inputs.length === 1 && layer.inboundNodes[use]?.outputTensors.length === 1;
    if (!isLink || links.some((link) => link.layer === layer)) return undefined;
    links.unshift({ layer, shape: from!.shape });
    tensor = from;
  }
  return links.length === 0 ? undefined : links;
}

/** Whether a layer that runs itself needs nothing but its input, and makes no mask. */
function isSimple(layer: tf.layers.Layer): boolean {
  const { stateful, supportsMasking, computeMask } = layer as unknown as {
    readonly stateful: boolean;
    readonly supportsMasking: boolean;
    readonly computeMask: unknown;
  };
  const { computeMask: passing } = tf.layers.Layer.prototype as { readonly computeMask?: unknown };
  return !stateful && (!supportsMasking || computeMask === passing);
}

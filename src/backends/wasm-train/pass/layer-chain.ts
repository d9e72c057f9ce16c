import * as tf from '@tensorflow/tfjs';
import { withVariables, withVariablesHeld } from '../../../tfjs-internals/layer-variables.ts';
import { isRecording, recordOperation } from '../../../tfjs-internals/tape.ts';
import { handleOf } from '../../../tfjs-internals/tensor-handle.ts';
import type { KernelHost } from '../wasm-kernel.ts';
import { KernelArena } from './kernel-arena.ts';
import type { PlannedLayer } from './planned-layer.ts';

/** A planned layer, and the layer itself. */
interface Link {
  readonly layer: tf.layers.Layer;
  readonly planned: PlannedLayer;
}

/** What a pass keeps of a link until its gradient. */
interface KeptLink {
  readonly link: Link;
  readonly saved: readonly tf.TensorInfo[];
  readonly weights: readonly tf.TensorInfo[];
  /** Names of the weights among the inputs of the operation. */
  readonly names: readonly string[];
}

/**
 * Planned layers, one after another, as one operation on the tape.
 *
 * @internal
 */
export class LayerChain {
  readonly #backend: KernelHost;
  readonly #links: Link[];

  constructor(backend: KernelHost, layer: tf.layers.Layer, planned: PlannedLayer) {
    this.#backend = backend;
    this.#links = [{ layer, planned }];
  }

  /** Adds a layer at the end. */
  add(layer: tf.layers.Layer, planned: PlannedLayer): void {
    this.#links.push({ layer, planned });
  }

  /**
   * Runs the layers.
   *
   * @param x - Their input.
   * @param moves - Whether batch norm updates its moving statistics.
   */
  run(x: tf.Tensor, moves: boolean): tf.Tensor {
    // Only a layer that runs itself can return others; what happens to them is not planned.
    if (x.dtype !== 'float32') return moves ? this.#itself(x) : this.#held(() => this.#itself(x));
    const isRecorded = isRecording();
    const inputs: Record<string, tf.Tensor> = { x };
    const kept: KeptLink[] = [];
    const saved = new Set<tf.TensorInfo>();
    return new KernelArena(this.#backend).use((arena) => {
      let value: tf.TensorInfo = x;
      for (const link of this.#links) {
        const weights = link.planned.weights.map((variable) => variable.read());
        const result = link.planned.forward(arena.run, value, weights, { isRecorded, moves });
        if (isRecorded) {
          const first = Object.keys(inputs).length;
          const names = weights.map((_, i) => `weight${first + i}`);
          weights.forEach((weight, i) => (inputs[names[i]!] = weight));
          kept.push({ link, saved: result.saved, weights, names });
          for (const tensor of [...result.saved, ...weights]) saved.add(tensor);
        }
        value = result.y;
        arena.sweep([value, ...saved]);
      }
      const output = handleOf(value);
      if (isRecorded) this.#record(inputs, output, kept, saved);
      return output;
    });
  }

  #record(
    inputs: Readonly<Record<string, tf.Tensor>>,
    output: tf.Tensor,
    kept: readonly KeptLink[],
    saved: ReadonlySet<tf.TensorInfo>,
  ): void {
    const tensors = new Map([...saved].map((info) => [info, tf.keep(handleOf(info))] as const));
    const given = inputs['x']!;
    // In the place of a tensor that may be freed before the gradient: the tape knows tensors by
    // their numbers.
    const input = tf.keep(handleOf(given));
    Object.assign(input, { id: given.id });
    const links = kept.map(({ saved: own, weights, ...rest }) => ({
      ...rest,
      saved: own.map((info) => tensors.get(info)!),
      weights: weights.map((info) => tensors.get(info)!),
    }));
    recordOperation({
      kernelName: 'LayerChain',
      inputs,
      outputs: [output],
      saved: [input, ...tensors.values()],
      gradient: ([dy], wanted) =>
        isRecording()
          ? this.#differentiable({ ...inputs, x: input }, dy!)
          : this.#gradients(links, dy!, wanted ?? new Set(Object.keys(inputs))),
    });
  }

  /** The requested gradients, from the last layer to the first that is needed. */
  #gradients(
    links: readonly KeptLink[],
    dy: tf.Tensor,
    wanted: ReadonlySet<string>,
  ): Record<string, () => tf.Tensor> {
    const isWanted = links.map(({ names }) => names.map((name) => wanted.has(name)));
    const lowest = wanted.has('x') ? -1 : isWanted.findIndex((some) => some.includes(true));
    return new KernelArena(this.#backend).use((arena) => {
      const found = new Map<string, tf.TensorInfo>();
      let slope: tf.TensorInfo = dy;
      for (let i = links.length - 1; i >= Math.max(lowest, 0); i -= 1) {
        const { link, saved, weights, names } = links[i]!;
        const request = { x: i > lowest, weights: isWanted[i]! };
        const gradients = link.planned.backward(arena.run, slope, saved, weights, request);
        names.forEach((name, place) => {
          const gradient = gradients.weights[place];
          if (request.weights[place] === true && gradient !== undefined) found.set(name, gradient);
        });
        if (request.x) slope = gradients.x!;
        arena.sweep([slope, ...found.values()]);
      }
      if (wanted.has('x')) found.set('x', slope);
      const tensors = [...found].map(([name, info]) => [name, handleOf(info)] as const);
      return Object.fromEntries(tensors.map(([name, tensor]) => [name, () => tensor]));
    });
  }

  /**
   * All gradients, in operations that can be differentiated again: those of the layers themselves.
   */
  #differentiable(
    inputs: Readonly<Record<string, tf.Tensor>>,
    dy: tf.Tensor,
  ): Record<string, () => tf.Tensor> {
    const variables = this.#links.flatMap(({ planned }) => planned.weights);
    const pass = (...[x, ...weights]: tf.Tensor[]): tf.Tensor =>
      withVariables(variables, weights, () => this.#itself(x!));
    const gradients = this.#held(() => tf.grads(pass)(Object.values(inputs), dy));
    return Object.fromEntries(Object.keys(inputs).map((name, i) => [name, () => gradients[i]!]));
  }

  /** Runs the layers as TensorFlow.js does. */
  #itself(x: tf.Tensor): tf.Tensor {
    return this.#links.reduce<tf.Tensor>(
      (value, { layer }) => layer.apply(value, { training: true }) as tf.Tensor,
      x,
    );
  }

  /** Runs a function that leaves the moving statistics as they were. */
  #held<T>(run: () => T): T {
    return withVariablesHeld(
      this.#links.flatMap(({ layer }) => layer.nonTrainableWeights),
      run,
    );
  }
}

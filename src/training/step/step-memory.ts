import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../../core/format.ts';
import { deriveSeed, Random } from '../../core/random.ts';
import { handleOf } from '../../tfjs-internals/tensor-handle.ts';
import type { StatefulPart } from '../state/stateful-part.ts';

/** The memory's own tensors by `part/name`. */
type Tensors = Map<string, tf.Tensor>;

/**
 * State that lasts from step to step, besides networks: random sources by name, tensors in slots,
 * the number of updates of each turn; also the tensors that are kept during one step.
 *
 * @internal
 */
export class StepMemory implements StatefulPart {
  readonly key = 'memory';
  /** How many updates each turn has made, by its name. */
  readonly updates: Map<string, number> = new Map<string, number>();
  readonly #seed: number;
  readonly #random = new Map<string, Random>();
  readonly #slots: Tensors = new Map();
  readonly #kept: Tensors = new Map();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** A source of random numbers for this name only. */
  random(name: string): Random {
    const known = this.#random.get(name);
    if (known !== undefined) return known;
    const random = new Random(deriveSeed(this.#seed, name));
    this.#random.set(name, random);
    return random;
  }

  /** The states of the random sources in use, by name. */
  get randomStates(): Readonly<Record<string, readonly number[]>> {
    return Object.fromEntries([...this.#random].map(([name, random]) => [name, random.state]));
  }

  /** Sets every random source; those that are not given start anew. */
  set randomStates(states: Readonly<Record<string, readonly number[]>>) {
    for (const name of this.#random.keys()) if (!(name in states)) this.#random.delete(name);
    for (const [name, state] of Object.entries(states)) this.random(name).state = state;
  }

  get state(): ReadonlyMap<string, tf.Tensor> {
    return this.#slots;
  }

  setState(name: string, value: tf.Tensor): void {
    replace(this.#slots, name, value);
  }

  removeState(name: string): void {
    this.#slots.get(name)?.dispose();
    this.#slots.delete(name);
  }

  /** Keeps a tensor until the step ends. */
  keep(name: string, value: tf.Tensor): void {
    if (this.#kept.has(name)) {
      throw new RangeError(
        `Cannot train: keep must be called with a name that is free in this step, got '${name}' again. Keep it under another name`,
      );
    }
    replace(this.#kept, name, value);
  }

  /** A tensor that was kept in this step. */
  kept(name: string): tf.Tensor {
    const value = this.#kept.get(name);
    if (value !== undefined) return value;
    const names = [...this.#kept.keys()].map(formatValue).join(', ') || 'nothing';
    throw new RangeError(
      `Cannot train: kept must be called with the name of a tensor that an earlier turn of this step kept, got '${name}'. ` +
        `Kept so far: ${names}. A turn that 'when' skips keeps nothing`,
    );
  }

  /** Frees the tensors that were kept for one step. */
  endStep(): void {
    tf.dispose([...this.#kept.values()]);
    this.#kept.clear();
  }

  dispose(): void {
    this.endStep();
    tf.dispose([...this.#slots.values()]);
    this.#slots.clear();
  }
}

/**
 * Refuses a value that a slot cannot hold.
 *
 * @internal
 */
export function checkSlot(name: string, value: tf.Tensor, shape?: readonly number[]): tf.Tensor {
  if (!(value instanceof tf.Tensor)) {
    throw new TypeError(
      `Cannot train: the slot '${name}' must be a tensor, got ${formatValue(value)}`,
    );
  }
  if (value.dtype !== 'float32') {
    throw new TypeError(
      `Cannot train: the slot '${name}' must be a tensor of dtype float32, got ${value.dtype}. Cast it: value.toFloat()`,
    );
  }
  if (shape === undefined || formatShape(shape) === formatShape(value.shape)) return value;
  throw new RangeError(
    `Cannot train: the slot '${name}' must keep its shape ${formatShape(shape)}, got ${formatShape(value.shape)}. ` +
      'Store fewer rows in a tensor of full size, and their count in another slot',
  );
}

function replace(tensors: Tensors, name: string, value: tf.Tensor): void {
  const held = tensors.get(name);
  tensors.set(name, tf.keep(handleOf(value)));
  held?.dispose();
}

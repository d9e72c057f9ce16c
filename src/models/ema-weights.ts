import * as tf from '@tensorflow/tfjs';
import { handleOf } from '../tfjs-internals/tensor-handle.ts';
import { type ModelWeight, modelWeights } from './model-weights.ts';

/**
 * A running average of a model's trainable weights, which the model can compute with.
 *
 * Statistics such as batch norm's are used as they are, because they are averages already.
 *
 * @internal
 */
export class EmaWeights {
  readonly #weights: readonly ModelWeight[];
  readonly #averages = new Map<string, tf.Tensor>();

  /** Starts with copies of the current weights. */
  constructor(model: tf.LayersModel) {
    this.#weights = modelWeights(model);
    this.begin();
  }

  /** The averages, by the key of the weight; this object keeps owning them. */
  get state(): ReadonlyMap<string, tf.Tensor> {
    return this.#averages;
  }

  /** Replaces one average; the caller keeps owning the given tensor. */
  setState(key: string, value: tf.Tensor): void {
    const held = this.#averages.get(key);
    this.#averages.set(key, tf.keep(handleOf(value)));
    held?.dispose();
  }

  /** Drops one average, which starts again as a copy of its weight. */
  removeState(key: string): void {
    this.#averages.get(key)?.dispose();
    this.#averages.delete(key);
  }

  /**
   * Moves each average towards its weight: a ← decay·a + (1 − decay)·w. The average of a weight
   * that was frozen until now starts here.
   *
   * @param decay - Share of the average that is kept; 0 copies the weights.
   */
  follow(decay: number): void {
    for (const weight of this.#weights) {
      const average = this.#averages.get(weight.key);
      if (average === undefined && !weight.trainable) continue;
      tf.tidy(() => {
        const value = weight.read();
        const isCopy = decay === 0 || average === undefined;
        const next = isCopy ? value : tf.add(average, tf.mul(tf.sub(value, average), 1 - decay));
        this.setState(weight.key, next);
      });
    }
  }

  /** Initializes missing averages with copies of their weights. */
  begin(): void {
    for (const weight of this.#weights) {
      if (weight.trainable && !this.#averages.has(weight.key)) {
        this.setState(weight.key, weight.read());
      }
    }
  }

  /** Runs a function during which the model computes with the averages. */
  use<T>(run: () => T): T {
    const returns: (() => void)[] = [];
    try {
      for (const weight of this.#weights) {
        const average = this.#averages.get(weight.key);
        if (average !== undefined) returns.push(weight.override(average));
      }
      return run();
    } finally {
      for (const giveBack of returns) giveBack();
    }
  }

  dispose(): void {
    tf.dispose([...this.#averages.values()]);
    this.#averages.clear();
  }
}

import * as tf from '@tensorflow/tfjs';
import { type ModelWeight, modelWeights } from './model-weights.ts';

/**
 * A running average of a model's trainable weights, and the way to compute with it.
 *
 * Statistics such as batch norm's are not averaged but taken as they stand: they are averages already.
 *
 * @internal
 */
export class EmaWeights {
  readonly #weights: readonly ModelWeight[];
  readonly #averages = new Map<string, tf.Tensor>();

  /** Begins with the weights as they stand. */
  constructor(model: tf.LayersModel) {
    this.#weights = modelWeights(model);
    this.begin();
  }

  /** The averages, by the key of the weight; they stay its own. */
  get state(): ReadonlyMap<string, tf.Tensor> {
    return this.#averages;
  }

  /** Replaces one average; the given tensor stays the caller's. */
  setState(key: string, value: tf.Tensor): void {
    const held = this.#averages.get(key);
    this.#averages.set(key, tf.keep(value.clone()));
    held?.dispose();
  }

  /** Forgets one average, which begins anew as a copy of its weight. */
  removeState(key: string): void {
    this.#averages.get(key)?.dispose();
    this.#averages.delete(key);
  }

  /**
   * Moves every average towards its weight: a ← decay·a + (1 − decay)·w. A weight that was frozen so far begins its average.
   *
   * @param decay - What is left of the average; 0 copies the weights.
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

  /** Begins the averages that are missing, as copies of their weights. */
  begin(): void {
    for (const weight of this.#weights) {
      if (weight.trainable && !this.#averages.has(weight.key)) {
        this.setState(weight.key, weight.read());
      }
    }
  }

  /** Runs a function in which the model computes with the averages. */
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

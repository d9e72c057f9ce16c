import * as tf from '@tensorflow/tfjs';
import { type ModelWeight, modelWeights } from './model-weights.ts';

/**
 * A running average of a model's trainable weights, and the way to compute with it.
 *
 * Statistics such as batch norm's are not averaged but taken as they stand: they are averages already.
 *
 * @internal
 */
export class AveragedWeights {
  readonly #weights: readonly ModelWeight[];
  readonly #averages = new Map<string, tf.Tensor>();

  /** Begins with the weights as they stand. */
  constructor(model: tf.LayersModel) {
    this.#weights = modelWeights(model).filter((weight) => weight.trainable);
    this.follow(0);
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

  /**
   * Moves every average towards its weight: a ← decay·a + (1 − decay)·w.
   *
   * @param decay - What is left of the average; 0 copies the weights.
   */
  follow(decay: number): void {
    for (const weight of this.#weights) {
      tf.tidy(() => {
        const value = weight.read();
        const average = decay === 0 ? value : this.#averages.get(weight.key)!;
        const step = (): tf.Tensor => tf.mul(tf.sub(value, average), 1 - decay);
        this.setState(weight.key, decay === 0 ? value : tf.add(average, step()));
      });
    }
  }

  /** Runs a function in which the model computes with the averages. */
  use<T>(run: () => T): T {
    const returns: (() => void)[] = [];
    try {
      for (const weight of this.#weights) {
        returns.push(weight.lend(this.#averages.get(weight.key)!));
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

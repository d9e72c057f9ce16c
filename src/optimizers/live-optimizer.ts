import * as tf from '@tensorflow/tfjs';
import { checkTensor, checkTensors } from '../core/check-tensors.ts';
import type { OptimizerSpec, UpdatedWeight } from './optimizer.ts';
import { learningRateAt } from './schedules/learning-rate-schedule.ts';

/** A weight that can be read and replaced. @internal */
export interface UpdatableWeight {
  /** A name that the same program gives to the same weight each time it runs. */
  readonly key: string;
  /** The weight as it stands; not the caller's to dispose. */
  read(): tf.Tensor;
  /** Replaces the weight; the tensor stays the caller's. */
  write(value: tf.Tensor): void;
}

/**
 * An optimizer at work on one player's weights: a spec and its memory, by the name of the weight.
 *
 * @internal
 */
export class LiveOptimizer {
  readonly #spec: OptimizerSpec;
  readonly #weights: readonly UpdatableWeight[];
  readonly #slots = new Map<string, tf.Tensor>();
  #step = 0;

  constructor(spec: OptimizerSpec, weights: readonly UpdatableWeight[]) {
    this.#spec = spec;
    this.#weights = weights;
    for (const weight of weights) {
      for (const slot of spec.slots) {
        this.#slots.set(slotKey(weight, slot), tf.keep(tf.zeros(weight.read().shape)));
      }
    }
  }

  /** How many updates it made. */
  get step(): number {
    return this.#step;
  }

  set step(step: number) {
    this.#step = step;
  }

  /** The learning rate of its last update; before the first, of that one. */
  get learningRate(): number {
    return learningRateAt(this.#spec.learningRate, Math.max(1, this.#step));
  }

  /** Its memory, by `weight key#slot`. The tensors stay the optimizer's. */
  get slots(): ReadonlyMap<string, tf.Tensor> {
    return this.#slots;
  }

  /** Replaces one tensor of its memory; the given tensor stays the caller's. */
  setSlot(key: string, value: tf.Tensor): void {
    const held = this.#slots.get(key);
    this.#slots.set(key, tf.keep(value.clone()));
    held?.dispose();
  }

  /**
   * Moves every weight once. The gradients, in the order of the weights, stay the caller's; a weight that the loss
   * does not depend on has none and rests.
   */
  apply(gradients: readonly (tf.Tensor | undefined)[]): void {
    this.#step += 1;
    const learningRate = this.learningRate;
    tf.tidy(() => {
      const prepared = this.#prepared(gradients);
      this.#weights.forEach((weight, index) => {
        const gradient = prepared[index];
        if (gradient !== undefined) tf.tidy(() => this.#move(weight, gradient, learningRate));
      });
    });
  }

  dispose(): void {
    for (const slot of this.#slots.values()) slot.dispose();
    this.#slots.clear();
  }

  /** The gradients as the spec wants them, still in the order of the weights. */
  #prepared(gradients: readonly (tf.Tensor | undefined)[]): readonly (tf.Tensor | undefined)[] {
    if (this.#spec.prepare === undefined) return gradients;
    const given = gradients.filter((gradient) => gradient !== undefined);
    const from = `prepare of the optimizer '${this.#spec.name}'`;
    const shapes = given.map(({ shape }) => shape);
    const left = [...checkTensors(from, 'gradients', this.#spec.prepare(given), shapes)];
    return gradients.map((gradient) => gradient && left.shift());
  }

  #move(weight: UpdatableWeight, gradient: tf.Tensor, learningRate: number): void {
    const keys = this.#spec.slots.map((slot) => slotKey(weight, slot));
    const value = weight.read();
    const updated: Partial<UpdatedWeight> | undefined = this.#spec.update({
      value,
      gradient,
      slots: keys.map((key) => this.#slots.get(key)!),
      step: this.#step,
      learningRate,
    });
    const from = `update of the optimizer '${this.#spec.name}'`;
    weight.write(checkTensor(from, 'value', updated?.value, value.shape));
    const shapes = keys.map(() => value.shape);
    checkTensors(from, 'slots', updated?.slots, shapes).forEach((slot, index) => {
      this.setSlot(keys[index]!, slot);
    });
  }
}

function slotKey(weight: UpdatableWeight, slot: string): string {
  return `${weight.key}#${slot}`;
}

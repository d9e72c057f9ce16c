import * as tf from '@tensorflow/tfjs';
import { checkTensor, checkTensors } from '../core/check-tensors.ts';
import { type NamedArrays, toTensor } from '../core/named-arrays.ts';
import { handleOf } from '../tfjs-internals/tensor-handle.ts';
import type { OptimizerSpec, UpdatedWeight } from './optimizer.ts';
import type { TrainingProgress, UpdateProgress } from '../core/schedules/schedule.ts';
import { learningRateAt } from './learning-rate.ts';

/** A weight that can be read and replaced. @internal */
export interface UpdatableWeight {
  /** A key that is the same in each run of the program. */
  readonly key: string;
  /** The current value; the caller must not dispose it. */
  read(): tf.Tensor;
  /** Replaces the weight; the caller keeps owning the tensor. */
  write(value: tf.Tensor): void;
}

/** The state from which an optimizer continues. @internal */
export interface OptimizerState {
  /** How many updates it has made. */
  readonly step: number;
  /** Its state tensors, by `weight key#slot`. */
  readonly slots: NamedArrays;
  /**
   * For each weight, by its key, how many of the updates skipped it; weights that missed none are
   * left out.
   */
  readonly missed?: Readonly<Record<string, number>> | undefined;
  /** How many updates an earlier optimizer made. */
  readonly former?: number | undefined;
}

/**
 * An optimizer of one network's weights: a spec and its state, by the name of the weight.
 *
 * The set of weights may change between updates, as layers are frozen and unfrozen. Each weight
 * counts its own updates, so that the bias correction is right for moments that begin late.
 *
 * @internal
 */
export class LiveOptimizer {
  readonly #spec: OptimizerSpec;
  readonly #weights: readonly UpdatableWeight[];
  readonly #slots = new Map<string, tf.Tensor>();
  /** By the key of each weight, how many updates skipped it. */
  readonly #missed = new Map<string, number>();
  #step = 0;
  #former = 0;
  #learningRate = 0;

  constructor(spec: OptimizerSpec, weights: readonly UpdatableWeight[]) {
    this.#spec = spec;
    this.#weights = weights;
    for (const weight of weights) this.#begin(weight);
  }

  /** How many updates it has made. */
  get step(): number {
    return this.#step;
  }

  /** How many updates an earlier optimizer made. */
  get former(): number {
    return this.#former;
  }

  /** By the key of each weight that missed updates, how many skipped it. */
  get missed(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#missed].filter(([, count]) => count > 0));
  }

  /** Name of each state tensor of a weight. */
  get slotNames(): readonly string[] {
    return this.#spec.slots;
  }

  /** Names of the state tensors of a weight, as in {@link LiveOptimizer.slots}. */
  slotKeys(weight: UpdatableWeight): readonly string[] {
    return this.#spec.slots.map((slot) => slotKey(weight, slot));
  }

  /** The learning rate of its last update; 0 before the first. */
  get learningRate(): number {
    return this.#learningRate;
  }

  /** Its state, by `weight key#slot`. The optimizer keeps owning the tensors. */
  get slots(): ReadonlyMap<string, tf.Tensor> {
    return this.#slots;
  }

  /** Replaces one state tensor; the caller keeps owning the given one. */
  setSlot(key: string, value: tf.Tensor): void {
    this.#own(key, handleOf(value));
  }

  /**
   * Updates every weight once.
   *
   * @param gradients - In the order of the weights; the caller keeps owning them. A weight that the
   * loss does not depend on has none and is not updated.
   * @param progress - The progress of training.
   * @param weights - The weights to update, which may differ from the initial ones; state of other
   * weights is kept.
   */
  apply(
    gradients: readonly (tf.Tensor | undefined)[],
    progress: TrainingProgress,
    weights: readonly UpdatableWeight[] = this.#weights,
  ): void {
    for (const weight of weights) if (!this.#missed.has(weight.key)) this.#begin(weight);
    const moved = new Set(weights.map(({ key }) => key));
    for (const [key, count] of this.#missed) if (!moved.has(key)) this.#missed.set(key, count + 1);
    this.#step += 1;
    const now = { ...progress, update: this.#step };
    this.#learningRate = learningRateAt(this.#spec.learningRate, now);
    tf.tidy(() => {
      const prepared = this.#prepared(gradients);
      weights.forEach((weight, index) => {
        const gradient = prepared[index];
        if (gradient !== undefined) tf.tidy(() => this.#move(weight, gradient, now));
      });
    });
  }

  /** Saves its state as tensor handles. */
  hold(): { revert(): void; release(): void } {
    const slots = [...this.#slots].map(([key, slot]) => [key, handleOf(slot)] as const);
    const missed = [...this.#missed];
    const [step, former] = [this.#step, this.#former];
    return {
      revert: (): void => {
        this.dispose();
        for (const [key, slot] of slots) this.setSlot(key, slot);
        for (const [key, count] of missed) this.#missed.set(key, count);
        [this.#step, this.#former] = [step, former];
      },
      release: (): void => {
        for (const [, slot] of slots) slot.dispose();
      },
    };
  }

  /**
   * Restores the state of an optimizer with the same spec. Weights without saved state start anew.
   *
   * @param state - The saved state.
   * @param weights - All weights: state of those that are frozen now is kept as well.
   * @param moving - Those that it will update next.
   */
  restore(
    state: OptimizerState,
    weights: readonly UpdatableWeight[],
    moving: readonly UpdatableWeight[],
  ): void {
    const { step, slots, missed = {}, former = 0 } = state;
    this.dispose();
    [this.#step, this.#former] = [step, former];
    for (const weight of weights) {
      const keys = this.slotKeys(weight);
      const { shape } = weight.read();
      const isThere = keys.every((key) => String(slots[key]?.shape) === String(shape));
      const isMoving = moving.includes(weight);
      if (!isThere && isMoving) this.#begin(weight);
      if (!isThere || (keys.length === 0 && !isMoving)) continue;
      this.#missed.set(weight.key, missed[weight.key] ?? 0);
      for (const key of keys) {
        const slot = toTensor(slots[key]!);
        this.setSlot(key, slot);
        slot.dispose();
      }
    }
  }

  /** Starts after another optimizer's updates, without its state, which this one cannot use. */
  replace({ step, former = 0 }: OptimizerState, moving: readonly UpdatableWeight[]): void {
    this.dispose();
    [this.#step, this.#former] = [0, former + step];
    for (const weight of moving) this.#begin(weight);
  }

  dispose(): void {
    for (const slot of this.#slots.values()) slot.dispose();
    this.#slots.clear();
    this.#missed.clear();
  }

  /** Adds a weight without state: its first update is the next one. */
  #begin(weight: UpdatableWeight): void {
    this.#missed.set(weight.key, this.#step);
    for (const key of this.slotKeys(weight)) {
      this.#slots.set(key, tf.keep(tf.zeros(weight.read().shape)));
    }
  }

  /** The gradients after the spec's `prepare`, in the order of the weights. */
  #prepared(gradients: readonly (tf.Tensor | undefined)[]): readonly (tf.Tensor | undefined)[] {
    if (this.#spec.prepare === undefined) return gradients;
    const given = gradients.filter((gradient) => gradient !== undefined);
    const from = `prepare of the optimizer '${this.#spec.name}'`;
    const shapes = given.map(({ shape }) => shape);
    const left = [...checkTensors(from, 'gradients', this.#spec.prepare(given), shapes)];
    return gradients.map((gradient) => gradient && left.shift());
  }

  #move(weight: UpdatableWeight, gradient: tf.Tensor, progress: UpdateProgress): void {
    const keys = this.slotKeys(weight);
    const value = weight.read();
    const updated: Partial<UpdatedWeight> | undefined = this.#spec.update({
      value,
      gradient,
      slots: keys.map((key) => this.#slots.get(key)!),
      step: this.#step - this.#missed.get(weight.key)!,
      learningRate: this.#learningRate,
      progress,
    });
    const from = `update of the optimizer '${this.#spec.name}'`;
    weight.write(checkTensor(from, 'value', updated?.value, value.shape));
    const shapes = keys.map(() => value.shape);
    checkTensors(from, 'slots', updated?.slots, shapes).forEach((slot, index) => {
      // The weight, the gradient, and a tensor that is kept, maybe as other state, belong to
      // others.
      const isOwned = slot.kept || slot === value || slot === gradient;
      this.#own(keys[index]!, isOwned ? handleOf(slot) : slot);
    });
  }

  #own(key: string, value: tf.Tensor): void {
    const held = this.#slots.get(key);
    this.#slots.set(key, tf.keep(value));
    held?.dispose();
  }
}

function slotKey(weight: UpdatableWeight, slot: string): string {
  return `${weight.key}#${slot}`;
}

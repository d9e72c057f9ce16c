import * as tf from '@tensorflow/tfjs';
import { checkTensor, checkTensors } from '../core/check-tensors.ts';
import { type NamedArrays, toTensor } from '../core/named-arrays.ts';
import type { OptimizerSpec, UpdatedWeight } from './optimizer.ts';
import type { TrainingProgress, UpdateProgress } from '../core/schedules/schedule.ts';
import { learningRateAt } from './learning-rate.ts';

/** A weight that can be read and replaced. @internal */
export interface UpdatableWeight {
  /** A name that the same program gives to the same weight each time it runs. */
  readonly key: string;
  /** The weight as it stands; not the caller's to dispose. */
  read(): tf.Tensor;
  /** Replaces the weight; the tensor stays the caller's. */
  write(value: tf.Tensor): void;
}

/** What an optimizer continues from. @internal */
export interface OptimizerState {
  /** How many updates it made. */
  readonly step: number;
  /** Its memory, by `weight key#slot`. */
  readonly slots: NamedArrays;
  /** For each weight, by its key, how many of the updates passed without it; none for those that are not there. */
  readonly missed?: Readonly<Record<string, number>> | undefined;
  /** How many updates were made before it, by another optimizer. */
  readonly former?: number | undefined;
}

/**
 * An optimizer at work on one network's weights: a spec and its memory, by the name of the weight.
 *
 * Weights may come and go between updates, as layers are frozen and thawed. Each counts the updates it was part of, so that
 * a moment that begins late is corrected as one that begins first.
 *
 * @internal
 */
export class LiveOptimizer {
  readonly #spec: OptimizerSpec;
  readonly #weights: readonly UpdatableWeight[];
  readonly #slots = new Map<string, tf.Tensor>();
  /** By the key of each weight that was moved or may be, how many updates passed without it. */
  readonly #missed = new Map<string, number>();
  #step = 0;
  #former = 0;
  #learningRate = 0;

  constructor(spec: OptimizerSpec, weights: readonly UpdatableWeight[]) {
    this.#spec = spec;
    this.#weights = weights;
    for (const weight of weights) this.#begin(weight);
  }

  /** How many updates it made. */
  get step(): number {
    return this.#step;
  }

  /** How many updates were made before it, by another optimizer. */
  get former(): number {
    return this.#former;
  }

  /** By the key of each weight that missed some, how many updates passed without it. */
  get missed(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#missed].filter(([, count]) => count > 0));
  }

  /** What each tensor is called that it remembers of a weight. */
  get slotNames(): readonly string[] {
    return this.#spec.slots;
  }

  /** Names of the tensors that it remembers of a weight, as {@link LiveOptimizer.slots} has them. */
  slotKeys(weight: UpdatableWeight): readonly string[] {
    return this.#spec.slots.map((slot) => slotKey(weight, slot));
  }

  /** The learning rate of its last update; 0 before the first. */
  get learningRate(): number {
    return this.#learningRate;
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
   * Moves every weight once.
   *
   * @param gradients - In the order of the weights; they stay the caller's. A weight that the loss does not depend on has
   * none and rests.
   * @param progress - How far training is.
   * @param weights - Those to move, which need not be those it was made with; what it remembers of others stays.
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

  /** Remembers where it stands, as handles. */
  hold(): { revert(): void; release(): void } {
    const slots = [...this.#slots].map(([key, slot]) => [key, slot.clone()] as const);
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
   * Goes to where an optimizer of the same spec stood. Weights that it did not know of begin anew.
   *
   * @param state - Where it stood.
   * @param weights - All there are: of those that rest for now it remembers what the state holds.
   * @param moving - Those that it will move next.
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

  /** Begins where another optimizer ended, whose memory is of no use to this one. */
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

  /** Takes a weight in that it knows nothing of: its first update is the next one. */
  #begin(weight: UpdatableWeight): void {
    this.#missed.set(weight.key, this.#step);
    for (const key of this.slotKeys(weight)) {
      this.#slots.set(key, tf.keep(tf.zeros(weight.read().shape)));
    }
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
      this.setSlot(keys[index]!, slot);
    });
  }
}

function slotKey(weight: UpdatableWeight, slot: string): string {
  return `${weight.key}#${slot}`;
}

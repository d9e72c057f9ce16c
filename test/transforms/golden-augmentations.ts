import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { Random, type Transform } from 'tfjs-gan';

/** Numbers of one augmentation with given draws, from PyTorch in float64. */
export interface GoldenAugmentation {
  readonly shape: readonly number[];
  readonly x: readonly number[];
  readonly probe: readonly number[];
  readonly draws: readonly (readonly number[])[];
  readonly output: readonly number[];
  /** Of sum(probe · output), by x. */
  readonly gradient: readonly number[];
}

/** A source that returns given numbers, list by list. */
class GivenDraws extends Random {
  readonly #lists: (readonly number[])[];
  #left: number[] = [];

  constructor(lists: readonly (readonly number[])[]) {
    super(0);
    this.#lists = [...lists];
  }

  override uniformArray(count: number): Float32Array {
    return this.#next(count);
  }

  override normalArray(count: number): Float32Array {
    return this.#next(count);
  }

  override integer(): number {
    if (this.#left.length === 0) this.#left = [...this.#lists.shift()!];
    return this.#left.shift()!;
  }

  get isUsedUp(): boolean {
    return this.#lists.length === 0 && this.#left.length === 0;
  }

  #next(count: number): Float32Array {
    const list = Float32Array.from(this.#lists.shift()!);
    expect(list.length).toBe(count);
    return list;
  }
}

/** Compares a transform with PyTorch: output and gradient. */
export function expectPyTorch(transform: Transform, golden: GoldenAugmentation): void {
  const [x, probe] = [golden.x, golden.probe].map((values) =>
    tf.tensor([...values], [...golden.shape]),
  ) as [tf.Tensor, tf.Tensor];
  const progress = { step: 1, update: 1, samples: 0 };
  const slot = (): never => {
    throw new Error('no slots here');
  };
  const run = (images: tf.Tensor): tf.Tensor => {
    const random = new GivenDraws(golden.draws);
    const output = transform.apply(images, { random, progress, slot });
    expect(random.isUsedUp).toBe(true);
    return output;
  };
  expectClose(run(x), golden.output);
  const gradient = tf.grad((images) => tf.sum(tf.mul(run(images), probe)))(x);
  expectClose(gradient, golden.gradient);
}

function expectClose(actual: tf.Tensor, expected: readonly number[]): void {
  const values = actual.dataSync();
  const worst = Math.max(...expected.map((value, i) => Math.abs(value - values[i]!)));
  expect(values.length).toBe(expected.length);
  expect(worst).toBeLessThan(1e-5);
}

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { Random } from 'tfjs-gan';
import { pooled } from '../../src/games/image-pool.ts';
import '../support/on-cpu.ts';

/** What a pass gives a pool: slots and a source of random numbers. */
function memory(): Parameters<typeof pooled>[0] {
  const slots = new Map<string, tf.Tensor>();
  const random = new Random(1);
  return {
    random: () => random,
    slot: (name, initial) => {
      if (!slots.has(name)) slots.set(name, tf.keep(initial()));
      return {
        get: () => slots.get(name)!,
        set: (value) => void slots.set(name, tf.keep(value.clone())),
      };
    },
  };
}

/** Samples of one number each, counted from 1. */
const numbered = (first: number, count: number): tf.Tensor =>
  tf.reshape(tf.range(first, first + count), [count, 1, 1, 1]);

/** The pool of the authors' code, with the same random numbers. */
class ReferencePool {
  readonly images: number[] = [];
  readonly #random = new Random(1);

  constructor(readonly size: number) {}

  query(batch: readonly number[]): number[] {
    return batch.map((image) => {
      const [isHeads, place] = [this.#random.uniform() < 0.5, this.#random.integer(this.size)];
      if (this.images.length < this.size) {
        this.images.push(image);
        return image;
      }
      if (!isHeads) return image;
      const old = this.images[place]!;
      this.images[place] = image;
      return old;
    });
  }
}

describe('a pool of images', () => {
  test('is that of the papers, over many steps', () => {
    const pass = memory();
    const reference = new ReferencePool(5);
    const swapped = Array.from({ length: 12 }, (_, step) => {
      const batch = numbered(1 + 3 * step, 3);
      const values = [...batch.dataSync()];
      const returned = tf.tidy(() => [...pooled(pass, 'pool', batch, 5).dataSync()]);
      expect(returned).toEqual(reference.query(values));
      return returned.filter((value, i) => value !== values[i]).length;
    });
    // The first five are stored; afterwards about half come from the pool.
    const total = swapped.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(8);
    expect([
      ...pass
        .slot('pool/images', () => tf.zeros([1]))
        .get()
        .dataSync(),
    ]).toEqual(reference.images);
    expect(
      pass
        .slot('pool/count', () => tf.zeros([]))
        .get()
        .dataSync()[0],
    ).toBe(5);
  });

  test('fills up within one batch, and continues from there', () => {
    const pass = memory();
    const reference = new ReferencePool(2);
    const returned = tf.tidy(() => [...pooled(pass, 'pool', numbered(1, 8), 2).dataSync()]);
    expect(returned).toEqual(reference.query([1, 2, 3, 4, 5, 6, 7, 8]));
    expect(returned.slice(0, 2)).toEqual([1, 2]);
  });

  test('without places returns the very same tensor, and draws nothing', () => {
    const fresh = numbered(1, 3);
    const nothing = () => {
      throw new Error('not requested');
    };
    expect(pooled({ random: nothing, slot: nothing }, 'pool', fresh, 0)).toBe(fresh);
  });
});

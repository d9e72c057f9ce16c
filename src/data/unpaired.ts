import type * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../core/random.ts';
import type { Batch, BatchesOptions, Dataset } from './dataset.ts';
import { checkBatches } from './in-memory.ts';
import {
  checkMembers,
  furtherShapes,
  inStep,
  joinedName,
  type Member,
  rangeOf,
  type Walk,
} from './join.ts';
import { samplesOf } from './samples-of.ts';

/**
 * Joins sets whose rows do not belong together, such as photographs of horses and of zebras: each
 * has its own order.
 *
 * A batch has the samples of each set under its name, and those of the first also as `samples`: the
 * same tensor, so that everything that uses samples uses the first set. Labels are disposed.
 *
 * - Size: that of the largest set. The others are repeated within the pass, in a new order each
 *   time.
 * - Order: the seed determines a separate order for each set and each repetition. Without a seed
 *   all keep their stored order.
 * - Memory: only the content of batches is copied.
 *
 * @param datasets - The sets by the names that a game requires. If one is called `samples`, it is
 * the first.
 * @returns The join; shape and value range are those of the first set, and `tensors` has all sets.
 * @throws TypeError if one of them is not a dataset or returns something other than samples.
 * @throws RangeError if there are fewer than two, one is called `labels`, is a join itself or has
 *   no finite size, or if `samples` is not the first.
 *
 * @example A ring and a grid of another size
 * ```ts
 * const sets = unpaired({ ring: ring8({ size: 100 }), grid: grid25({ size: 60 }) });
 * console.log(sets.size); // 100
 * for await (const { ring, grid, samples } of sets.batches({ batchSize: 50, seed: 1 })) {
 *   console.log(ring?.shape, grid?.shape, samples === ring); // [ 50, 2 ] [ 50, 2 ] true
 *   tf.dispose({ ring, grid });
 * }
 * ```
 */
export function unpaired(datasets: Readonly<Record<string, Dataset>>): Dataset {
  const members = checkMembers(datasets, 'unpaired({ a, b })');
  const [{ name: first, dataset }, ...others] = members;
  if (others.some((other) => other.name === 'samples')) {
    throw new RangeError(
      `Cannot join datasets: samples must be the first set, as it is the one that is displayed and evaluated, got ${first} first. ` +
        'Put samples first, or choose another name',
    );
  }
  const name = joinedName('unpaired', members);
  const size = Math.max(...members.map((member) => member.size));
  return {
    name,
    size,
    sampleShape: [...dataset.sampleShape],
    tensors: furtherShapes(members),
    ...rangeOf(dataset),
    batches(options) {
      checkBatches(name, size, options);
      checkEach(name, members, options.batchSize);
      return pass(name, members, size, options);
    },
  };
}

/** Refuses batches that are larger than a shorter set. */
function checkEach(joined: string, members: readonly Member[], batchSize: number): void {
  for (const { name, size } of members) {
    if (batchSize <= size) continue;
    throw new RangeError(
      `Cannot batch the dataset '${joined}': batchSize must be at most ${size}, the number of samples of ${name}, ` +
        `got ${batchSize}`,
    );
  }
}

async function* pass(
  joined: string,
  members: readonly Member[],
  size: number,
  options: BatchesOptions,
): AsyncGenerator<Batch, void> {
  const { batchSize, seed } = options;
  const walks = members.map((member): Walk => ({
    member,
    joined,
    options,
    end: Math.floor(size / batchSize),
    // Includes the name: sets of equal size must not have equal orders.
    seedOf: (lap) => (seed === undefined ? undefined : deriveSeed(seed, member.name, lap)),
  }));
  for await (const batches of inStep(walks)) {
    const tensors = batches.map(samplesOf);
    const named = members.map(({ name }, i): [string, tf.Tensor | undefined] => [name, tensors[i]]);
    const [samples] = tensors;
    if (samples === undefined) return;
    yield { ...Object.fromEntries(named), samples };
  }
}

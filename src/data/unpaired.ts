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
 * Joins sets whose rows do not belong together, such as photographs of horses and of zebras: each is walked in an order of
 * its own.
 *
 * A batch holds the samples of each set under its name, and those of the first as `samples` too: the same tensor, so that
 * all that looks at samples sees the first set. Labels are disposed.
 *
 * - Size: that of the largest set. The others begin anew within the pass, in another order each time.
 * - Order: the seed gives each set, and each time it begins anew, an order of its own. Without a seed all come in their
 *   stored order.
 * - Memory: nothing is copied but what a batch holds.
 *
 * @param datasets - The sets by the names that a game asks for. Where one is called `samples`, it is the first.
 * @returns The join, whose shape and value range are those of the first set, and whose `tensors` are all sets.
 * @throws TypeError if one of them is no dataset or gives something else than samples.
 * @throws RangeError if there are fewer than two, one is called `labels`, is a join itself or has no finite size, or if
 *   `samples` is not the first.
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
      `Cannot join datasets: samples must be the first set, as it is the one that is shown and judged, got ${first} first. ` +
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

/** Refuses batches that a shorter set cannot fill. */
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
    // The name too: sets of one size must not come in one order.
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

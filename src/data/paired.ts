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
import { isStream } from './streams.ts';

/**
 * Joins datasets whose rows belong together, such as photographs and their outlines: row i of each
 * forms one row of the join, in every order.
 *
 * A batch has the samples of each dataset under its name; `samples` are the data that the generator
 * learns, and keep their labels, if there are any. Labels of the others are disposed.
 *
 * - Order: the seed shuffles all datasets in the same way. Those of {@link datasetFromTfData} keep
 *   the order of their streams, so join them only with each other. A custom dataset must order its
 *   samples by `new Random(seed).permutation(size)`, as those of this library do, and keep the
 *   stored order without a seed.
 * - Memory: only the content of batches is copied.
 *
 * @param datasets - The datasets by the names that a game requires, all of one size; one of them is
 * `samples`.
 * @returns The join; name, shape, classes and value range are those of `samples`, and `tensors` has
 * the others.
 * @throws TypeError if one of them is not a dataset or returns something other than samples.
 * @throws RangeError if there are fewer than two, none is `samples`, one is called `labels`, is a
 *   join itself or has no finite size, if their sizes differ, or if streams are joined with others.
 *
 * @example Points, and how far each lies from the origin
 * ```ts
 * const points = datasetFromArray([[3, 4], [5, 12], [8, 15]]);
 * const distances = datasetFromArray([[5], [13], [17]]);
 * const both = paired({ samples: points, distance: distances });
 * for await (const { samples, distance } of both.batches({ batchSize: 3, seed: 1 })) {
 *   console.log(samples.shape, distance?.shape); // [ 3, 2 ] [ 3, 1 ]
 *   tf.dispose({ samples, distance });
 * }
 * ```
 */
export function paired(datasets: {
  readonly samples: Dataset;
  readonly [name: string]: Dataset;
}): Dataset {
  const members = checkPairs(checkMembers(datasets, 'paired({ samples, source })'));
  const [{ dataset, size }] = members;
  const name = joinedName('paired', members);
  return {
    name,
    size,
    sampleShape: [...dataset.sampleShape],
    classes: dataset.classes,
    classCounts: dataset.classCounts,
    tensors: furtherShapes(members),
    ...rangeOf(dataset),
    batches(options) {
      checkBatches(name, size, options);
      return pass(name, members, options);
    },
  };
}

/** The datasets with `samples` first, if they can be iterated in parallel. */
function checkPairs(members: readonly Member[]): readonly [Member, ...Member[]] {
  const samples = members.find(({ name }) => name === 'samples');
  if (samples === undefined) {
    throw new RangeError(
      `Cannot join datasets: one of the names must be 'samples', which the generator learns, ` +
        `got ${members.map(({ name }) => name).join(', ')}. Write paired({ samples, source })`,
    );
  }
  for (const { name, dataset, size } of members) {
    if (size !== samples.size) {
      throw new RangeError(
        `Cannot join datasets: ${name} must have the size of samples, ${samples.size}, got ${size}. ` +
          'Leave out rows without a partner, or join sets without pairs by unpaired({ a, b })',
      );
    }
    if (isStream(dataset) !== isStream(samples.dataset)) {
      const [stream, other] = isStream(dataset) ? [name, 'samples'] : ['samples', name];
      throw new RangeError(
        `Cannot join datasets: ${name} must have the order of samples under every seed, got the stream ${stream}, which ` +
          `keeps its own order, and ${other}, which is shuffled. Create all with datasetFromTfData, or none`,
      );
    }
  }
  return [samples, ...members.filter((member) => member !== samples)];
}

async function* pass(
  joined: string,
  members: readonly Member[],
  options: BatchesOptions,
): AsyncGenerator<Batch, void> {
  const walks = members.map((member): Walk => ({
    member,
    joined,
    options,
    end: Math.floor(member.size / options.batchSize),
    seedOf: () => options.seed,
  }));
  for await (const [first, ...others] of inStep(walks)) {
    if (first === undefined) return;
    const { labels, ...batch } = first;
    const samples = samplesOf(batch);
    const further = others.map(
      (other, i) => [members[i + 1]?.name ?? '', samplesOf(other)] as const,
    );
    yield {
      samples,
      ...Object.fromEntries(further),
      ...(labels !== undefined && { labels }),
    };
  }
}

import { formatValue } from '../../core/format.ts';
import type { Batch, Dataset } from '../../data/dataset.ts';
import type { Game } from '../../games/game.ts';
import type { ConditionRecord } from '../../models/conditions.ts';

/** Maximum number of rows of conditions that a generator stores from its training data. */
const rememberedRows = 256;

/** Longest condition that is stored: attributes and several labels, but no images. */
const longestCondition = 64;

/** Largest ratio of the most frequent to the rarest class without a warning. */
const unbalanced = 10;

/**
 * Refuses a dataset whose labels do not fit the game, as far as this is known before its first
 * batch.
 *
 * @param warned - Datasets already warned about; a further one is added.
 * @throws RangeError if there are no labels, they name other classes, or a class has no sample.
 *
 * @internal
 */
export function checkClasses(
  dataset: Dataset,
  { batch, name: game }: Game,
  warned: WeakSet<Dataset>,
): void {
  const classes = batch['labels']?.classes;
  if (classes === undefined) return;
  const subject = `the dataset '${dataset.name}'`;
  if (dataset.classes === undefined) {
    // A custom dataset need not declare its tensors: its first batch is checked instead.
    if (dataset.tensors === undefined) return;
    throw new RangeError(
      `Cannot train: ${subject} must have labels, which the game '${game}' requires, got none. ` +
        'Pass labels: datasetFromArray(samples, { labels }), or create the networks without classes',
    );
  }
  const { classCounts } = dataset;
  const known = classCounts?.length ?? dataset.classes;
  const beyond = classCounts?.findLastIndex((count) => count > 0) ?? dataset.classes - 1;
  if (beyond >= classes) {
    throw new RangeError(
      `Cannot train: labels of ${subject} must be integers from 0 to ${classes - 1}, as the networks have ${classes} classes, ` +
        `got ${beyond}. Create them with classes: ${beyond + 1}`,
    );
  }
  if (classCounts === undefined) return;
  const missing = Array.from({ length: classes }, (_, label) => label).filter(
    (label) => (classCounts[label] ?? 0) === 0,
  );
  if (missing.length > 0) {
    throw new RangeError(
      `Cannot train: ${subject} must have samples of each of the ${classes} classes, got none of ` +
        `${missing.slice(0, 8).join(', ')}${missing.length > 8 ? ' …' : ''}. Create the networks with as many classes as ` +
        `there are (the labels name ${known}), or add samples`,
    );
  }
  const [most, least] = [Math.max(...classCounts), Math.min(...classCounts)];
  if (most <= unbalanced * least || warned.has(dataset)) return;
  warned.add(dataset);
  console.warn(
    `tfjs-gan: classes of ${subject} come ${least} to ${most} times, so the rare ones are learned badly. ` +
      'Repeat their samples, or leave some of the others out',
  );
}

/**
 * Refuses labels of a batch that are not classes of the game. Streams and custom datasets cannot be
 * checked in advance.
 *
 * @internal
 */
export async function checkBatchLabels(
  batch: Batch,
  dataset: Dataset,
  spec: Game['batch'],
): Promise<void> {
  for (const [name, { classes }] of Object.entries(spec)) {
    // Labels of a dataset in memory were counted before.
    if (classes === undefined || (name === 'labels' && dataset.classCounts !== undefined)) continue;
    const labels = await batch[name]!.data();
    const wrong = labels.find((label) => label < 0 || label >= classes);
    if (wrong === undefined) continue;
    throw new RangeError(
      `Cannot train: ${name} of the dataset '${dataset.name}' must be integers from 0 to ${classes - 1}, ` +
        `got ${formatValue(wrong)}`,
    );
  }
}

/**
 * The distribution of conditions in the data, which a generator draws from: class frequencies, or
 * some rows.
 *
 * @param batch - The first one of the run.
 * @param known - The result of an earlier run on the same data. It is kept, so that a resumed run
 * equals an uninterrupted one.
 *
 * @internal
 */
export async function conditionRecords(
  dataset: Dataset,
  batch: Batch,
  game: Game,
  known: Readonly<Record<string, ConditionRecord>> = {},
): Promise<Readonly<Record<string, ConditionRecord>>> {
  const records: [string, ConditionRecord][] = [];
  for (const [name, { classes }] of Object.entries(game.batch)) {
    const tensor = batch[name];
    const isAsked = Object.values(game.generators).some(
      ({ inputs }) => inputs[name]?.kind === 'condition',
    );
    if (tensor === undefined || name === 'samples' || !isAsked) continue;
    if (classes !== undefined) {
      const counts = name === 'labels' ? dataset.classCounts : undefined;
      const total = counts?.reduce((sum, count) => sum + count, 0) ?? 0;
      if (counts?.length !== classes) continue;
      records.push([name, { frequencies: counts.map((count) => count / total) }]);
      continue;
    }
    const [count = 0, length = 0] = tensor.shape;
    if (tensor.rank !== 2 || length > longestCondition) continue;
    if (known[name]?.rows !== undefined) {
      records.push([name, known[name]]);
      continue;
    }
    const values = await tensor.data();
    const rows = Array.from({ length: Math.min(count, rememberedRows) }, (_, row) =>
      Array.from(values.slice(row * length, (row + 1) * length)),
    );
    records.push([name, { rows }]);
  }
  return Object.fromEntries(records);
}

import * as tf from '@tensorflow/tfjs';
import { fitsShape } from '../../core/fits-shape.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { Batch, Dataset } from '../../data/dataset.ts';
import type { BatchSpec } from '../../games/game.ts';
import { lowAndHigh } from '../step/batch-tensors.ts';

/** How far samples may exceed the generator's range without an error, as a share of the range. */
const tolerance = 0.01;

/** What batches are checked against. @internal */
export interface BatchExpectation {
  readonly dataset: Dataset;
  /** The tensors that a batch must have. */
  readonly batch: BatchSpec;
  readonly valueRange: readonly [low: number, high: number] | undefined;
  /** Datasets already warned about; a further one is added. */
  readonly warned: WeakSet<Dataset>;
}

/**
 * Checks names, kinds and shapes of a batch before it is used. This is cheap, so every batch is
 * checked.
 *
 * @internal
 */
export function checkBatch(batch: Batch, expected: BatchExpectation): void {
  const names = Object.keys(expected.batch);
  for (const name of names) checkTensor(batch, name, expected);
  const rows = names.map((name) => batch[name]!.shape[0] ?? 0);
  if (rows.every((count) => count === rows[0])) return;
  throw new RangeError(
    `Cannot train: a batch of the dataset '${expected.dataset.name}' must have tensors with equal numbers of rows, ` +
      `got ${names.map((name, i) => `${rows[i]} of ${name}`).join(', ')}`,
  );
}

function checkTensor(batch: Batch, name: string, expected: BatchExpectation): void {
  const { dataset } = expected;
  const { shape, dtype = 'float32' } = expected.batch[name]!;
  const action = `Cannot train: a batch of the dataset '${dataset.name}' must`;
  const tensor = (batch as Partial<Batch> | null | undefined)?.[name];
  if (tensor === undefined || !(tensor instanceof tf.Tensor)) {
    throw new TypeError(
      `${action} be { ${name}: a tensor }, got ${formatValue(batch)} with ${name} ${formatValue(tensor)}`,
    );
  }
  if (tensor.isDisposed) {
    throw new Error(
      `${action} hold a tensor that is in use, got one that was disposed. The trainer disposes each batch after its ` +
        'step, so give a tensor of its own each time: tensor.clone()',
    );
  }
  if (tensor.dtype !== dtype) {
    throw new TypeError(
      `${action} hold ${name} of dtype ${dtype}, got ${tensor.dtype}. Cast it in the dataset`,
    );
  }
  const [count = 0, ...row] = tensor.shape;
  const wanted: readonly (number | null)[] = shape ?? row;
  if (count > 0 && tensor.shape.length > 0 && fitsShape(row, wanted)) return;
  throw new RangeError(
    `${action} have ${name === 'samples' ? '' : `${name} of `}the shape ${formatShape([null, ...wanted])} and hold a sample, ` +
      `got ${formatShape(tensor.shape)}`,
  );
}

/**
 * Checks the values of the first batch of a run: whether the generator can output them.
 *
 * @internal
 */
export async function checkValues(batch: Batch, expected: BatchExpectation): Promise<void> {
  const { dataset, valueRange } = expected;
  const samples = batch.samples;
  if (samples === undefined || expected.batch['samples'] === undefined) return;
  const [low, high, allFinite] = await lowAndHigh(samples);
  if (!allFinite) {
    throw new RangeError(
      `Cannot train: samples of the dataset '${dataset.name}' must be finite numbers, got NaN or infinity`,
    );
  }
  if (valueRange === undefined) return;
  const slack = tolerance * (valueRange[1] - valueRange[0]);
  if (low >= valueRange[0] - slack && high <= valueRange[1] + slack) {
    const isImage = samples.rank === 4;
    if (isImage && valueRange[0] < 0 && low >= 0 && high > 0) {
      warnOfHalf(expected, valueRange, `${round(low)}…${round(high)}`);
    }
    return;
  }
  const wantedRange = `${valueRange[0]}…${valueRange[1]}`;
  throw new RangeError(
    `Cannot train: samples of the dataset '${dataset.name}' must lie in ${wantedRange}, as the generator's do, ` +
      `got ${round(low)}…${round(high)}. ${cure(low, high, valueRange[0])}`,
  );
}

/**
 * Warns, once for a trainer and a dataset, of images in 0…1 where −1…1 is expected: they are in
 * range, but have no value below the middle.
 */
function warnOfHalf(
  { dataset, warned }: BatchExpectation,
  valueRange: readonly number[],
  found: string,
): void {
  if (warned.has(dataset)) return;
  warned.add(dataset);
  console.warn(
    `tfjs-gan: images of the dataset '${dataset.name}' lie in ${found}, while the generator outputs ` +
      `${valueRange.join('…')}: a discriminator can tell them apart by that alone. Pass inputRange: [0, 1] to have them ` +
      'scaled, or use a sigmoid as the last activation of the generator',
  );
}

function cure(low: number, high: number, rangeLow: number): string {
  if (low >= 0 && high > 1) {
    return 'Are these pixels of 0…255? Pass them as a Uint8Array, or scale them to the range first';
  }
  return rangeLow === 0
    ? "Scale them, or create the generator with outputActivation 'tanh'"
    : 'Scale them to the range, or use another last activation in the generator';
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}

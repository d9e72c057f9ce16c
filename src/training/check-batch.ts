import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';
import type { Batch, Dataset } from '../data/dataset.ts';

/** How far samples may lie outside the generator's range before it counts as a mistake, as a share of the range. */
const tolerance = 0.01;

/** What samples are held against. @internal */
export interface SampleExpectation {
  readonly dataset: Dataset;
  readonly shape: readonly number[];
  readonly valueRange: readonly [low: number, high: number] | undefined;
}

/**
 * Looks at what a dataset gives before it is used: its kind and its shape. It costs nothing, so every batch is looked at.
 *
 * @internal
 */
export function checkBatch(batch: Batch, expected: SampleExpectation): void {
  const { dataset, shape } = expected;
  const action = `Cannot train: a batch of the dataset '${dataset.name}' must`;
  const samples = (batch as Partial<Batch> | null | undefined)?.samples;
  if (samples === undefined || !(samples instanceof tf.Tensor)) {
    throw new TypeError(
      `${action} be { samples: a tensor }, got ${formatValue(batch)} with samples ${formatValue(samples)}`,
    );
  }
  if (samples.isDisposed) {
    throw new Error(
      `${action} hold a tensor that is in use, got one that was disposed. The trainer disposes each batch after its ` +
        'step, so give a tensor of its own each time: tensor.clone()',
    );
  }
  const [count = 0] = samples.shape;
  if (count > 0 && formatShape([count, ...shape]) === formatShape(samples.shape)) return;
  throw new RangeError(
    `${action} have the shape ${formatShape([null, ...shape])} and hold a sample, got ${formatShape(samples.shape)}`,
  );
}

/**
 * Looks at the values of the first batch of a run: whether they can be what the generator makes.
 *
 * @internal
 */
export async function checkValues(samples: tf.Tensor, expected: SampleExpectation): Promise<void> {
  const { dataset, valueRange } = expected;
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
      warnOfHalf(dataset, valueRange, `${round(low)}…${round(high)}`);
    }
    return;
  }
  const wantedRange = `${valueRange[0]}…${valueRange[1]}`;
  throw new RangeError(
    `Cannot train: samples of the dataset '${dataset.name}' must lie in ${wantedRange}, as the generator's do, ` +
      `got ${round(low)}…${round(high)}. ${cure(low, high, valueRange[0])}`,
  );
}

const warned = new WeakSet<Dataset>();

/** Warns, once for a dataset, of images of 0…1: they pass as such of −1…1, though nothing in them is darker than gray. */
function warnOfHalf(dataset: Dataset, valueRange: readonly number[], found: string): void {
  if (warned.has(dataset)) return;
  warned.add(dataset);
  console.warn(
    `tfjs-gan: images of the dataset '${dataset.name}' lie in ${found}, while the generator makes ` +
      `${valueRange.join('…')}: a discriminator can tell them apart by that alone. Pass inputRange: [0, 1] to have them ` +
      'scaled, or end the generator in a sigmoid',
  );
}

/** Whether every value is a finite number. @internal */
export async function isFiniteTensor(samples: tf.Tensor): Promise<boolean> {
  const [, , allFinite] = await lowAndHigh(samples);
  return allFinite;
}

async function lowAndHigh(
  samples: tf.Tensor,
): Promise<[low: number, high: number, finite: boolean]> {
  let low = Infinity;
  let high = -Infinity;
  let finite = true;
  for (const value of await samples.data()) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (!Number.isFinite(value)) finite = false;
  }
  return [low, high, finite];
}

function cure(low: number, high: number, rangeLow: number): string {
  if (low >= 0 && high > 1) {
    return 'Are these pixels of 0…255? Pass them as a Uint8Array, or scale them to the range first';
  }
  return rangeLow === 0
    ? "Scale them, or make the generator with outputActivation 'tanh'"
    : 'Scale them to the range, or end the generator in another activation';
}

function round(value: number): string {
  return String(Number(value.toPrecision(4)));
}

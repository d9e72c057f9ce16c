import type * as tf from '@tensorflow/tfjs';
import { formatShape } from '../core/format.ts';

/** How far samples may lie outside the generator's range before it counts as a mistake, as a share of the range. */
const tolerance = 0.01;

/** What samples are held against. @internal */
export interface SampleExpectation {
  readonly datasetName: string;
  readonly shape: readonly number[];
  readonly valueRange: readonly [low: number, high: number] | undefined;
}

/**
 * Looks at the first batch of a run: its shape, and whether its values can be what the generator makes.
 *
 * @internal
 */
export async function checkBatch(samples: tf.Tensor, expected: SampleExpectation): Promise<void> {
  const { datasetName, shape, valueRange } = expected;
  const wanted = [samples.shape[0] ?? 0, ...shape];
  if (formatShape(wanted) !== formatShape(samples.shape)) {
    throw new RangeError(
      `Cannot train: a batch of the dataset '${datasetName}' must have the shape ${formatShape([null, ...shape])}, ` +
        `got ${formatShape(samples.shape)}`,
    );
  }
  const [low, high, allFinite] = await lowAndHigh(samples);
  if (!allFinite) {
    throw new RangeError(
      `Cannot train: samples of the dataset '${datasetName}' must be finite numbers, got NaN or infinity`,
    );
  }
  if (valueRange === undefined) return;
  const slack = tolerance * (valueRange[1] - valueRange[0]);
  if (low >= valueRange[0] - slack && high <= valueRange[1] + slack) return;
  const wantedRange = `${valueRange[0]}…${valueRange[1]}`;
  throw new RangeError(
    `Cannot train: samples of the dataset '${datasetName}' must lie in ${wantedRange}, as the generator's do, ` +
      `got ${round(low)}…${round(high)}. ${cure(low, high, valueRange[0])}`,
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

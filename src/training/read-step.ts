import * as tf from '@tensorflow/tfjs';
import { TrainingDivergedError } from '../core/errors.ts';
import type { StepScalars, StepValues } from './steps/train-step.ts';

/** The numbers of a step. @internal */
export type StepNumbers = StepValues<number>;

/** Reads all numbers of a step at once, as one read costs a round trip on some backends; disposes them. @internal */
export async function readStep(scalars: StepScalars): Promise<StepNumbers> {
  const all = [...new Set(scalarsOf(scalars))];
  let stacked: tf.Tensor;
  try {
    stacked = tf.tidy(() => tf.stack(all));
  } finally {
    tf.dispose(all);
  }
  try {
    const values = await stacked.data();
    const numbers = new Map(all.map((scalar, i) => [scalar, values[i] ?? Number.NaN]));
    return withNumbers(scalars, numbers) as StepNumbers;
  } finally {
    stacked.dispose();
  }
}

/** Scalars in records in records. */
interface ScalarTree {
  readonly [name: string]: tf.Scalar | ScalarTree;
}

function scalarsOf(tree: object): tf.Scalar[] {
  return Object.values(tree as ScalarTree).flatMap((part) =>
    part instanceof tf.Tensor ? [part] : scalarsOf(part),
  );
}

/** The same records, with a number in place of each scalar. */
function withNumbers(tree: object, numbers: ReadonlyMap<tf.Scalar, number>): object {
  const parts = Object.entries(tree as ScalarTree).map(([name, part]) => [
    name,
    part instanceof tf.Tensor ? numbers.get(part) : withNumbers(part, numbers),
  ]);
  return Object.fromEntries(parts) as object;
}

/** What a divergence is reported with. @internal */
export interface StepCircumstances {
  /** Number of the step. */
  readonly step: number;
  /** Learning rate of each network. */
  readonly learningRates: Readonly<Record<'generator' | 'discriminator', number>>;
  /** Name of the loss, whose term is called `loss`. */
  readonly lossName: string;
  /** Whether the real samples were finite numbers. */
  readonly samplesAreFinite: () => Promise<boolean>;
}

/**
 * Every number that must be finite, with what it is called, in the order in which one drags the next along.
 */
function watched(
  numbers: StepNumbers,
  lossName: string,
): (readonly [network: 'discriminator' | 'generator', term: string, value: number])[] {
  return (['discriminator', 'generator'] as const).flatMap((network) => [
    ...Object.entries(numbers.terms[network]).map(
      ([name, value]) => [network, name === lossName ? 'loss' : name, value] as const,
    ),
    [network, 'loss', numbers.losses[network]] as const,
    [network, 'gradient', numbers.gradientNorms[network]] as const,
  ]);
}

/** @internal */
export async function checkFinite(
  numbers: StepNumbers,
  circumstances: StepCircumstances,
): Promise<void> {
  const { step, learningRates, lossName } = circumstances;
  for (const [network, term, value] of watched(numbers, lossName)) {
    if (Number.isFinite(value)) continue;
    const { discriminator, generator } = learningRates;
    const rates =
      discriminator === generator
        ? `learning rate ${generator}`
        : `learning rates ${discriminator} of the discriminator, ${generator} of the generator`;
    const isPenalty = term !== 'loss' && term !== 'gradient';
    const cure = (await circumstances.samplesAreFinite())
      ? 'Lower the learning rate, or look for a division by zero or a logarithm of zero in the ' +
        (isPenalty ? 'penalty' : 'loss')
      : 'The batch of real samples holds NaN or infinity: mend the data';
    throw new TrainingDivergedError(
      `Cannot go on training: the ${network} ${term} became ${value} at step ${step} (${rates}). ` +
        `Both networks are back where they stood before the step. ${cure}`,
      { term: `${network} ${term}`, step, value },
    );
  }
}

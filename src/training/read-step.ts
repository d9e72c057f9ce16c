import * as tf from '@tensorflow/tfjs';
import { TrainingDivergedError } from '../core/errors.ts';
import type { StepScalars } from './steps/train-step.ts';

/** The numbers of a step. @internal */
export type StepNumbers = Readonly<Record<keyof StepScalars, number>>;

/** Reads all numbers of a step at once, as one read costs a round trip on some backends; disposes them. @internal */
export async function readStep(scalars: StepScalars): Promise<StepNumbers> {
  const names = Object.keys(scalars) as (keyof StepScalars)[];
  let stacked: tf.Tensor;
  try {
    stacked = tf.tidy(() => tf.stack(names.map((name) => scalars[name])));
  } finally {
    tf.dispose(Object.values(scalars));
  }
  try {
    const values = await stacked.data();
    return Object.fromEntries(names.map((name, i) => [name, values[i]])) as StepNumbers;
  } finally {
    stacked.dispose();
  }
}

/** What a divergence is reported with. @internal */
export interface StepCircumstances {
  /** Number of the step. */
  readonly step: number;
  /** Learning rate of each player. */
  readonly learningRates: Readonly<Record<'generator' | 'discriminator', number>>;
  /** Whether the real samples were finite numbers. */
  readonly samplesAreFinite: () => Promise<boolean>;
}

/** In the order in which one drags the next along. */
const watched = [
  ['discriminatorLoss', 'discriminator', 'loss'],
  ['discriminatorGradientNorm', 'discriminator', 'gradient'],
  ['generatorLoss', 'generator', 'loss'],
  ['generatorGradientNorm', 'generator', 'gradient'],
] as const;

/** @internal */
export async function checkFinite(
  numbers: StepNumbers,
  circumstances: StepCircumstances,
): Promise<void> {
  for (const [name, player, kind] of watched) {
    const value = numbers[name];
    if (Number.isFinite(value)) continue;
    const { step, learningRates } = circumstances;
    const rate = learningRates[player];
    const cure = (await circumstances.samplesAreFinite())
      ? 'Lower the learning rate, or look for a division by zero or a logarithm of zero in the loss'
      : 'The batch of real samples holds NaN or infinity: mend the data';
    throw new TrainingDivergedError(
      `Cannot go on training: the ${player} ${kind} became ${value} at step ${step} (learning rate ${rate}). ` +
        `Both players are back where they stood before the step. ${cure}`,
      { term: `${player} ${kind}`, step, value },
    );
  }
}

import * as tf from '@tensorflow/tfjs';
import { TrainingDivergedError } from '../../core/errors.ts';
import type { StepScalars, StepValues } from './play-turns.ts';

/** The numbers of a step. @internal */
export type StepNumbers = StepValues<number>;

/**
 * Reads all numbers of a step at once, because each read is a round trip on some backends; disposes
 * the tensors.
 *
 * @internal
 */
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

/** Nested records of scalars. */
interface ScalarTree {
  readonly [name: string]: tf.Scalar | ScalarTree;
}

function scalarsOf(tree: object): tf.Scalar[] {
  return Object.values(tree as ScalarTree).flatMap((part) =>
    part instanceof tf.Tensor ? [part] : scalarsOf(part),
  );
}

/** The same records with numbers in place of scalars. */
function withNumbers(tree: object, numbers: ReadonlyMap<tf.Scalar, number>): object {
  const parts = Object.entries(tree as ScalarTree).map(([name, part]) => [
    name,
    part instanceof tf.Tensor ? numbers.get(part) : withNumbers(part, numbers),
  ]);
  return Object.fromEntries(parts) as object;
}

/** Context for the error of a divergence. @internal */
export interface StepCircumstances {
  /** Number of the step. */
  readonly step: number;
  /** The networks that each turn updates, by its name. */
  readonly updates: ReadonlyMap<string, ReadonlySet<string>>;
  /** Learning rate of each network. */
  readonly learningRates: Readonly<Record<string, number>>;
  /** Whether the tensors of the batches were finite numbers. */
  readonly samplesAreFinite: () => Promise<boolean>;
}

/** A number that must be finite. */
interface Watched {
  /** Such as `generator loss`. */
  readonly name: string;
  readonly value: number;
  /** Where to look for the cause, if it is one term of several. */
  readonly place: string;
}

/** Every number that must be finite, in the order in which a failure spreads. */
function watched(numbers: StepNumbers, updates: StepCircumstances['updates']): readonly Watched[] {
  return Object.entries(numbers.losses).flatMap(([turn, loss]) => {
    const terms = Object.entries(numbers.terms[turn] ?? {});
    // A single term is the loss.
    const several = terms.length > 1 ? terms : [];
    return [
      ...several.map(([name, value]) => ({
        name: `${turn} ${name}`,
        value,
        place: `in the term '${name}'`,
      })),
      { name: `${turn} loss`, value: loss, place: 'in the loss' },
      ...[...(updates.get(turn) ?? [])].map((network) => ({
        name: `${network} gradient`,
        value: numbers.gradientNorms[network]!,
        place: 'in the loss',
      })),
    ];
  });
}

/** @internal */
export async function checkFinite(
  numbers: StepNumbers,
  circumstances: StepCircumstances,
): Promise<void> {
  const { step, learningRates } = circumstances;
  const rates = describeRates(learningRates);
  for (const { name, value, place } of watched(numbers, circumstances.updates)) {
    if (Number.isFinite(value)) continue;
    const cure = (await circumstances.samplesAreFinite())
      ? `Lower the learning rate, or look for a division by zero or a logarithm of zero ${place}`
      : 'The batch of real samples holds NaN or infinity: fix the data';
    throw diverged(name, step, value, rates, cure);
  }
  // An update may make weights non-finite before any loss has seen them; the next step could then
  // only be rolled back to them.
  for (const [network, value] of Object.entries(numbers.movedWeights)) {
    if (Number.isFinite(value)) continue;
    const own = describeRates({ [network]: learningRates[network] ?? 0 });
    throw diverged(`${network} weights`, step, value, own, 'Lower the learning rate');
  }
}

function describeRates(rates: Readonly<Record<string, number>>): string {
  const [first = 0, ...others] = Object.values(rates);
  if (others.every((rate) => rate === first)) return `learning rate ${first}`;
  const each = Object.entries(rates).map(([network, rate]) => `${rate} of the ${network}`);
  return `learning rates ${each.join(', ')}`;
}

function diverged(
  name: string,
  step: number,
  value: number,
  rates: string,
  cure: string,
): TrainingDivergedError {
  return new TrainingDivergedError(
    `Cannot continue training: the ${name} became ${value} at step ${step} (${rates}). ` +
      `All networks are back to what they were before the step. ${cure}`,
    { term: name, step, value },
  );
}

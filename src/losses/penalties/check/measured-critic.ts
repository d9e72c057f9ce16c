import * as tf from '@tensorflow/tfjs';
import type { Random } from '../../../core/random.ts';
import type { ModelWeight } from '../../../models/model-weights.ts';
import { HeldKinks } from './held-kinks.ts';
import { penaltyError, penaltySlopes } from './penalty-error.ts';
import { slopeError } from './slope-error.ts';
import { underGradient } from './under-gradient.ts';
import type { UnsafeOperation } from './unsafe-operations.ts';
import { attempt } from './watched-engine.ts';

/** How a critic fares under a penalty on its slope. @internal */
export interface Measured {
  /** How far the slope, or the gradient of the penalty on it, is from central differences. */
  readonly relativeError?: number;
  /** What is wrong, in a sentence. */
  readonly problem?: string;
  /** What to look for in its operations, where one of them is to blame. */
  readonly suspect?: UnsafeOperation['problem'];
}

/**
 * Measures a critic, from what would spoil all the rest to the gradient of the penalty. A number that is none differs
 * from every other, so these are looked for first, and no operation is blamed for them.
 *
 * @param answers - Of the critic, to samples.
 * @param weights - All that it has.
 * @param x - Samples.
 * @param tolerance - The largest relative error that still is right.
 * @param random - Decides directions.
 * @internal
 */
export async function measureCritic(
  answers: (samples: tf.Tensor) => tf.Tensor,
  weights: readonly ModelWeight[],
  x: tf.Tensor,
  tolerance: number,
  random: Random,
): Promise<Measured> {
  const trainable = weights.filter((weight) => weight.trainable);
  if (trainable.length === 0) return { problem: 'the critic has no trainable weights' };
  for (const weight of weights) {
    if (await isFinite(weight.read())) continue;
    return {
      problem: `the weight '${weight.key}' of the critic holds values that are NaN or infinite`,
    };
  }
  if (!(await isFinite(x))) return { problem: 'the samples hold values that are NaN or infinite' };

  const kinks = new HeldKinks();
  const looked = attempt(() =>
    tf.tidy(() => underGradient(x, (samples) => kinks.remember(() => answers(samples)), true)),
  );
  try {
    if ('error' in looked) return { problem: looked.error.message, suspect: 'throws' };
    const { answered, slope } = looked.value;
    if (!(await isFinite(answered))) {
      return { problem: "the critic's answers to the samples are NaN or infinite" };
    }
    if (!(await isFinite(slope))) {
      return { problem: 'the slope of the critic at the samples is NaN or infinite' };
    }
    if (await isZero(slope)) {
      return {
        problem:
          'the slope of the critic is zero at every sample, so there is nothing to compare. Look at it with other weights',
      };
    }
    const offSlope = await slopeError(answers, x, slope, kinks, tolerance, random);
    if (offSlope > tolerance) {
      return differs('the slope of the critic', 'central differences of its answers', offSlope);
    }
    let least = Infinity;
    // What bends sharply is nearly straight within a shorter step; a wrong gradient stays wrong.
    for (const scale of [1, 0.1, 0.01]) {
      const compared = attempt(() =>
        tf.tidy(() => penaltySlopes(answers, trainable, x, kinks, scale, random)),
      );
      if ('error' in compared) return { problem: compared.error.message, suspect: 'throws' };
      const error = await penaltyError(compared.value);
      if (error === undefined) {
        return { problem: 'the slope of the critic does not depend on its weights' };
      }
      if (Number.isNaN(error)) {
        return { problem: 'the gradient of the penalty is NaN or infinite', suspect: 'differs' };
      }
      if (error <= tolerance) return { relativeError: Math.max(error, offSlope) };
      least = Math.min(least, error);
    }
    if (least === Infinity) {
      return { problem: 'the slope of the critic is NaN or infinite with weights close to these' };
    }
    return differs('the gradient of the penalty', 'central differences', least);
  } finally {
    if ('value' in looked) tf.dispose(looked.value);
    kinks.dispose();
  }
}

async function isFinite(tensor: tf.Tensor): Promise<boolean> {
  const verdict = tf.tidy(() => tf.all(tf.isFinite(tensor)));
  const [all] = await verdict.data();
  verdict.dispose();
  return all === 1;
}

/** Shorter than what the penalty adds to a slope. */
async function isZero(slope: tf.Tensor): Promise<boolean> {
  const longest = tf.tidy(() => tf.max(tf.abs(slope)));
  const [length = 0] = await longest.data();
  longest.dispose();
  return length < 1e-12;
}

function differs(what: string, from: string, relativeError: number): Measured {
  const problem = `${what} differs from ${from} by ${relativeError.toPrecision(2)}, relative`;
  return { relativeError, problem, suspect: 'differs' };
}

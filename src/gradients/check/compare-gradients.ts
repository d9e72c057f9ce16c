import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../core/add-all.ts';
import type { Random } from '../../core/random.ts';
import { messageOf } from '../../core/realms.ts';
import { freeTape } from '../../tfjs-internals/tape.ts';
import { HeldKinks } from './held-kinks.ts';

/** A function of samples and of weights: one number for each sample, or several. @internal */
export type Critic = (x: tf.Tensor, weights: readonly tf.Tensor[]) => tf.Tensor;

/** The result of {@link compareGradients}. @internal */
export interface Comparison {
  /**
   * Relative error of the gradient, or of the gradient of the penalty on it, against central
   * differences.
   */
  readonly relativeError?: number;
  /** What is wrong, in a sentence. */
  readonly problem?: string;
  /** Whether operations cause the problem, as opposed to values. */
  readonly isWrong?: boolean;
}

/** Number of random directions in sample space. */
const directions = 3;

/**
 * Step sizes relative to typical values of a tensor: large ones exceed rounding errors, small ones
 * resolve strong curvature.
 */
const stepSizes = [1e-2, 1e-3, 1e-4];

/** Relative resolution of float32. */
const resolution = 1e-6;

/** Differences are ignored if rounding may account for more than this share. */
const leastSure = 0.25;

/** 1e-12 as in GradientPenalty: the square root has no derivative at zero. */
const tiny = 1e-12;

/**
 * Compares the gradient of a critic with respect to its samples with central differences of its
 * outputs, and the gradient of the penalty `mean((‖∇D(x)‖₂ − 1)²)` with respect to each weight with
 * central differences of the penalty. Both checks are needed: a wrong first-order gradient can have
 * a consistent second-order gradient, that of a penalty on something else.
 *
 * NaN differs from every number, so values are checked first, and no operation is reported for
 * them.
 *
 * @param critic - The same function each time it is called.
 * @param x - Samples, `[batch, ...]`.
 * @param weights - Finite numbers; at least one tensor.
 * @param tolerance - The largest acceptable relative error.
 * @param random - Source of the directions.
 * @internal
 */
export async function compareGradients(
  critic: Critic,
  x: tf.Tensor,
  weights: readonly tf.Tensor[],
  tolerance: number,
  random: Random,
): Promise<Comparison> {
  const kinks = new HeldKinks();
  // Values are also computed under a gradient: otherwise tfjs fuses activations into layers, and
  // other kernels run.
  const look = (
    samples: tf.Tensor,
    values: readonly tf.Tensor[],
    side: 'remember' | 'hold' = 'hold',
  ): { readonly value: tf.Tensor; readonly grad: tf.Tensor } =>
    tf.valueAndGrad((moved: tf.Tensor) => kinks[side](() => critic(moved, values)))(samples);
  const made: tf.Tensor[] = [];
  try {
    const { value, grad: slope } = tf.tidy(() => look(x, weights, 'remember'));
    made.push(value, slope);
    for (const [tensor, problem] of [
      [x, 'the samples hold values that are NaN or infinite'],
      [value, "the critic's outputs are NaN or infinite"],
      [slope, 'the gradient of the critic at the samples is NaN or infinite'],
    ] as const) {
      if (!Number.isFinite(await absoluteSum(tensor))) return { problem };
    }
    // Smaller than the constant that the penalty adds under the square root.
    if ((await absoluteSum(slope)) < 1e-12) {
      return {
        problem:
          'the gradient of the critic is zero at every sample, so there is nothing to compare. Check it with other weights',
      };
    }
    const bySamples: Point = {
      tensor: x,
      gradient: slope,
      valuesAt: (moved) => look(moved, weights).value,
    };
    const points = Array.from({ length: directions }, () => bySamples);
    const slopeError = (await leastError(points, (each) => each, tolerance, random)) ?? 0;
    if (slopeError > tolerance) {
      return differs(
        'the gradient of the critic',
        'central differences of its outputs',
        slopeError,
      );
    }

    const gradients = tf.tidy(() => penaltyGradients(critic, x, weights));
    made.push(...gradients);
    for (const gradient of gradients) {
      if (Number.isFinite(await absoluteSum(gradient))) continue;
      return { problem: 'the gradient of the penalty is NaN or infinite', isWrong: true };
    }
    const byWeight = weights.map((tensor, place): Point => ({
      tensor,
      gradient: gradients[place]!,
      valuesAt: (moved) => squares(look(x, weights.with(place, moved)).grad),
    }));
    // In double precision: for small gradients the penalty is near 1, which leaves few digits for
    // its changes.
    const penaltyOf = (square: number): number => (Math.sqrt(square + tiny) - 1) ** 2 / x.shape[0];
    const error = await leastError(byWeight, penaltyOf, tolerance, random);
    if (error === undefined) {
      return {
        problem: 'the gradient of the critic depends on its weights by no more than rounding',
      };
    }
    return error > tolerance
      ? differs('the gradient of the penalty', 'central differences', error)
      : { relativeError: Math.max(error, slopeError) };
  } catch (error) {
    freeTape();
    return { problem: messageOf(error), isWrong: true };
  } finally {
    tf.dispose(made);
    kinks.dispose();
  }
}

function penaltyGradients(
  critic: Critic,
  x: tf.Tensor,
  weights: readonly tf.Tensor[],
): tf.Tensor[] {
  return tf.grads((...own: tf.Tensor[]) => {
    const slope = tf.grad((samples: tf.Tensor) => critic(samples, own))(x);
    const norms = tf.sqrt(tf.add(squares(slope), tiny));
    // tfjs refuses to differentiate with respect to a weight that the gradient does not depend on,
    // such as the last bias.
    const nothing = own.map((weight) => tf.mul(tf.sum(weight), 0));
    return addAll([tf.mean(tf.square(tf.sub(norms, 1))), ...nothing]);
  })([...weights]);
}

/** Squared gradient norms, by sample. */
function squares(slope: tf.Tensor): tf.Tensor {
  return tf.sum(tf.square(tf.reshape(slope, [slope.shape[0], -1])), 1);
}

/** A tensor to vary, the gradient of a sum with respect to it, and the terms of the sum. */
interface Point {
  readonly tensor: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly valuesAt: (moved: tf.Tensor) => tf.Tensor;
}

/**
 * Relative error of gradients against central differences along a random direction at each point;
 * `undefined` if the sum changes by no more than rounding, or is not finite nearby.
 *
 * The result is the smallest error over all step sizes: a curved function is nearly linear within a
 * small step, while a wrong gradient stays wrong. `of` maps each value to its term of the sum.
 */
async function leastError(
  points: readonly Point[],
  of: (value: number) => number,
  tolerance: number,
  random: Random,
): Promise<number | undefined> {
  let least: number | undefined;
  for (const stepSize of stepSizes) {
    const promises: number[] = [];
    const changes: number[] = [];
    const roundings: number[] = [];
    for (const { tensor, gradient, valuesAt } of points) {
      const [promised, above, below] = tf.tidy(() => {
        const move = randomMove(tensor, stepSize, random);
        const values = [tf.add(tensor, move), tf.sub(tensor, move)].map(valuesAt);
        return [tf.sum(tf.mul(gradient, move)), ...values] as [tf.Tensor, tf.Tensor, tf.Tensor];
      });
      promises.push(...(await promised.data()));
      const [up, down] = [await above.data<'float32'>(), await below.data<'float32'>()];
      tf.dispose([promised, above, below]);
      changes.push(up.reduce((total, value, i) => total + (of(value) - of(down[i]!)) / 2, 0));
      roundings.push(
        up.reduce((total, value) => total + Math.abs(of(value * (1 + resolution)) - of(value)), 0),
      );
    }
    const size = Math.max(Math.hypot(...promises), Math.hypot(...changes));
    const misses = promises.map((promise, i) =>
      Math.max(0, Math.abs(promise - changes[i]!) - roundings[i]!),
    );
    if (!Number.isFinite(size) || Math.hypot(...roundings) >= leastSure * size) continue;
    least = Math.min(Math.hypot(...misses) / size, least ?? Infinity);
    if (least <= tolerance) break;
  }
  return least;
}

/** Moves each value in a random direction, in proportion to typical values. */
function randomMove(tensor: tf.Tensor, stepSize: number, random: Random): tf.Tensor {
  const signs = Float32Array.from({ length: tensor.size }, () => (random.uniform() < 0.5 ? -1 : 1));
  const size = tf.sqrt(tf.mean(tf.square(tensor)));
  const step = tf.mul(tf.where(tf.greater(size, 1e-15), size, 0.1), stepSize);
  return tf.mul(tf.tensor(signs, tensor.shape), step);
}

/** The sum of absolute values: not finite if one of them is not. @internal */
export async function absoluteSum(tensor: tf.Tensor): Promise<number> {
  const total = tf.tidy(() => tf.sum(tf.abs(tensor)));
  const [size = Number.NaN] = await total.data();
  total.dispose();
  return size;
}

function differs(what: string, from: string, relativeError: number): Comparison {
  const problem = `${what} differs from ${from} by ${relativeError.toPrecision(2)}, relative`;
  return { relativeError, problem, isWrong: true };
}

import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../../core/add-all.ts';
import type { Random } from '../../../core/random.ts';
import type { ModelWeight } from '../../../models/model-weights.ts';
import { randomSigns, stepOf } from './central-differences.ts';
import type { HeldKinks } from './held-kinks.ts';

/** 1e-12 as in GradientPenalty: the root has no slope at zero. */
const tiny = 1e-12;

/**
 * By weight: the slope of the penalty along a direction, as the gradient has it, and the squared slopes of the critic at
 * each sample, a step to this side and to that.
 *
 * @internal
 */
export type PenaltySlopes = {
  readonly slope: tf.Tensor;
  readonly step: tf.Tensor;
  readonly sides: tf.Tensor;
}[];

/**
 * What {@link penaltyError} compares.
 *
 * @param answers - Of the critic.
 * @param weights - Its trainable ones.
 * @param x - Samples.
 * @param kinks - They remember the critic at the samples.
 * @param scale - Of the steps.
 * @param random - Decides the directions.
 * @internal
 */
export function penaltySlopes(
  answers: (samples: tf.Tensor) => tf.Tensor,
  weights: readonly ModelWeight[],
  x: tf.Tensor,
  kinks: HeldKinks,
  scale: number,
  random: Random,
): PenaltySlopes {
  const squares = (
    lent: readonly tf.Tensor[],
    pass: (run: () => tf.Tensor) => tf.Tensor = (run) => run(),
  ): tf.Tensor => {
    const giveBack = weights.map((weight, i) => weight.override(lent[i]!));
    try {
      return squaresOf(tf.grad((samples) => tf.sum(pass(() => answers(samples))))(x));
    } finally {
      for (const put of giveBack) put();
    }
  };
  const own = weights.map((weight) => tf.clone(weight.read()));
  const gradients = tf.grads((...lent: tf.Tensor[]) => {
    const norms = tf.sqrt(tf.add(squares(lent), tiny));
    const penalty = tf.mean(tf.square(tf.sub(norms, 1)));
    // A weight that the slope does not depend on, as the last bias is, would be no weight of the penalty to tfjs.
    return addAll([penalty, ...lent.map((weight) => tf.mul(tf.sum(weight), 0))]);
  })(own);
  return own.map((weight, at) => {
    const step = tf.mul(stepOf(weight), scale);
    const direction = randomSigns(weight, random);
    const sides = [1, -1].map((side) => {
      const moved = tf.add(weight, tf.mul(direction, tf.mul(step, side)));
      const lent = own.map((other, i) => (i === at ? moved : other));
      return squares(lent, (run) => kinks.hold(run));
    });
    return { slope: tf.sum(tf.mul(gradients[at]!, direction)), step, sides: tf.stack(sides) };
  });
}

/** Squared slopes, by sample. */
function squaresOf(slope: tf.Tensor): tf.Tensor {
  return tf.sum(tf.square(tf.reshape(slope, [slope.shape[0], -1])), 1);
}

/**
 * How far the gradient of `mean((‖∇D(x)‖₂ − 1)²)` by the weights is from central differences, relative.
 *
 * @returns NaN where the gradient is no number, infinity where the differences are none, and nothing where both are
 *   zero.
 * @internal
 */
export async function penaltyError(compared: PenaltySlopes): Promise<number | undefined> {
  const got: number[] = [];
  const wanted: number[] = [];
  for (const { slope, step, sides } of compared) {
    const squares = [...(await sides.data())];
    const [distance = 0] = await step.data();
    const [along = Number.NaN] = await slope.data();
    tf.dispose([slope, step, sides]);
    // In double precision: where slopes are small, the penalty is near 1, with few digits left for how it changes.
    const half = squares.length / 2;
    const change = penaltyOf(squares.slice(0, half)) - penaltyOf(squares.slice(half));
    got.push(along);
    wanted.push(change / (2 * distance));
  }
  if (!got.every(Number.isFinite)) return Number.NaN;
  if (!wanted.every(Number.isFinite)) return Infinity;
  const size = Math.hypot(...wanted);
  const off = Math.hypot(...got.map((slope, i) => slope - wanted[i]!));
  return size > 1e-6 || off > 1e-6 ? off / Math.max(size, 1e-6) : undefined;
}

function penaltyOf(squares: readonly number[]): number {
  const misses = squares.map((square) => (Math.sqrt(square + tiny) - 1) ** 2);
  return misses.reduce((a, b) => a + b, 0) / squares.length;
}

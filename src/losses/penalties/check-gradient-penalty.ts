import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../core/add-all.ts';
import {
  checkOptions,
  checkPositive,
  checkPositiveInteger,
  checkSeed,
} from '../../core/checks.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { withSeededMathRandom } from '../../core/math-random.ts';
import { Random } from '../../core/random.ts';
import { enableSecondOrderGradients } from '../../gradients/enable-second-order-gradients.ts';
import { Discriminator } from '../../models/discriminator.ts';
import { leafLayers } from '../../models/layers-model.ts';
import { modelWeights, withStatisticsHeld } from '../../models/model-weights.ts';
import { batchNorms } from './batch-norm-warning.ts';
import { HeldKinks } from './held-kinks.ts';
import { findUnsafeOperations, type UnsafeOperation } from './unsafe-operations.ts';
import { attempt } from './watched-engine.ts';

/**
 * Settings of {@link checkGradientPenalty}.
 *
 * @example Look at samples such as the critic will see
 * ```ts
 * const critic = mlpDiscriminator({ sampleShape: [2] });
 * const samples = tf.randomUniform([8, 2], -1, 1, 'float32', 1);
 * const options: CheckGradientPenaltyOptions = { samples, tolerance: 0.05 };
 * const { ok } = await checkGradientPenalty(critic, options);
 * console.log(ok); // true
 * samples.dispose();
 * ```
 */
export interface CheckGradientPenaltyOptions {
  /**
   * Samples to look at, `[batch, ...inputShape]`; they stay the caller's. Take real ones where random numbers are no
   * input the critic could have.
   *
   * @defaultValue `batchSize` samples of normal random numbers
   */
  readonly samples?: tf.Tensor | undefined;
  /**
   * How many random samples to look at.
   *
   * @defaultValue `4`
   */
  readonly batchSize?: number | undefined;
  /**
   * Decides the random samples, the directions, and dropout.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
  /**
   * The largest relative error that still is right.
   *
   * @defaultValue `0.02`
   */
  readonly tolerance?: number | undefined;
}

/**
 * What {@link checkGradientPenalty} found.
 *
 * @example A critic with the right gradient, but with batch norm, under which the penalty means little
 * ```ts
 * const critic = dcganDiscriminator({ imageShape: [16, 16, 1], baseFilters: 4 });
 * const report: GradientPenaltyReport = await checkGradientPenalty(critic);
 * if (!report.ok) throw new Error(report.problem);
 * console.log(report.mixesSamples.length); // 1
 * critic.dispose();
 * ```
 */
export interface GradientPenaltyReport {
  /** Whether the gradient of a penalty on the slope at each sample is right. */
  readonly ok: boolean;
  /**
   * How far it is from central differences, relative, over random directions in each weight; nothing where it cannot
   * be computed.
   */
  readonly relativeError?: number | undefined;
  /** The operations that are to blame. */
  readonly unsafe: readonly UnsafeOperation[];
  /** Why it is not right, in a sentence; nothing where it is. */
  readonly problem?: string | undefined;
  /**
   * Names of the batch norm layers. They mix the samples of a batch, so that the slope at one sample depends on the
   * others and a penalty on it means little, although its gradient be right.
   */
  readonly mixesSamples: readonly string[];
}

/** Step of the central differences in each value of a weight. */
const step = 1e-3;

/**
 * Tells whether a critic is safe under a gradient penalty: whether `mean((‖∇D(x)‖₂ − 1)²)` has the right gradient with
 * respect to the critic's weights, on this backend.
 *
 * It compares the gradient with central differences along random directions in each weight. Operations with a kink,
 * such as leakyRelu, are held on their side of it, so that a kink within a step does not look like an error. Where the
 * two differ, or the gradient cannot be computed, each operation is tried alone, and those to blame are named. It
 * calls {@link enableSecondOrderGradients} first; what that mends is safe.
 *
 * - Memory: leaves no tensors behind, and the critic as it was.
 *
 * @param discriminator - The critic.
 * @param options - Samples, seed, tolerance.
 * @returns What it found; the promise is rejected only for bad options.
 * @throws TypeError where the critic is no {@link Discriminator}, the samples are no tensor, or an option is unknown.
 * @throws RangeError where an option is out of range, or the samples have another shape.
 * @throws Error where the critic or the samples were disposed.
 *
 * @example Look at a critic before training it
 * ```ts
 * const critic = dcganDiscriminator({ imageShape: [8, 8, 1], baseFilters: 4, normalization: 'none' });
 * const report = await checkGradientPenalty(critic);
 * console.log(report.ok, report.unsafe.length); // true 0
 * ```
 */
export async function checkGradientPenalty(
  discriminator: Discriminator,
  options: CheckGradientPenaltyOptions = {},
): Promise<GradientPenaltyReport> {
  checkCritic(discriminator);
  checkOptions(asked, options, ['samples', 'batchSize', 'seed', 'tolerance']);
  const { batchSize = 4, seed = 0, tolerance = 0.02 } = options;
  checkPositiveInteger(asked, 'batchSize', batchSize);
  checkSeed(asked, seed);
  checkPositive(asked, 'tolerance', tolerance);
  if (options.samples !== undefined) checkSamples(discriminator, options.samples);
  enableSecondOrderGradients();

  const random = new Random(seed);
  const { model } = discriminator;
  const layers = leafLayers(model);
  const mixesSamples = batchNorms(model).map(({ name }) => name);
  const x =
    options.samples?.clone() ??
    tf.tensor(random.normalArray(batchSize * discriminator.inputShape.reduce((a, b) => a * b, 1)), [
      batchSize,
      ...discriminator.inputShape,
    ]);
  try {
    const weights = modelWeights(model);
    const critic = (samples: tf.Tensor): tf.Tensor =>
      withSeededMathRandom(new Random(seed), () =>
        withStatisticsHeld(weights, () =>
          tf.sum(model.apply(samples, { training: true }) as tf.Tensor),
        ),
      );
    const compared = attempt(() => compare(weights, critic, x, random));
    const measured =
      'value' in compared
        ? await measure(compared.value)
        : { problem: compared.error.message, relativeError: undefined };
    const { relativeError } = measured;
    const ok = relativeError !== undefined && relativeError <= tolerance;
    if (ok) return { ok, relativeError, unsafe: [], mixesSamples };

    const unsafe = await findUnsafeOperations(
      layers,
      critic,
      x,
      relativeError === undefined ? 'throws' : 'differs',
      random,
    );
    const problem =
      measured.problem ??
      `the gradient of the penalty differs from central differences by ${relativeError!.toPrecision(2)}, relative`;
    return { ok, relativeError, unsafe, problem, mixesSamples };
  } finally {
    x.dispose();
  }
}

type Weights = ReturnType<typeof modelWeights>;

/** Slopes of the penalty: as its gradient has them, and the values that central differences are made of. */
interface Compared {
  readonly slopes: readonly tf.Tensor[];
  readonly values: readonly tf.Tensor[];
}

function compare(
  weights: Weights,
  critic: (samples: tf.Tensor) => tf.Tensor,
  x: tf.Tensor,
  random: Random,
): Compared {
  const trainable = weights.filter((weight) => weight.trainable);
  const penalty = (
    lent: readonly tf.Tensor[],
    pass: (run: () => tf.Tensor) => tf.Tensor = (run) => run(),
  ): tf.Scalar => {
    const giveBack = trainable.map((weight, i) => weight.lend(lent[i]!));
    try {
      const slope = tf.grad((samples) => pass(() => critic(samples)))(x);
      const squared = tf.sum(tf.square(tf.reshape(slope, [x.shape[0], -1])), 1);
      // 1e-12 as in GradientPenalty: the root has no slope at zero.
      return tf.mean(tf.square(tf.sub(tf.sqrt(tf.add(squared, 1e-12)), 1))).asScalar();
    } finally {
      for (const put of giveBack) put();
    }
  };
  const kinks = new HeldKinks();
  try {
    return tf.tidy(() => {
      const own = trainable.map((weight) => tf.clone(weight.read()));
      if (own.length === 0) throw new Error('the critic has no trainable weights');
      const gradients = tf.grads((...lent: tf.Tensor[]) => {
        // A weight that the slope does not depend on, as the last bias is, would be no weight of the penalty to tfjs.
        const nothing = addAll(lent.map((weight) => tf.mul(tf.sum(weight), 0)));
        return tf.add(penalty(lent), nothing);
      })(own);
      // Under a gradient, since tfjs fuses activations into layers where there is none.
      tf.grad((samples) => kinks.remember(() => critic(samples)))(x);
      const held = (lent: readonly tf.Tensor[]): tf.Scalar =>
        penalty(lent, (run) => kinks.hold(run));
      const directions = own.map((weight) =>
        tf.tensor(
          Float32Array.from({ length: weight.size }, () => (random.uniform() < 0.5 ? -1 : 1)),
          weight.shape,
        ),
      );
      const along = (at: number, distance: number): tf.Tensor =>
        held(
          own.map((weight, i) =>
            i === at ? tf.add(weight, tf.mul(directions[i]!, distance)) : weight,
          ),
        );
      return {
        slopes: gradients.map((gradient, i) => tf.sum(tf.mul(gradient, directions[i]!))),
        values: own.map((_, i) => tf.stack([along(i, step), along(i, -step)])),
      };
    });
  } finally {
    kinks.dispose();
  }
}

async function measure({ slopes, values }: Compared): Promise<{
  relativeError: number | undefined;
  problem?: string;
}> {
  const differences: number[] = [];
  const wanted: number[] = [];
  for (const [i, slope] of slopes.entries()) {
    const [got = Number.NaN] = await slope.data();
    const [above = 0, below = 0] = await values[i]!.data();
    wanted.push((above - below) / (2 * step));
    differences.push(got - wanted[i]!);
  }
  tf.dispose([...slopes, ...values]);
  const size = Math.hypot(...wanted);
  const off = Math.hypot(...differences);
  if (size > 1e-6 || off > 1e-6) return { relativeError: off / Math.max(size, 1e-6) };
  return {
    relativeError: undefined,
    problem: 'the slope of the critic does not depend on its weights',
  };
}

const asked = 'check a critic';

function checkCritic(discriminator: unknown): void {
  if (!(discriminator instanceof Discriminator)) {
    throw new TypeError(
      `Cannot ${asked}: discriminator must be a Discriminator, got ${formatValue(discriminator)}. ` +
        'Put a tf.LayersModel into new Discriminator({ model })',
    );
  }
  if (discriminator.isDisposed) {
    throw new Error(`Cannot ${asked}: the Discriminator was disposed`);
  }
}

function checkSamples({ inputShape }: Discriminator, samples: tf.Tensor): void {
  if (!((samples as unknown) instanceof tf.Tensor)) {
    throw new TypeError(
      `Cannot ${asked}: samples must be a tf.Tensor, got ${formatValue(samples)}`,
    );
  }
  if (samples.isDisposed) {
    throw new Error(
      `Cannot ${asked}: samples must be a tensor that still holds values, got a disposed one`,
    );
  }
  const fits =
    samples.rank === inputShape.length + 1 &&
    inputShape.every((size, axis) => size === samples.shape[axis + 1]);
  if (fits && samples.size > 0) return;
  throw new RangeError(
    `Cannot ${asked}: samples must have the shape ${formatShape([null, ...inputShape])}` +
      `${fits ? ' and hold one' : ''}, got ${formatShape(samples.shape)}`,
  );
}

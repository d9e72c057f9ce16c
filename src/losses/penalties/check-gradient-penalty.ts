import * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositive, checkPositiveInteger, checkSeed } from '../../core/checks.ts';
import { fitsShape } from '../../core/fits-shape.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { withSeededMathRandom } from '../../core/math-random.ts';
import { Random } from '../../core/random.ts';
import { absoluteSum, compareGradients } from '../../gradients/check/compare-gradients.ts';
import { wrongLayers } from '../../gradients/check/wrong-layers.ts';
import { enableSecondOrderGradients } from '../../gradients/enable-second-order-gradients.ts';
import { Discriminator } from '../../models/discriminator.ts';
import { leafLayers } from '../../models/layers-model.ts';
import { type ModelWeight, modelWeights, withStatisticsHeld } from '../../models/model-weights.ts';
import { withVariables } from '../../tfjs-internals/layer-variables.ts';
import { batchNorms } from './batch-norm-warning.ts';

/**
 * Settings of {@link checkGradientPenalty}.
 *
 * @example Use samples with the critic's input distribution
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
   * Samples for the check, `[batch, ...inputShape]`; the caller keeps owning them. Pass real ones
   * if random numbers are not valid inputs of the critic.
   *
   * @defaultValue `batchSize` samples of standard normal numbers
   */
  readonly samples?: tf.Tensor | undefined;
  /**
   * Number of random samples.
   *
   * @defaultValue `4`
   */
  readonly batchSize?: number | undefined;
  /**
   * Determines the random samples, the directions, and dropout.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
  /**
   * The largest acceptable relative error.
   *
   * @defaultValue `0.02`
   */
  readonly tolerance?: number | undefined;
}

/**
 * The result of {@link checkGradientPenalty}.
 *
 * @example A critic with a correct gradient, but with batch norm, which makes the penalty
 * meaningless
 * ```ts
 * const critic = dcganDiscriminator({ imageShape: [16, 16, 1], baseFilters: 4 });
 * const report: GradientPenaltyReport = await checkGradientPenalty(critic);
 * if (!report.ok) throw new Error(report.problem);
 * console.log(report.mixesSamples.length); // 1
 * critic.dispose();
 * ```
 */
export interface GradientPenaltyReport {
  /** Whether the gradient of a penalty on the gradient norm at each sample is correct. */
  readonly ok: boolean;
  /**
   * Relative error of the gradient, or of the gradient of the penalty, against central differences
   * along random directions; undefined if it cannot be computed.
   */
  readonly relativeError?: number | undefined;
  /**
   * Names of the layers that cause the problem: their own gradients are wrong, or cannot be
   * computed.
   */
  readonly layers: readonly string[];
  /** What is wrong, in a sentence; undefined if nothing is. */
  readonly problem?: string | undefined;
  /**
   * Names of the batch norm layers. They mix the samples of a batch, so the gradient at one sample
   * depends on the others and a penalty on it has little meaning, even if its gradient is correct.
   */
  readonly mixesSamples: readonly string[];
}

/**
 * Checks whether a critic works with a gradient penalty: whether the gradient of
 * `mean((‖∇D(x)‖₂ − 1)²)` with respect to the critic's weights is correct on this backend.
 *
 * It compares the gradient with central differences of the critic's outputs, and the gradient of
 * the penalty with central differences along random directions in each weight. Operations with a
 * kink, such as leakyRelu, keep their branch, so that a kink within a step is not reported as an
 * error. If a comparison fails, or a gradient cannot be computed, each layer is checked alone in
 * the same way, on its own inputs, and faulty layers are reported; none is reported if weights,
 * samples or outputs are not finite, or the gradient is zero. It calls
 * {@link enableSecondOrderGradients} first, so operations that this fixes pass.
 *
 * - Memory: leaves no tensors behind, and does not change the critic.
 *
 * @param discriminator - The critic.
 * @param options - Samples, seed, tolerance.
 * @returns The report; the promise is rejected only for invalid options.
 * @throws TypeError if the critic is not a {@link Discriminator}, the samples are not a tensor, or
 * an option is unknown.
 * @throws RangeError if an option is out of range, or the samples have another shape.
 * @throws Error if the critic or the samples were disposed.
 *
 * @example Check a critic before training it
 * ```ts
 * const critic = dcganDiscriminator({ imageShape: [8, 8, 1], baseFilters: 4, normalization: 'none' });
 * const report = await checkGradientPenalty(critic);
 * console.log(report.ok, report.layers); // true []
 * ```
 */
export async function checkGradientPenalty(
  discriminator: Discriminator,
  options: CheckGradientPenaltyOptions = {},
): Promise<GradientPenaltyReport> {
  checkCritic(discriminator);
  checkOptions(action, options, ['samples', 'batchSize', 'seed', 'tolerance']);
  const { batchSize = 4, seed = 0, tolerance = 0.02 } = options;
  checkPositiveInteger(action, 'batchSize', batchSize);
  checkSeed(action, seed);
  checkPositive(action, 'tolerance', tolerance);
  if (options.samples !== undefined) checkSamples(discriminator, options.samples);
  enableSecondOrderGradients();

  const random = new Random(seed);
  const { model, inputShape } = discriminator;
  const mixesSamples = batchNorms(model).map(({ name }) => name);
  const weights = modelWeights(model);
  const variables = [...new Set(model.trainableWeights)];
  const spoiled =
    variables.length === 0 ? 'the critic has no trainable weights' : await whatSpoils(weights);
  if (spoiled !== undefined) return { ok: false, layers: [], problem: spoiled, mixesSamples };

  const around = <T>(run: () => T): T =>
    withSeededMathRandom(action, new Random(seed), () => withStatisticsHeld(weights, run));
  const critic = (samples: tf.Tensor, values: readonly tf.Tensor[]): tf.Tensor =>
    around(() =>
      withVariables(variables, values, () => model.apply(samples, { training: true }) as tf.Tensor),
    );
  const size = inputShape.reduce((a, b) => a * b, batchSize);
  const x =
    options.samples?.clone() ?? tf.tensor(random.normalArray(size), [batchSize, ...inputShape]);
  try {
    const values = variables.map((variable) => variable.read());
    const compared = await compareGradients(critic, x, values, tolerance, random);
    const { relativeError, problem, isWrong } = compared;
    const pass = (): void => void critic(x, values);
    const layers =
      isWrong === true ? await wrongLayers(leafLayers(model), pass, around, tolerance, random) : [];
    return { ok: problem === undefined, relativeError, layers, problem, mixesSamples };
  } finally {
    x.dispose();
  }
}

/** The weight that makes every result NaN, in a sentence. */
async function whatSpoils(weights: readonly ModelWeight[]): Promise<string | undefined> {
  for (const weight of weights) {
    if (Number.isFinite(await absoluteSum(weight.read()))) continue;
    return `the weight '${weight.key}' of the critic has values that are NaN or infinite`;
  }
  return undefined;
}

const action = 'check a critic';

function checkCritic(discriminator: unknown): void {
  if (!(discriminator instanceof Discriminator)) {
    throw new TypeError(
      `Cannot ${action}: discriminator must be a Discriminator, got ${formatValue(discriminator)}. ` +
        'Wrap a tf.LayersModel: new Discriminator({ model })',
    );
  }
  discriminator.checkAlive(action, 'the Discriminator');
}

function checkSamples({ inputShape }: Discriminator, samples: tf.Tensor): void {
  if (!((samples as unknown) instanceof tf.Tensor)) {
    throw new TypeError(
      `Cannot ${action}: samples must be a tf.Tensor, got ${formatValue(samples)}`,
    );
  }
  if (samples.isDisposed) {
    throw new Error(`Cannot ${action}: samples must not be disposed, got a disposed tensor`);
  }
  const wanted = [null, ...inputShape];
  const fits = fitsShape(samples.shape, wanted);
  if (fits && samples.size > 0) return;
  throw new RangeError(
    `Cannot ${action}: samples must have the shape ${formatShape(wanted)}` +
      `${fits ? ' and not be empty' : ''}, got ${formatShape(samples.shape)}`,
  );
}

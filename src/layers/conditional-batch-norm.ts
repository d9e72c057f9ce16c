import * as tf from '@tensorflow/tfjs';
import { BaseLayer } from './base-layer.ts';
import { checkInRange, checkOptions, checkPositive, checkSeed } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { batchNormalizer } from '../tfjs-internals/batch-normalizer.ts';
import { checkSameBatch, Condition, lastSize, pairOfShapes } from './condition.ts';
import { glorotUniform, layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

const names = [
  ...['classes', 'conditionSize', 'momentum', 'epsilon', 'seed'],
  ...layerSettings,
] as const;

/**
 * Batch normalization whose scale and offset depend on a condition: a layer of TensorFlow.js with
 * two inputs, `[x, condition]`.
 *
 * A generator uses it to create samples of a class label or for a vector. All conditions share the
 * mean and variance, those of the batch in training and moving ones at inference; only scale γ and
 * offset β differ:
 *
 *     output = γ(y) · (x − mean) / √(variance + epsilon) + β(y)
 *
 * | form | condition `y` | γ(y), β(y) | weights |
 * | --- | --- | --- | --- |
 * | `{ classes }` | labels, `[batch]` or `[batch, 1]`, integers 0 … classes − 1 | row `y` of a table | `gamma` (initially 1), `beta` (initially 0): `[classes, channels]` |
 * | `{ conditionSize }` | vectors, `[batch, conditionSize]` | 1 + y · gamma_kernel, y · beta_kernel | `gamma_kernel`, `beta_kernel`: `[conditionSize, channels]`, Glorot uniform |
 *
 * {@link SpectralNorm} and {@link setOrthogonalWeights} treat the kernels of the second form as
 * matrices, but not the tables.
 *
 * - Shapes: `x` is `[batch, …, channels]` with 2 to 4 axes, and so is the output; it is normalized
 *   over all axes except the last.
 * - Statistics: training passes update `moving_mean` and `moving_variance`, `[channels]`, as in
 *   `tf.layers.batchNormalization`: `moving ← momentum · moving + (1 − momentum) · batch`, with the
 *   biased variance of the batch, divided by its count n (PyTorch divides by n − 1 here).
 * - Labels out of range: `cpu` and `wasm-train` throw, GPU backends do not detect them.
 * - Labels as an input of a model: `tf.input({ shape: [1], dtype: 'int32' })`, because
 *   `model.predict` converts labels `[batch]` to `[batch, 1]`.
 * - Saving: `Generator.load` reads a generator with the layer. For `tf.loadLayersModel` in a
 *   program that has not created such a layer, call
 *   `tf.serialization.registerClass(ConditionalBatchNorm)` first.
 *
 * @example A block of a generator with ten classes
 * ```ts
 * const latents = tf.input({ shape: [16] });
 * const labels = tf.input({ shape: [1], dtype: 'int32' });
 * const dense = tf.layers.dense({ units: 8, useBias: false }).apply(latents) as tf.SymbolicTensor;
 * const normalized = new ConditionalBatchNorm({ classes: 10 }).apply([dense, labels]) as tf.SymbolicTensor;
 * const model = tf.model({ inputs: [latents, labels], outputs: normalized });
 * const output = model.predict([tf.randomNormal([3, 16]), tf.tensor1d([4, 0, 9], 'int32')]) as tf.Tensor;
 * console.log(output.shape.join(' × ')); // 3 × 8
 * ```
 *
 * @example The two forms
 * ```ts
 * const byClass = { classes: 10 };
 * const byVector = { conditionSize: 148, seed: 1 };
 * console.log(new ConditionalBatchNorm(byClass).name === new ConditionalBatchNorm(byVector).name); // false
 * ```
 *
 * @see de Vries et al., Modulating Early Visual Processing by Language, 2017.
 *   {@link https://arxiv.org/abs/1707.00683}
 * @see Miyato & Koyama, cGANs with Projection Discriminator, 2018; its generator uses the form with
 * classes. {@link https://arxiv.org/abs/1802.05637}
 * @see Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2019; its
 * generator uses the form with vectors. {@link https://arxiv.org/abs/1809.11096}
 */
export class ConditionalBatchNorm extends BaseLayer {
  /** Class name in saved models. */
  static readonly className: string = 'ConditionalBatchNorm';

  readonly #condition: Condition;
  readonly #momentum: number;
  readonly #epsilon: number;
  readonly #seed: number | undefined;
  #weights: Weights | undefined;

  /**
   * @param options - Its settings.
   * @throws TypeError if both or none of `classes` and `conditionSize` are given, or an option is
   *   unknown or of the wrong kind.
   * @throws RangeError if an option is out of range.
   */
  constructor(options: {
    /**
     * Number of classes: the condition is labels 0 … classes − 1, and each class has its own scale
     * and offset.
     */
    readonly classes?: number | undefined;
    /** Length of the condition vectors, from which scale and offset are computed. */
    readonly conditionSize?: number | undefined;
    /**
     * Share of the moving mean and variance that each training pass keeps, in [0, 1).
     *
     * @defaultValue `0.9`
     */
    readonly momentum?: number | undefined;
    /**
     * Added to the variance, positive.
     *
     * @defaultValue `2e-5`
     */
    readonly epsilon?: number | undefined;
    /**
     * Determines the initial kernels of the form with `conditionSize`; the other form has no random
     * weights.
     *
     * @defaultValue new numbers each time
     */
    readonly seed?: number | undefined;
    /**
     * Name of the layer, unique in its model.
     *
     * @defaultValue `conditional_batch_norm_…`, numbered by TensorFlow.js
     */
    readonly name?: string | undefined;
    /**
     * Whether optimizers update the weights of the layer.
     *
     * @defaultValue `true`
     */
    readonly trainable?: boolean | undefined;
  }) {
    const action = 'create a ConditionalBatchNorm';
    checkOptions(action, options, names);
    const condition = new Condition(action, options);
    const { momentum = 0.9, epsilon = 2e-5, seed } = options;
    checkInRange(action, 'momentum', momentum, 0, 1);
    checkPositive(action, 'epsilon', epsilon);
    if (seed !== undefined) checkSeed(action, seed);
    super(layerArguments(options));
    this.#condition = condition;
    this.#momentum = momentum;
    this.#epsilon = epsilon;
    this.#seed = seed;
    registerLayer(ConditionalBatchNorm);
  }

  /**
   * Creates the weights; TensorFlow.js calls it.
   *
   * @param inputShape - Those of `x` and of the condition.
   * @throws TypeError if there are not two.
   * @throws RangeError if one does not fit.
   */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = this.#checkShapes(`build ${this.name}`, inputShape);
    const { rows, isLabels } = this.#condition;
    const add = (role: 'gamma' | 'beta', initial: 'ones' | 'zeros'): tf.LayerVariable => {
      const name = isLabels ? role : `${role}_kernel`;
      const initializer = isLabels ? tf.initializers[initial]() : glorotUniform(this.#seed, name);
      return this.addWeight(name, [rows, channels], 'float32', initializer);
    };
    const gamma = add('gamma', 'ones');
    const beta = add('beta', 'zeros');
    const addMoving = (name: string, initial: 'ones' | 'zeros'): tf.LayerVariable => {
      const initializer = tf.initializers[initial]();
      return this.addWeight(name, [channels], 'float32', initializer, undefined, false);
    };
    const movingMean = addMoving('moving_mean', 'zeros');
    const movingVariance = addMoving('moving_variance', 'ones');
    const settings = { momentum: this.#momentum, epsilon: this.#epsilon };
    const normalize = batchNormalizer(channels, { ...settings, movingMean, movingVariance });
    this.#weights = { channels, gamma, beta, normalize };
    this.built = true;
  }

  /**
   * Shape of the output, that of `x`.
   *
   * @param inputShape - Those of `x` and of the condition.
   * @returns That of `x`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    this.#checkShapes(`apply ${this.name}`, inputShape);
    return [...(inputShape as tf.Shape[])[0]!];
  }

  /**
   * Normalizes, scales and offsets; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - `x` and the condition.
   * @param settings - `training` selects the statistics of the batch.
   * @returns The output, of the shape of `x`.
   */
  override call(
    inputs: tf.Tensor | tf.Tensor[],
    settings: Readonly<Record<string, unknown>>,
  ): tf.Tensor {
    const { gamma, beta, normalize } = this.#weights!;
    return tf.tidy(() => {
      const [x, condition] = inputs as [tf.Tensor, tf.Tensor];
      const action = `run ${this.name}`;
      this.#checkShapes(action, [x.shape, condition.shape]);
      checkSameBatch(action, x, condition);
      const normalized = normalize(x, settings['training'] === true);
      // [batch, channels] → [batch, 1, 1, channels]
      const [batch = 0] = x.shape;
      const perSample = [batch, ...x.shape.slice(1, -1).map(() => 1), x.shape.at(-1) ?? 0];
      const offset = this.#condition.select(beta.read(), condition);
      const selected = this.#condition.select(gamma.read(), condition);
      const scale = this.#condition.isLabels ? selected : tf.add(selected, 1);
      return tf.add(
        tf.mul(normalized, tf.reshape(scale, perSample)),
        tf.reshape(offset, perSample),
      );
    });
  }

  /**
   * The settings, from which an equal layer can be created.
   *
   * @returns Plain data.
   */
  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      ...this.#condition.getConfig(),
      momentum: this.#momentum,
      epsilon: this.#epsilon,
      ...(this.#seed !== undefined && { seed: this.#seed }),
    };
  }

  /** Checks both shapes and returns the number of channels. */
  #checkShapes(action: string, inputShape: tf.Shape | tf.Shape[]): number {
    const [x, condition] = pairOfShapes(action, '[x, condition]', inputShape);
    const channels = lastSize(action, 'x', x, { maxRank: 4 });
    const built = this.#weights?.channels;
    if (built !== undefined && channels !== built) {
      throw new RangeError(
        `Cannot ${action}: x must have the ${built} channels that the layer was built with, got ${formatShape(x)}`,
      );
    }
    this.#condition.checkShape(action, condition);
    return channels;
  }
}

/** Weights that are created when the number of channels is known. */
interface Weights {
  readonly channels: number;
  readonly gamma: tf.LayerVariable;
  readonly beta: tf.LayerVariable;
  readonly normalize: (x: tf.Tensor, training: boolean) => tf.Tensor;
}

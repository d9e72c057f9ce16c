import * as tf from '@tensorflow/tfjs';
import { BaseLayer } from './base-layer.ts';
import { checkOptions, checkSeed } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { checkSameBatch, Condition, lastSize, pairOfShapes } from './condition.ts';
import { glorotUniform, layerArguments, layerSettings } from './layer-settings.ts';
import { registerLayer } from './registration.ts';

const names = ['classes', 'conditionSize', 'seed', ...layerSettings] as const;

/**
 * The last layer of a projection discriminator: one logit from features and a condition. A layer of
 * TensorFlow.js with two inputs, `[features, condition]`.
 *
 * `h` are the features, summed over pixels; `kernel` and `bias` score how real they are; `v(y)` is
 * the vector of the condition, whose inner product with `h` scores how well they fit it:
 *
 *     logit = h · kernel + bias + ⟨v(y), h⟩
 *
 * | form | condition `y` | v(y) |
 * | --- | --- | --- |
 * | `{ classes }` | labels, `[batch]` or `[batch, 1]`, integers 0 … classes − 1 | row `y` of `embeddings`, `[classes, features]` |
 * | `{ conditionSize }` | vectors, `[batch, conditionSize]` | y · condition_kernel, `[conditionSize, features]` |
 *
 * `kernel` is `[features, 1]`, `bias` `[1]`. The matrices are Glorot uniform initially, the bias 0.
 * {@link SpectralNorm} normalizes each matrix separately, as in the paper.
 *
 * - Shapes: `features` is `[batch, features]` or `[batch, …, features]`, such as maps
 *   `[batch, height, width, features]` after a last ReLU, which are summed; the output is
 *   `[batch, 1]`, logits in −∞…∞.
 * - Labels out of range: `cpu` and `wasm-train` throw, GPU backends do not detect them.
 * - Labels as an input of a model: `tf.input({ shape: [1], dtype: 'int32' })`, because
 *   `model.predict` converts labels `[batch]` to `[batch, 1]`.
 * - Saving: `tf.loadLayersModel` reads a model with the layer if the program has created such a
 *   layer; otherwise call `tf.serialization.registerClass(ProjectionHead)` first.
 *
 * @example A discriminator of 2-D points in three classes
 * ```ts
 * const points = tf.input({ shape: [2] });
 * const labels = tf.input({ shape: [1], dtype: 'int32' });
 * const features = tf.layers.dense({ units: 16, activation: 'relu' }).apply(points) as tf.SymbolicTensor;
 * const logits = new ProjectionHead({ classes: 3, seed: 1 }).apply([features, labels]) as tf.SymbolicTensor;
 * const model = tf.model({ inputs: [points, labels], outputs: logits });
 * const output = model.predict([tf.zeros([4, 2]), tf.tensor1d([0, 1, 2, 2], 'int32')]) as tf.Tensor;
 * console.log(output.shape.join(' × ')); // 4 × 1
 * ```
 *
 * @example The two forms
 * ```ts
 * const byClass = { classes: 10, seed: 1 };
 * const byVector = { conditionSize: 64 };
 * console.log(new ProjectionHead(byClass).name === new ProjectionHead(byVector).name); // false
 * ```
 *
 * @see Miyato & Koyama, cGANs with Projection Discriminator, 2018, equation 3.
 *   {@link https://arxiv.org/abs/1802.05637}
 */
export class ProjectionHead extends BaseLayer {
  /** Class name in saved models. */
  static readonly className: string = 'ProjectionHead';

  readonly #condition: Condition;
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
     * Number of classes: the condition is labels 0 … classes − 1, each with a row of `embeddings`.
     */
    readonly classes?: number | undefined;
    /** Length of the condition vectors, which `condition_kernel` maps to features. */
    readonly conditionSize?: number | undefined;
    /**
     * Determines the initial weights.
     *
     * @defaultValue new numbers each time
     */
    readonly seed?: number | undefined;
    /**
     * Name of the layer, unique in its model.
     *
     * @defaultValue `projection_head_…`, numbered by TensorFlow.js
     */
    readonly name?: string | undefined;
    /**
     * Whether optimizers update the weights of the layer.
     *
     * @defaultValue `true`
     */
    readonly trainable?: boolean | undefined;
  }) {
    const action = 'create a ProjectionHead';
    checkOptions(action, options, names);
    const condition = new Condition(action, options);
    const { seed } = options;
    if (seed !== undefined) checkSeed(action, seed);
    super(layerArguments(options));
    this.#condition = condition;
    this.#seed = seed;
    registerLayer(ProjectionHead);
  }

  /**
   * Creates the weights; TensorFlow.js calls it.
   *
   * @param inputShape - Those of the features and of the condition.
   * @throws TypeError if there are not two.
   * @throws RangeError if one does not fit.
   */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const size = this.#checkShapes(`build ${this.name}`, inputShape);
    const { rows, isLabels } = this.#condition;
    const matrix = (name: string, shape: [number, number]): tf.LayerVariable =>
      this.addWeight(name, shape, 'float32', glorotUniform(this.#seed, name));
    this.#weights = {
      size,
      kernel: matrix('kernel', [size, 1]),
      bias: this.addWeight('bias', [1], 'float32', tf.initializers.zeros()),
      // The names mark them as matrices for constraints.
      ofCondition: matrix(isLabels ? 'embeddings' : 'condition_kernel', [rows, size]),
    };
    this.built = true;
  }

  /**
   * Shape of the output.
   *
   * @param inputShape - Those of the features and of the condition.
   * @returns `[batch, 1]`.
   */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    this.#checkShapes(`apply ${this.name}`, inputShape);
    return [(inputShape as tf.Shape[])[0]![0]!, 1];
  }

  /**
   * Scores the features; TensorFlow.js calls it in `apply` and `predict`.
   *
   * @param inputs - The features and the condition.
   * @returns Logits, `[batch, 1]`.
   */
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const { kernel, bias, ofCondition } = this.#weights!;
    return tf.tidy(() => {
      const [features, condition] = inputs as [tf.Tensor, tf.Tensor];
      const action = `run ${this.name}`;
      this.#checkShapes(action, [features.shape, condition.shape]);
      checkSameBatch(action, features, condition);
      // [batch, …, features] → [batch, features]
      const pixels = features.shape.slice(1, -1).map((_, axis) => axis + 1);
      const h = (pixels.length === 0 ? features : tf.sum(features, pixels)) as tf.Tensor2D;
      const score = tf.add(tf.matMul(h, kernel.read() as tf.Tensor2D), bias.read());
      const wanted = this.#condition.select(ofCondition.read(), condition);
      return tf.add(score, tf.sum(tf.mul(wanted, h), 1, true));
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
      ...(this.#seed !== undefined && { seed: this.#seed }),
    };
  }

  /** Checks both shapes and returns the number of features. */
  #checkShapes(action: string, inputShape: tf.Shape | tf.Shape[]): number {
    const [features, condition] = pairOfShapes(action, '[features, condition]', inputShape);
    const size = lastSize(action, 'features', features, { maxRank: 5 });
    const built = this.#weights?.size;
    if (built !== undefined && size !== built) {
      throw new RangeError(
        `Cannot ${action}: features must have the last size ${built} that the layer was built with, ` +
          `got ${formatShape(features)}`,
      );
    }
    this.#condition.checkShape(action, condition);
    return size;
  }
}

/** Weights that are created when the number of features is known. */
interface Weights {
  readonly size: number;
  readonly kernel: tf.LayerVariable;
  readonly bias: tf.LayerVariable;
  readonly ofCondition: tf.LayerVariable;
}

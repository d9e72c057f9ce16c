import type * as tf from '@tensorflow/tfjs';
import { checkOptions, checkPositive, checkPositiveInteger } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import {
  isKernel,
  KernelMatrix,
  kernelMatrices,
  leftOutMatrices,
} from '../models/kernel-matrix.ts';
import { type ModelWeight, modelWeights } from '../models/model-weights.ts';
import { type BoundConstraint, checkTarget, type Constraint } from './constraint.ts';
import { BoundSpectralNorm } from './bound-spectral-norm.ts';

/**
 * Divides each kernel by its largest singular value, so that no layer increases a norm.
 *
 * Use it with {@link HingeLoss}, as in SNGAN, or with any other loss whose discriminator has large
 * gradients; its cost is small compared with the passes. It works on any `tf.layers` model: dense,
 * convolutional, transposed, depthwise, separable, recurrent and embedding layers, in nested models
 * and in layers that are used twice. Weights of custom layers are included if they are named kernel
 * (`this.addWeight('kernel', …)`) or listed in `weights`. Offsets, the scales of normalization and
 * the slopes of PReLU are not constrained. A frozen layer is not changed until it is trained again.
 *
 * With W the kernel as a matrix, a row for each output, and unit vectors u, v that are kept from
 * step to step:
 *
 *     v ← Wᵀu / ‖Wᵀu‖      u ← Wv / ‖Wv‖      σ = uᵀWv      the layer computes with W / σ
 *
 * Gradients reach W through σ, with u and v held constant (equation 12). One power iteration
 * follows each update, as in the paper. It lags when W changes quickly, as in Adam's first steps:
 * alone it left kernels of an SNGAN up to a fifth too large. The first iteration is therefore
 * equivalent to a thousand, and at the end of a step a polynomial of WᵀW moves u to the largest
 * singular value again: the σ that is used for saving and sampling, and reported in
 * `step.constraintMetrics`, is within one percent of it.
 *
 * - Between steps the model has the plain weight W / σ for saving and sampling, without any trace
 *   of the constraint. W itself, u and v are in the trainer's snapshots.
 * - A weight that is set between two steps, by `setWeights` for example, becomes the new W.
 * - A kernel of zeros stays zero instead of being divided by zero.
 * - Several may constrain one network, each with other `layers`; a trainer refuses two on one
 *   weight. {@link WeightClipping} on the same network clips W.
 *
 * @example SNGAN's discriminator in any game
 * ```ts
 * const gan = createDcgan({
 *   imageShape: [8, 8, 1],
 *   baseFilters: 4,
 *   loss: new HingeLoss(),
 *   constraints: [new SpectralNorm()],
 * });
 * await gan.trainer.fit(dataset, { steps: 2, batchSize: 16 });
 * gan.dispose();
 * ```
 *
 * @example Constrain the first layer of both networks, and print the names of the metrics
 * ```ts
 * const options = { target: 'all', layers: ['0.dense'], powerIterations: 2 };
 * const rules = { loss: new HingeLoss(), constraints: [new SpectralNorm(options)] };
 * const { trainer } = createMlpGan({ sampleShape: [2], ...rules });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * console.log(Object.keys(steps[0]!.constraintMetrics.generator)); // [ 'spectralNorm/0.dense/kernel' ]
 * ```
 *
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, algorithm
 * 1. {@link https://arxiv.org/abs/1802.05957}
 */
export class SpectralNorm implements Constraint {
  readonly name = 'spectralNorm';
  readonly target: string;
  readonly settings: {
    /** Power iterations after each update. */
    readonly powerIterations: number;
    /** A vector shorter than this counts as zero. */
    readonly epsilon: number;
    /** The layers it constrains, in alphabetical order, or `all`. */
    readonly layers: string;
    /** The further weights it constrains, in alphabetical order, if any are named. */
    readonly weights?: string;
  };
  readonly #layers: readonly string[] | undefined;
  readonly #weights: readonly string[] | undefined;

  /**
   * @param options - Its target and precision.
   * @throws RangeError if `powerIterations` is not a positive integer, `epsilon` is not positive,
   * or `layers` is empty.
   */
  constructor(
    options: {
      /**
       * The network whose layers it constrains, or `'all'`.
       *
       * @defaultValue `'discriminator'`, as in the paper; SAGAN and BigGAN use `'all'`
       */
      readonly target?: string | undefined;
      /**
       * The layers it constrains, by name or by index and kind, such as `3.conv2D`; each must exist
       * in every constrained model. Prefer the latter if TensorFlow.js generated the names: their
       * numbers depend on the process, and a restored run would be refused.
       *
       * @defaultValue every layer with a trained kernel or embeddings; with `layers: []`, only
       * `weights`
       */
      readonly layers?: readonly string[] | undefined;
      /**
       * Weights it constrains besides the kernels of `layers`, by name, such as `1.mix/query`:
       * those of custom layers with names other than kernel. Each must exist in every constrained
       * model and have at least two axes; the last axis is the columns of its matrix, all others
       * together are the rows.
       *
       * @defaultValue none; a warning lists candidates, and `[]` disables the warning
       */
      readonly weights?: readonly string[] | undefined;
      /**
       * Power iterations after each update of the weights.
       *
       * @defaultValue `1`
       */
      readonly powerIterations?: number | undefined;
      /**
       * A vector shorter than this counts as zero; positive.
       *
       * @defaultValue `1e-12`
       */
      readonly epsilon?: number | undefined;
    } = {},
  ) {
    const action = 'create a SpectralNorm';
    checkOptions(action, options, ['target', 'layers', 'weights', 'powerIterations', 'epsilon']);
    const { target = 'discriminator', layers, weights } = options;
    const { powerIterations = 1, epsilon = 1e-12 } = options;
    checkTarget(action, target);
    checkPositiveInteger(action, 'powerIterations', powerIterations);
    checkPositive(action, 'epsilon', epsilon);
    checkNames(action, 'layers', layers);
    checkNames(action, 'weights', weights);
    if (layers?.length === 0 && (weights ?? []).length === 0) {
      throw new RangeError(`Cannot ${action}: layers must name at least one layer, got []`);
    }
    this.target = target;
    this.settings = Object.freeze({
      powerIterations,
      epsilon,
      layers: layers === undefined ? 'all' : [...layers].sort().join(', '),
      ...(weights !== undefined && { weights: [...weights].sort().join(', ') }),
    });
    this.#layers = layers === undefined ? undefined : [...layers];
    this.#weights = weights === undefined ? undefined : [...weights];
  }

  /**
   * Binds the constraint to a model. The model does not change until the first step.
   *
   * @param model - The network's model.
   * @param network - Name of the network, for error messages.
   * @param seed - Determines the first u.
   * @returns The bound constraint; the caller disposes it.
   * @throws RangeError if a named layer or weight does not exist, or nothing has a kernel.
   */
  bind(model: tf.LayersModel, network: string, seed: number): BoundConstraint {
    const named = this.#named(model, network);
    const kernels = kernelMatrices(model);
    const chosen = this.#chosen(kernels, network, named.length > 0);
    const others = named.filter(({ key }) => chosen.every(({ weight }) => weight.key !== key));
    if (this.#layers === undefined && this.#weights === undefined) warnAboutOthers(model, network);
    const all = [...chosen, ...others.map((weight) => new KernelMatrix(weight))];
    return new BoundSpectralNorm(all, { ...this.settings, seed });
  }

  /** The named weights. */
  #named(model: tf.LayersModel, network: string): readonly ModelWeight[] {
    const known = modelWeights(model).filter(
      (weight) => weight.trainable && weight.read().rank > 1,
    );
    return (this.#weights ?? []).map((name) => {
      const weight = known.find(({ key }) => key === name);
      if (weight !== undefined) return weight;
      throw new RangeError(
        `Cannot constrain the ${network} with SpectralNorm: weights must name trained weights of two axes or more, ` +
          `got ${formatValue(name)}. There are ${known.map(({ key }) => key).join(', ') || 'none'}`,
      );
    });
  }

  #chosen(
    kernels: readonly KernelMatrix[],
    network: string,
    areOthersNamed: boolean,
  ): readonly KernelMatrix[] {
    const action = `constrain the ${network} with SpectralNorm`;
    if (!areOthersNamed && !kernels.some(({ weight }) => weight.trainable)) {
      throw new RangeError(
        `Cannot ${action}: it must have a layer with a trained kernel, got none`,
      );
    }
    const layers = this.#layers;
    if (layers === undefined) return kernels;
    const isOf = ({ weight }: KernelMatrix, layer: string): boolean =>
      layer === weight.layerKey || layer === weight.layer.name;
    const trained = kernels.filter(({ weight }) => weight.trainable);
    const missing = layers.find((layer) => !trained.some((kernel) => isOf(kernel, layer)));
    if (missing === undefined) {
      return kernels.filter((kernel) => layers.some((layer) => isOf(kernel, layer)));
    }
    const known = trained.map(({ weight }) => `${weight.layerKey} ('${weight.layer.name}')`);
    throw new RangeError(
      `Cannot ${action}: layers must name layers with a trained kernel, got ${formatValue(missing)}. ` +
        `There are ${[...new Set(known)].join(', ')}`,
    );
  }
}

function warnAboutOthers(model: tf.LayersModel, network: string): void {
  const left = leftOutMatrices(model, isKernel);
  if (left.length === 0) return;
  console.warn(
    `tfjs-gan: SpectralNorm does not constrain the weights ${left.map(formatValue).join(', ')} of the ${network}, because their layers ` +
      `do not name them kernel. List them: new SpectralNorm({ weights: [${left.map(formatValue).join(', ')}] }); ` +
      'weights: [] disables this warning',
  );
}

function checkNames(
  action: string,
  option: 'layers' | 'weights',
  names: readonly string[] | undefined,
): void {
  if (names === undefined) return;
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return;
  throw new TypeError(
    `Cannot ${action}: ${option} must be names of ${option}, got ${formatValue(names)}`,
  );
}

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
 * Divides each kernel by its largest singular value, so that no layer stretches what passes it more than once over.
 *
 * Take it with {@link HingeLoss}, as in SNGAN, or with any other loss whose discriminator grows too sharp; it costs
 * little beside the passes themselves. It works on any `tf.layers` model as it is: dense, convolutional, transposed,
 * depthwise, separable, recurrent and embedding layers, in models inside models and layers used twice as well. Weights of
 * layers of your own are ruled if they are called kernel (`this.addWeight('kernel', …)`) or named in `weights`. Offsets,
 * the scales of norms and the slopes of PReLU stay free, as does a layer that is frozen: its weights stay as they are until it is trained
 * again.
 *
 * With W the kernel as a matrix, a row for each output, and u, v unit vectors that are remembered from step to step:
 *
 *     v ← Wᵀu / ‖Wᵀu‖      u ← Wv / ‖Wv‖      σ = uᵀWv      the layer computes with W / σ
 *
 * Gradients reach W through σ, with u and v held constant (equation 12). One power iteration follows each update, as in
 * the paper. It lags where W turns quickly, as under Adam's first steps: alone it left kernels of an SNGAN up to a
 * fifth too long. So the first is worth a thousand, and as a step ends a polynomial of WᵀW brings u to the largest singular
 * value again: what is saved, sampled and shown in `step.constraintMetrics` between steps is within one percent of it.
 *
 * - What is saved and sampled between steps is the plain weight W / σ; no trace of the constraint is left in the model.
 *   W itself, u and v are in the trainer's snapshots.
 * - A weight that is set from outside between two steps, by `setWeights` for example, is taken as the new W.
 * - A kernel of zeros stays zero instead of being divided by zero.
 * - Several may rule one network, each other `layers`; a trainer refuses two on one weight. {@link WeightClipping} beside
 *   it clips W.
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
 * @example Rule the first layer of both networks, and see its largest singular value
 * ```ts
 * const options = { target: 'all', layers: ['0.dense'], powerIterations: 2 };
 * const rules = { loss: new HingeLoss(), constraints: [new SpectralNorm(options)] };
 * const { trainer } = createMlpGan({ sampleShape: [2], ...rules });
 * const { steps } = await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * console.log(Object.keys(steps[0]!.constraintMetrics.generator)); // [ 'spectralNorm/0.dense/kernel' ]
 * ```
 *
 * @see Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, algorithm 1.
 * {@link https://arxiv.org/abs/1802.05957}
 */
export class SpectralNorm implements Constraint {
  readonly name = 'spectralNorm';
  readonly target: string;
  readonly settings: {
    /** Power iterations after each update. */
    readonly powerIterations: number;
    /** A vector shorter than this counts as zero. */
    readonly epsilon: number;
    /** The layers it rules, in order of the alphabet, or `all`. */
    readonly layers: string;
    /** The weights it rules beside, in order of the alphabet, if any are named. */
    readonly weights?: string;
  };
  readonly #layers: readonly string[] | undefined;
  readonly #weights: readonly string[] | undefined;

  /**
   * @param options - Whom it rules and how exactly.
   * @throws RangeError where `powerIterations` is not a positive integer, `epsilon` is not positive, or `layers` names
   * none.
   */
  constructor(
    options: {
      /**
       * The network whose layers it rules, or `'all'`.
       *
       * @defaultValue `'discriminator'`, as in the paper; SAGAN and BigGAN have `'all'`
       */
      readonly target?: string | undefined;
      /**
       * The layers it rules, by name or by place and kind, such as `3.conv2D`; each must be in every model that it rules.
       * Take the latter where TensorFlow.js made up the names: it counts on in each process, and a run that is restored would
       * be refused for them.
       *
       * @defaultValue every layer with a kernel or embeddings that are trained; `[]` beside `weights` takes those alone
       */
      readonly layers?: readonly string[] | undefined;
      /**
       * Weights it rules beside the kernels of `layers`, by name, such as `1.mix/query`: those of layers of your own, under other
       * names than kernel. Each must be in every model that it rules and have two axes or more; it is taken as a matrix whose
       * columns are the last axis, all others together being the rows.
       *
       * @defaultValue none; a warning names the weights that may be meant, which `[]` leaves out on purpose
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
   * Begins to rule a model. It stays as it is until the first step.
   *
   * @param model - The network's network.
   * @param network - Which network it is, for error messages.
   * @param seed - Decides the first u.
   * @returns The constraint at work; the caller disposes it.
   * @throws RangeError where a layer or weight that was named is not there or nothing has a kernel.
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

  /** The weights that were named. */
  #named(model: tf.LayersModel, network: string): readonly ModelWeight[] {
    const known = modelWeights(model).filter(
      (weight) => weight.trainable && weight.read().rank > 1,
    );
    return (this.#weights ?? []).map((name) => {
      const weight = known.find(({ key }) => key === name);
      if (weight !== undefined) return weight;
      throw new RangeError(
        `Cannot rule the ${network} with SpectralNorm: weights must name trained weights of two axes or more, ` +
          `got ${formatValue(name)}. There are ${known.map(({ key }) => key).join(', ') || 'none'}`,
      );
    });
  }

  #chosen(
    kernels: readonly KernelMatrix[],
    network: string,
    areOthersNamed: boolean,
  ): readonly KernelMatrix[] {
    const action = `rule the ${network} with SpectralNorm`;
    if (!areOthersNamed && !kernels.some(({ weight }) => weight.trainable)) {
      throw new RangeError(
        `Cannot ${action}: it must have a layer with a kernel that is trained, got none`,
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
      `Cannot ${action}: layers must name layers with a kernel that is trained, got ${formatValue(missing)}. ` +
        `There are ${[...new Set(known)].join(', ')}`,
    );
  }
}

function warnAboutOthers(model: tf.LayersModel, network: string): void {
  const left = leftOutMatrices(model, isKernel);
  if (left.length === 0) return;
  console.warn(
    `tfjs-gan: SpectralNorm does not rule the weights ${left.map(formatValue).join(', ')} of the ${network}, because their layers ` +
      `do not call them kernel. Name them: new SpectralNorm({ weights: [${left.map(formatValue).join(', ')}] }); ` +
      'weights: [] leaves them out on purpose',
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

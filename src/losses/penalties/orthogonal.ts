import * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { addAll } from '../../core/add-all.ts';
import { checkOneOf } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { leftOutMatrices } from '../../models/kernel-matrix.ts';
import { modelWeights } from '../../models/model-weights.ts';
import type { PenalizedWeight, Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * Keeps the filters of each layer orthogonal, so that a layer does not amplify some directions and
 * lose others.
 *
 * BigGAN uses it in the generator to allow truncation of latents afterwards.
 *
 * With W the kernel as a matrix that has one column for each filter:
 *
 *     penalty = Σ ‖WᵀW ⊙ (1 − I)‖²      entries: 'offDiagonal'
 *     penalty = Σ ‖WᵀW − I‖²            entries: 'all'
 *
 * summed over the kernels of dense, convolution and transposed convolution layers, the pointwise
 * kernels of separable ones, and weights of custom layers that are named kernel
 * (`this.addWeight('kernel', …)`). Biases, embeddings, depthwise and recurrent kernels, scales of
 * normalization and slopes of PReLU are not included; a warning lists other weights. A layer with
 * more filters than inputs cannot reach zero. (BigGAN's PyTorch code uses half of its gradient: a
 * strength of 1e-4 there is a `weight` of 5e-5 here.)
 *
 * - Shapes: kernels as TensorFlow.js keeps them, `[..., inputs, filters]`, transposed convolutions
 *   `[..., filters, inputs]`; the result is a scalar.
 * - Memory: the trainer owns the inputs; the caller owns the result.
 *
 * @example
 * ```ts
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, penalties: [new OrthogonalPenalty()] });
 * await gan.trainer.fit(dataset, { steps: 2, batchSize: 16 });
 * ```
 *
 * @example Orthonormal filters in the discriminator
 * ```ts
 * const options = { target: 'discriminator', entries: 'all', weight: 1e-3 } as const;
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties: [new OrthogonalPenalty(options)] });
 * await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
 * ```
 *
 * @see Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2019,
 * section 3.1. {@link https://arxiv.org/abs/1809.11096}
 */
export class OrthogonalPenalty implements Penalty {
  readonly name = 'orthogonal';
  readonly target: 'generator' | 'discriminator';
  readonly weight: number | Schedule;
  readonly every: number;
  readonly settings: {
    /** The penalized entries of WᵀW − I. */
    readonly entries: 'offDiagonal' | 'all';
  };

  /**
   * @param options - Weight, network, and the penalized entries.
   * @throws RangeError if a setting is out of range.
   */
  constructor(
    options: PenaltyOptions & {
      /**
       * Weight of the penalty, β in the paper; at least 0.
       *
       * @defaultValue `1e-4`, as in BigGAN
       */
      readonly weight?: number | Schedule | undefined;
      /**
       * The network.
       *
       * @defaultValue `'generator'`, as in BigGAN
       */
      readonly target?: 'generator' | 'discriminator' | undefined;
      /**
       * The penalized entries of WᵀW − I: only the off-diagonal ones, for orthogonal filters of any
       * norm, or all, for orthonormal filters.
       *
       * @defaultValue `'offDiagonal'`
       */
      readonly entries?: 'offDiagonal' | 'all' | undefined;
    } = {},
  ) {
    const action = 'create an OrthogonalPenalty';
    const own = ['target', 'entries'];
    ({ weight: this.weight, every: this.every } = checkPenaltyOptions(action, options, 1e-4, own));
    const { target = 'generator', entries = 'offDiagonal' } = options;
    checkOneOf(action, 'target', target, ['generator', 'discriminator']);
    checkOneOf(action, 'entries', entries, ['offDiagonal', 'all']);
    this.target = target;
    this.settings = Object.freeze({ entries });
  }

  /**
   * Refuses a network without kernels, and warns of weights that may be kernels but are not named
   * so.
   *
   * @param networks - Both networks.
   * @throws RangeError if the network has no kernel to penalize.
   */
  check(networks: Parameters<NonNullable<Penalty['check']>>[0]): void {
    const model = networks[this.target];
    const weights = modelWeights(model);
    if (weights.some(({ key, trainable }) => trainable && isKernel(key))) {
      warnAboutOthers(model, this.target);
      return;
    }
    throw new RangeError(
      `Cannot create a Trainer: the ${this.target} must have kernels of dense or convolution layers for the penalty ` +
        `'${this.name}', got ${weights.map(({ key }) => key).join(', ')}`,
    );
  }

  /**
   * The unweighted term.
   *
   * @param context - The network's weights.
   * @returns A scalar.
   */
  compute(context: PenaltyContext): tf.Scalar {
    return tf.tidy(() => {
      const terms = context.weights
        .filter(({ key }) => isKernel(key))
        .map((kernel) => {
          const filters = asColumns(kernel);
          const products = tf.matMul(filters, filters, true, false);
          const unit = identity(products.shape[0] ?? 0);
          return this.settings.entries === 'all'
            ? tf.sum(tf.square(tf.sub(products, unit)))
            : tf.sum(tf.square(tf.mul(products, tf.sub(1, unit))));
        });
      return terms.length === 0 ? tf.scalar(0) : addAll(terms).asScalar();
    });
  }
}

/** Weights that are excluded on purpose. */
const leftAlone: readonly string[] = ['embeddings', 'depthwise_kernel', 'recurrent_kernel'];

function warnAboutOthers(model: tf.LayersModel, network: string): void {
  const left = leftOutMatrices(model, ({ key, role }) => isKernel(key) || leftAlone.includes(role));
  if (left.length === 0) return;
  console.warn(
    `tfjs-gan: the penalty 'orthogonal' does not include the weights ${left.map(formatValue).join(', ')} of the ${network}, ` +
      "because their layers do not name them kernel. Name them so: this.addWeight('kernel', …)",
  );
}

function isKernel(key: string): boolean {
  return /\/(pointwise_)?kernel(_\d+)?$/.test(key);
}

/** A kernel as a matrix with one column for each filter. */
function asColumns({ value, filterAxis = -1 }: PenalizedWeight): tf.Tensor2D {
  const axes = value.shape.map((_, axis) => axis);
  // [..., filters, inputs] → [..., inputs, filters]
  const ordered =
    filterAxis === -2
      ? tf.transpose(value, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
      : value;
  return tf.reshape(ordered, [-1, ordered.shape.at(-1) ?? 0]);
}

/** Created on the device: `tf.eye` fills it in JavaScript and uploads it each time. */
function identity(size: number): tf.Tensor2D {
  const places = tf.range(0, size);
  return tf.cast(tf.equal(tf.expandDims(places, 1), places), 'float32') as tf.Tensor2D;
}

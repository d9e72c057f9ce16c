import * as tf from '@tensorflow/tfjs';
import { checkFinite, checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * Least squares: an answer on the right side but far from its target costs too, so that the generator goes on learning
 * from a discriminator that is sure.
 *
 *     discriminator = ½·mean((real − b)²) + ½·mean((fake − a)²)
 *     generator     = ½·mean((fake − c)²)
 *
 * `{ a: 0, b: 1, c: 1 }` is the paper's equation 9 and what most code has; `{ a: -1, b: 1, c: 0 }` its equation 8,
 * under which the generator makes Pearson's χ² divergence small. Accuracies count answers on either side of (a + b) / 2.
 *
 * The answers are not logits here: `discriminator.probability` means nothing under this loss.
 *
 * - Shapes: `real` and `fake` are answers of any shape; the results are scalars.
 * - Memory: the inputs stay the caller's; the results are the caller's.
 *
 * @example LSGAN
 * ```ts
 * const gan = createDcgan({ imageShape: [28, 28, 1], loss: new LeastSquaresLoss() });
 * ```
 *
 * @example The targets of the paper's equation 8, with zero half-way between fakes and real samples
 * ```ts
 * const options = { a: -1, b: 1, c: 0 };
 * const loss = new LeastSquaresLoss(options);
 * console.log(loss.decisionBoundary); // 0
 * const gan = createMlpGan({ sampleShape: [2], loss });
 * ```
 *
 * @see Mao et al., Least Squares Generative Adversarial Networks, 2017, equations 2, 8 and 9.
 * {@link https://arxiv.org/abs/1611.04076}
 */
export class LeastSquaresLoss implements Loss {
  readonly name = 'leastSquares';
  readonly settings: {
    /** What the discriminator is to answer to fakes. */
    readonly a: number;
    /** What the discriminator is to answer to real samples. */
    readonly b: number;
    /** What the generator wants to hear. */
    readonly c: number;
  };
  /** Half-way between the answers to fakes and to real samples. */
  readonly decisionBoundary: number;

  /**
   * @param options - The three targets.
   * @throws RangeError where a target is not finite, or `b` or `c` is not above `a`.
   */
  constructor(
    options: {
      /**
       * What the discriminator is to answer to fakes.
       *
       * @defaultValue `0`
       */
      readonly a?: number | undefined;
      /**
       * What the discriminator is to answer to real samples; not `a`.
       *
       * @defaultValue `1`
       */
      readonly b?: number | undefined;
      /**
       * What the generator wants to hear; not `a`.
       *
       * @defaultValue the value of `b`
       */
      readonly c?: number | undefined;
    } = {},
  ) {
    const action = 'create a LeastSquaresLoss';
    checkOptions(action, options, ['a', 'b', 'c']);
    const { a = 0, b = 1, c = b } = options;
    for (const [name, target] of Object.entries({ a, b, c })) checkFinite(action, name, target);
    // With b below a the accuracies would count the wrong way round; with c at or below a the generator has nothing to win.
    for (const [name, target] of Object.entries({ b, c })) {
      if (target > a) continue;
      throw new RangeError(
        `Cannot ${action}: ${name} must be more than a, which is ${a}, got ${target}. ` +
          'a is the target for fakes, b for real samples, c for fakes in the eyes of the generator',
      );
    }
    this.settings = Object.freeze({ a, b, c });
    this.decisionBoundary = (a + b) / 2;
  }

  /**
   * What the discriminator wants to be small.
   *
   * @param real - Its answers to real samples.
   * @param fake - Its answers to generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    const { a, b } = this.settings;
    return tf.tidy(() => tf.add(halfSquare(real, b), halfSquare(fake, a)).asScalar());
  }

  /**
   * What the generator wants to be small.
   *
   * @param fake - The discriminator's answers to generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return halfSquare(fake, this.settings.c);
  }
}

function halfSquare(answers: tf.Tensor, target: number): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.mean(tf.square(tf.sub(answers, target))), 0.5).asScalar());
}

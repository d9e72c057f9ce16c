import * as tf from '@tensorflow/tfjs';
import { checkFinite, checkOptions } from '../../core/checks.ts';
import type { Loss } from '../loss.ts';

/**
 * Least squares: an output on the correct side but far from its target also has a loss, so the
 * generator continues to learn from a confident discriminator.
 *
 *     discriminator = ½·mean((real − b)²) + ½·mean((fake − a)²)
 *     generator     = ½·mean((fake − c)²)
 *
 * `{ a: 0, b: 1, c: 1 }` is the paper's equation 9 and the most common choice;
 * `{ a: -1, b: 1, c: 0 }` is its equation 8, with which the generator minimizes Pearson's χ²
 * divergence. The decision boundary for accuracies is (a + b) / 2.
 *
 * The outputs are not logits here: `discriminator.probability` has no meaning with this loss.
 *
 * - Shapes: `real` and `fake` are outputs of any shape; the results are scalars.
 * - Memory: the caller owns the inputs and the results.
 *
 * @example LSGAN
 * ```ts
 * const gan = createDcgan({ imageShape: [28, 28, 1], loss: new LeastSquaresLoss() });
 * ```
 *
 * @example The targets of the paper's equation 8, with zero midway between fake and real samples
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
    /** The discriminator's target for fake samples. */
    readonly a: number;
    /** The discriminator's target for real samples. */
    readonly b: number;
    /** The generator's target. */
    readonly c: number;
  };
  /** The midpoint of the targets for fake and real samples. */
  readonly decisionBoundary: number;

  /**
   * @param options - The three targets.
   * @throws RangeError if a target is not finite, or `b` or `c` is not above `a`.
   */
  constructor(
    options: {
      /**
       * The discriminator's target for fake samples.
       *
       * @defaultValue `0`
       */
      readonly a?: number | undefined;
      /**
       * The discriminator's target for real samples; above `a`.
       *
       * @defaultValue `1`
       */
      readonly b?: number | undefined;
      /**
       * The generator's target; above `a`.
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
    // With b below a, accuracies would be inverted; with c at most a, the generator would have no
    // objective.
    for (const [name, target] of Object.entries({ b, c })) {
      if (target > a) continue;
      throw new RangeError(
        `Cannot ${action}: ${name} must be more than a, which is ${a}, got ${target}. ` +
          'a is the target for fake samples, b for real ones, c for fake ones in the loss of the generator',
      );
    }
    this.settings = Object.freeze({ a, b, c });
    this.decisionBoundary = (a + b) / 2;
  }

  /**
   * The loss of the discriminator.
   *
   * @param real - Its outputs for real samples.
   * @param fake - Its outputs for generated samples.
   * @returns A scalar.
   */
  discriminator(real: tf.Tensor, fake: tf.Tensor): tf.Scalar {
    const { a, b } = this.settings;
    return tf.tidy(() => tf.add(halfSquare(real, b), halfSquare(fake, a)).asScalar());
  }

  /**
   * The loss of the generator.
   *
   * @param fake - The discriminator's outputs for generated samples.
   * @returns A scalar.
   */
  generator(fake: tf.Tensor): tf.Scalar {
    return halfSquare(fake, this.settings.c);
  }
}

function halfSquare(answers: tf.Tensor, target: number): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.mean(tf.square(tf.sub(answers, target))), 0.5).asScalar());
}

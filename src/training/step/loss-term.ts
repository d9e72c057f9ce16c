import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../../core/format.ts';

/** The name of the models' own regularizers among the terms of a loss. @internal */
export const regularizers = 'regularizers';

/** One term of the loss of a turn. @internal */
export interface LossTerm {
  /** Its name in the game, or `regularizers`. */
  readonly name: string;
  /** Its value, including its weight. */
  readonly value: tf.Scalar;
}

/**
 * Adds up terms inside a differentiated function and makes each of them available outside.
 *
 * @internal
 */
export class KeptTerms {
  #names: readonly string[] = [];
  #values: readonly tf.Scalar[] = [];

  /** The sum of the terms, at least one. A single term is returned as is, at no cost. */
  sum(terms: readonly LossTerm[]): tf.Scalar {
    this.#names = terms.map((term) => term.name);
    if (terms.length > 1) this.#values = terms.map((term) => tf.keep(term.value.clone()));
    return terms.map((term) => term.value).reduce((sum, value) => tf.add(sum, value));
  }

  /**
   * Each term by its name; the caller owns the tensors.
   *
   * @param sum - The result of {@link KeptTerms.sum}; a single term is the sum itself.
   */
  byName(sum: tf.Scalar): Readonly<Record<string, tf.Scalar>> {
    const entries = this.#names.map((name, i) => [name, this.#values[i]?.clone() ?? sum] as const);
    return Object.fromEntries(entries);
  }

  /** Frees the kept tensors. */
  dispose(): void {
    tf.dispose([...this.#values]);
  }
}

/**
 * Refuses a value that is not a scalar, before it is differentiated.
 *
 * @param what - Such as `the generator loss`.
 * @param value - The value.
 *
 * @internal
 */
export function checkTerm(what: string, value: tf.Tensor): tf.Scalar {
  if (!(value instanceof tf.Tensor)) {
    throw new TypeError(
      `Cannot train: ${what} must return a scalar tensor, got ${formatValue(value)}`,
    );
  }
  if (value.dtype !== 'float32') {
    throw new TypeError(
      `Cannot train: ${what} must be of dtype float32, got ${value.dtype}. Cast it: loss.toFloat()`,
    );
  }
  if ((value.shape as readonly number[]).length === 0) return value as tf.Scalar;
  throw new RangeError(
    `Cannot train: ${what} must return a scalar, got a tensor of shape ${formatShape(value.shape)}. ` +
      'Compute the mean over the batch: tf.mean(…).asScalar()',
  );
}

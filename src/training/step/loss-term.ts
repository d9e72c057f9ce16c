import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../../core/format.ts';

/** What the models' own regularizers are called among the terms of a loss. @internal */
export const regularizers = 'regularizers';

/** One addend of the loss of a turn. @internal */
export interface LossTerm {
  /** Its name in the game, or `regularizers`. */
  readonly name: string;
  /** What it adds, its weight included. */
  readonly value: tf.Scalar;
}

/**
 * Adds up terms inside a function that is differentiated, and hands each of them out of it.
 *
 * @internal
 */
export class KeptTerms {
  #names: readonly string[] = [];
  #values: readonly tf.Scalar[] = [];

  /** The sum of the terms, at least one. A term that is alone is the sum, at no cost. */
  sum(terms: readonly LossTerm[]): tf.Scalar {
    this.#names = terms.map((term) => term.name);
    if (terms.length > 1) this.#values = terms.map((term) => tf.keep(term.value.clone()));
    return terms.map((term) => term.value).reduce((sum, value) => tf.add(sum, value));
  }

  /**
   * Each term under its name; the tensors are the caller's.
   *
   * @param sum - The result of {@link KeptTerms.sum}, which a term that is alone is.
   */
  byName(sum: tf.Scalar): Readonly<Record<string, tf.Scalar>> {
    const entries = this.#names.map((name, i) => [name, this.#values[i]?.clone() ?? sum] as const);
    return Object.fromEntries(entries);
  }

  /** Frees what was kept. */
  dispose(): void {
    tf.dispose([...this.#values]);
  }
}

/**
 * Refuses what is no scalar before it is differentiated.
 *
 * @param what - Such as `the generator loss`.
 * @param value - What came.
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
      'Take the mean over the batch: tf.mean(…).asScalar()',
  );
}

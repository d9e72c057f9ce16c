import * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';

/** The condition of a conditional layer: class labels or vectors, exactly one of them. @internal */
export interface ConditionOptions {
  /** The number of classes. */
  readonly classes?: number | undefined;
  /** The length of the vectors. */
  readonly conditionSize?: number | undefined;
}

/**
 * The second input of a conditional layer: class labels, which select a row of a matrix, or
 * vectors, which are multiplied by it.
 *
 * @internal
 */
export class Condition {
  /** Number of rows of a matrix for it. */
  readonly rows: number;
  /** Whether it is class labels. */
  readonly isLabels: boolean;

  constructor(action: string, { classes, conditionSize }: ConditionOptions) {
    if ((classes === undefined) === (conditionSize === undefined)) {
      const actual = classes === undefined ? 'neither' : 'both';
      throw new TypeError(
        `Cannot ${action}: the condition must be either classes or conditionSize, got ${actual}. ` +
          'Pass classes for class labels, conditionSize for vectors',
      );
    }
    this.isLabels = classes !== undefined;
    const name = this.isLabels ? 'classes' : 'conditionSize';
    this.rows = (classes ?? conditionSize)!;
    checkPositiveInteger(action, name, this.rows);
  }

  /** Checks the shape of the condition; sizes may be unknown. */
  checkShape(action: string, shape: readonly (number | null)[]): void {
    const [, size] = shape;
    const ok = this.isLabels
      ? shape.length === 1 || (shape.length === 2 && (size === 1 || size === this.rows))
      : shape.length === 2 && size === this.rows;
    if (ok) return;
    const wanted = this.isLabels
      ? 'class labels of the shape [batch] or [batch, 1]'
      : `vectors of the shape [batch, ${this.rows}]`;
    throw new RangeError(
      `Cannot ${action}: the condition must be ${wanted}, got ${formatShape(shape)}`,
    );
  }

  /**
   * Applies a matrix `[rows, columns]` to a condition: `[batch, columns]`. Instead of labels, class
   * probabilities `[batch, classes]` are accepted as well, for interpolation between classes.
   */
  select(matrix: tf.Tensor, condition: tf.Tensor): tf.Tensor2D {
    const isShares = this.rows > 1 && condition.rank === 2 && condition.shape[1] === this.rows;
    if (!this.isLabels || isShares) {
      const vectors = condition.dtype === 'float32' ? condition : tf.cast(condition, 'float32');
      return tf.matMul(vectors, matrix);
    }
    const labels = tf.reshape(condition, [condition.size]);
    return tf.gather(matrix as tf.Tensor2D, tf.cast(labels, 'int32'));
  }

  /** The part of a layer's config that recreates it. */
  getConfig(): { readonly classes: number } | { readonly conditionSize: number } {
    return this.isLabels ? { classes: this.rows } : { conditionSize: this.rows };
  }
}

type Shape = readonly (number | null)[];

/**
 * The shapes of a layer's two inputs.
 *
 * @param names - Names of the inputs, in order.
 *
 * @internal
 */
export function pairOfShapes(
  action: string,
  names: string,
  inputShape: tf.Shape | readonly tf.Shape[],
): readonly [Shape, Shape] {
  const shapes = inputShape as readonly (Shape | number | null)[];
  const [first, second] = shapes;
  if (shapes.length === 2 && Array.isArray(first) && Array.isArray(second)) {
    return [first as Shape, second as Shape];
  }
  const count = shapes.every(Array.isArray) ? shapes.length : 1;
  throw new TypeError(`Cannot ${action}: inputs must be ${names}, got ${count} of them`);
}

/**
 * Checks the features whose last axis the layer uses, and returns the size of that axis.
 *
 * @internal
 */
export function lastSize(
  action: string,
  name: string,
  shape: Shape,
  { maxRank }: { readonly maxRank: number },
): number {
  const size = shape.at(-1);
  if (shape.length >= 2 && shape.length <= maxRank && typeof size === 'number') return size;
  throw new RangeError(
    `Cannot ${action}: ${name} must have ${maxRank === 2 ? '2' : `2 to ${maxRank}`} axes, the last of a known size, got ${formatShape(shape)}`,
  );
}

/**
 * Checks that there is one condition for each sample; tfjs would broadcast a single one over the
 * batch.
 *
 * @internal
 */
export function checkSameBatch(action: string, x: tf.Tensor, condition: tf.Tensor): void {
  if (x.shape[0] === condition.shape[0]) return;
  throw new RangeError(
    `Cannot ${action}: the condition must have one entry for each of ${x.shape[0]} samples, ` +
      `got ${formatShape(condition.shape)}`,
  );
}

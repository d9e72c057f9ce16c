import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../core/add-all.ts';
import type { Random } from '../../core/random.ts';
import { gumbel } from '../../codecs/table/gumbel.ts';
import type { ColumnPlace } from '../../codecs/table/table-codec.ts';

/** A part of a row: a number, or choices of which one is taken. */
interface Span {
  readonly size: number;
  readonly isNumber: boolean;
  /** Place of its first choice in conditions; −1 if rows cannot be requested by it. */
  readonly condition: number;
  /** How many choices, the first ones, come with the number before them. */
  readonly modes: number;
}

/**
 * The parts of a row, and what stands in them when a network has made it: tanh for numbers, a
 * sample of the Gumbel-softmax distribution for choices.
 *
 * @see Jang et al., Categorical Reparameterization with Gumbel-Softmax, 2017.
 *   {@link https://arxiv.org/abs/1611.01144}
 *
 * @internal
 */
export class TableSpans {
  readonly #spans: readonly Span[];
  readonly #sizes: number[];

  /** @param places - The columns that networks see. */
  constructor(places: readonly ColumnPlace[]) {
    this.#spans = places.flatMap(({ codec, condition }) => {
      const modes = codec.hasNumber ? codec.choices - codec.values.length : 0;
      const choices = { size: codec.choices, isNumber: false, condition, modes };
      const number = { size: 1, isNumber: true, condition: -1, modes: 0 };
      return codec.hasNumber ? [number, choices] : [choices];
    });
    this.#sizes = this.#spans.map(({ size }) => size);
  }

  /**
   * Rows as a discriminator is given them.
   *
   * @param output - What the generator returns, `[batch, width]`.
   * @param random - Draws the noise.
   * @param temperature - The lower, the nearer to a one among zeros.
   * @returns `[batch, width]`.
   */
  activate(output: tf.Tensor, random: Random, temperature: number): tf.Tensor {
    const noise = gumbelNoise(random, output.shape as [number, number]);
    const [parts, noises] = [this.#split(output), this.#split(noise)];
    const made = this.#spans.map(({ isNumber }, i) =>
      isNumber
        ? tf.tanh(parts[i]!)
        : tf.softmax(tf.div(tf.add(parts[i]!, noises[i]!), temperature)),
    );
    return tf.concat(made, 1);
  }

  /**
   * The cross-entropy of the requested choices, the mean over rows, on the logits before any noise.
   *
   * @param output - What the generator returns, `[batch, width]`.
   * @param condition - A one for the choice that each row was requested with.
   * @returns A scalar.
   */
  crossEntropy(output: tf.Tensor, condition: tf.Tensor): tf.Tensor {
    const rows = output.shape[0] ?? 1;
    const terms = this.#requested(output, condition, (logits, wanted) =>
      tf.sum(tf.mul(wanted, tf.logSoftmax(logits))),
    );
    return tf.div(addAll(terms), -rows);
  }

  /** The mean share of the requested choice in rows that {@link TableSpans.activate} made. */
  requestedShare(rows: tf.Tensor, condition: tf.Tensor): tf.Tensor {
    const shares = this.#requested(rows, condition, (made, wanted) => tf.sum(tf.mul(made, wanted)));
    return tf.div(addAll(shares), rows.shape[0] ?? 1);
  }

  /**
   * The negative logarithm of the likelihood of rows, without its constant, the mean over rows:
   * choices by the softmax of their logits, numbers by a normal distribution around tanh. A number
   * without a mode, in a row with a frequent or missing value, does not count.
   *
   * @param output - What the decoder returns, `[batch, width + numbers]`: a row, then the standard
   *   deviation of each number.
   * @param rows - The rows to reconstruct, `[batch, width]`.
   * @returns A scalar.
   */
  negativeLogLikelihood(output: tf.Tensor, rows: tf.Tensor): tf.Tensor {
    const [count = 0, width = 0] = rows.shape;
    const made = this.#split(tf.slice(output, [0, 0], [count, width]));
    const real = this.#split(rows);
    const terms = this.#spans.flatMap(({ isNumber }, i) =>
      isNumber ? [] : [tf.neg(tf.sum(tf.mul(real[i]!, tf.logSoftmax(made[i]!))))],
    );
    const numbers = this.#spans.flatMap(({ isNumber }, i) => (isNumber ? [i] : []));
    if (numbers.length > 0) {
      const [means, values, counted] = [
        tf.tanh(joined(numbers.map((i) => made[i]!))),
        joined(numbers.map((i) => real[i]!)),
        joined(numbers.map((i) => this.#hasMode(real[i + 1]!, this.#spans[i + 1]!))),
      ];
      const deviations = tf.slice(output, [0, width], [count, numbers.length]);
      const squares = tf.square(tf.div(tf.sub(values, means), deviations));
      const each = tf.add(tf.div(squares, 2), tf.log(deviations));
      terms.push(tf.sum(tf.mul(counted, each)));
    }
    return tf.div(addAll(terms), count);
  }

  /** One in rows whose choice is a mode, else 0: `[batch, 1]`. */
  #hasMode(choices: tf.Tensor, { modes }: Span): tf.Tensor {
    return tf.sum(tf.slice(choices, [0, 0], [choices.shape[0] ?? 0, modes]), 1, true);
  }

  #requested(
    rows: tf.Tensor,
    condition: tf.Tensor,
    compute: (part: tf.Tensor, wanted: tf.Tensor) => tf.Tensor,
  ): tf.Tensor[] {
    const parts = this.#split(rows);
    return this.#spans.flatMap(({ size, condition: first }, i) => {
      if (first < 0) return [];
      const wanted = tf.slice(condition, [0, first], [condition.shape[0] ?? 0, size]);
      return [compute(parts[i]!, wanted)];
    });
  }

  #split(rows: tf.Tensor): readonly tf.Tensor[] {
    return this.#sizes.length === 1 ? [rows] : tf.split(rows, this.#sizes, 1);
  }
}

function joined(columns: tf.Tensor[]): tf.Tensor {
  return tf.concat(columns, 1);
}

function gumbelNoise(random: Random, shape: [number, number]): tf.Tensor2D {
  const noise = new Float32Array(shape[0] * shape[1]);
  for (let i = 0; i < noise.length; i += 1) noise[i] = gumbel(random);
  return tf.tensor2d(noise, shape);
}

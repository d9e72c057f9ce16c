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
      const choices = { size: codec.choices, isNumber: false, condition };
      const number = { size: 1, isNumber: true, condition: -1 };
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

function gumbelNoise(random: Random, shape: [number, number]): tf.Tensor2D {
  const noise = new Float32Array(shape[0] * shape[1]);
  for (let i = 0; i < noise.length; i += 1) noise[i] = gumbel(random);
  return tf.tensor2d(noise, shape);
}

import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../../core/add-all.ts';
import type { Random } from '../../../core/random.ts';
import { places, stepOf } from './central-differences.ts';
import { HeldKinks } from './held-kinks.ts';

/** Slopes along random moves, and the values along each move, at `places`, that they should come from. @internal */
export type Trials = {
  readonly of: 'gradient' | 'second-order gradient';
  readonly got: tf.Tensor;
  readonly along: tf.Tensor;
}[];

/** How often each is tried. @internal */
export const trials = 3;

type Run = (inputs: readonly tf.Tensor[]) => tf.Tensor | tf.Tensor[];
type Pass = <T>(run: () => T) => T;

/**
 * Slopes of an operation along random moves of its inputs, and of its gradient.
 *
 * @param inputs - Those of float32 are moved, each in proportion to itself.
 * @param run - The operation.
 * @param order - How far to go; the first only, or both.
 * @param random - Decides the moves.
 * @internal
 */
export function tryAlone(
  inputs: readonly tf.Tensor[],
  run: Run,
  order: 1 | 2,
  random: Random,
): Trials {
  const isFloat = inputs.map(({ dtype }) => dtype === 'float32');
  const floats = inputs.filter((_, i) => isFloat[i]);
  const results = (values: readonly tf.Tensor[]): tf.Tensor[] => {
    let next = 0;
    const complete = inputs.map((input, i) => (isFloat[i] === true ? values[next++]! : input));
    return [run(complete)].flat();
  };
  const factors = (tensor: tf.Tensor): tf.Tensor =>
    tf.tensor(random.uniformArray(tensor.size, -1, 1), tensor.shape);
  const kinks = new HeldKinks();
  try {
    const outputs = kinks.remember(() => results(floats));
    return Array.from({ length: trials }, () => {
      const outputFactors = outputs.map(factors);
      const inputFactors = floats.map(factors);
      const moves = floats.map((value) => tf.mul(factors(value), stepOf(value)));
      const value =
        (pass: Pass) =>
        (...at: tf.Tensor[]): tf.Tensor =>
          // Whole numbers and verdicts count too: their gradient must be none.
          plusNothing(
            sumOfProducts(
              pass(() => results(at)),
              outputFactors,
            ),
            at,
          );
      const slope =
        (pass: Pass) =>
        (...at: tf.Tensor[]): tf.Tensor =>
          plusNothing(sumOfProducts(tf.grads(value(pass))(at), inputFactors), at);
      const tried = (of: Trials[0]['of'], made: typeof value): Trials[0] => {
        const held = made((pass) => kinks.hold(pass));
        const along = places.map((place) =>
          held(...floats.map((input, i) => tf.add(input, tf.mul(moves[i]!, place)))),
        );
        const gradients = tf.grads(made((pass) => pass()))(floats);
        return { of, got: sumOfProducts(gradients, moves), along: tf.stack(along) };
      };
      return [
        tried('gradient', value),
        ...(order === 2 ? [tried('second-order gradient', slope)] : []),
      ];
    }).flat();
  } finally {
    kinks.dispose();
  }
}

/** With all inputs in it, so that an operation whose gradients are constant has a gradient as well. */
function plusNothing(value: tf.Tensor, inputs: readonly tf.Tensor[]): tf.Tensor {
  return addAll([value, ...inputs.map((input) => tf.mul(tf.sum(input), 0))]);
}

function sumOfProducts(a: readonly tf.Tensor[], b: readonly tf.Tensor[]): tf.Tensor {
  return addAll(a.map((tensor, i) => tf.sum(tf.mul(tf.cast(tensor, 'float32'), b[i]!))));
}

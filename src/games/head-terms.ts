import * as tf from '@tensorflow/tfjs';
import { addAll } from '../core/add-all.ts';
import type { CodeInput, NetworkInput } from '../models/network.ts';
import type { Pass, Tensors } from './game.ts';

/** A head of a discriminator, and the generator's condition that it predicts. @internal */
export interface Head {
  /** Name of the output: `classes`, or the name of the condition. */
  readonly output: string;
  /** Name of the condition. */
  readonly condition: string;
  readonly input: NetworkInput;
}

/** The outputs of heads for some samples, and the true conditions. @internal */
export interface HeadReading {
  readonly outputs: Tensors<string>;
  readonly conditions: Partial<Tensors<string>>;
}

/**
 * The outputs of a discriminator besides its logits, each with the condition it predicts: `classes`
 * predicts `labels`, other heads the condition with their name.
 *
 * @internal
 */
export function headsOf(
  outputs: readonly string[],
  inputs: Readonly<Record<string, NetworkInput>>,
): readonly Head[] {
  return outputs
    .filter((output) => output !== 'logits')
    .flatMap((output) => {
      const condition = output === 'classes' && !('classes' in inputs) ? 'labels' : output;
      const input = inputs[condition];
      return input?.kind === 'condition' ? [{ output, condition, input }] : [];
    });
}

/**
 * −log q(condition | sample) of each head, without constants, by name: `classes/real`,
 * `codes/fake`. The loss is the cross-entropy for labels and categorical codes, and half the
 * squared distance for numbers, as for a normal distribution with standard deviation 1.
 *
 * @param side - `real` or `fake`, the suffix of the names.
 *
 * @internal
 */
export function headTerms(
  heads: readonly Head[],
  side: 'real' | 'fake',
  { outputs, conditions }: HeadReading,
): Record<string, tf.Tensor> {
  const terms = heads.flatMap(({ output, condition, input }) => {
    const truth = conditions[condition];
    return truth === undefined
      ? []
      : [[`${output}/${side}`, unlikeliness(input, truth, outputs[output]!)] as const];
  });
  return Object.fromEntries(terms);
}

/** Records the accuracy of a head for classes or categorical codes. @internal */
export function showHeads(
  pass: Pass,
  heads: readonly Head[],
  side: 'real' | 'fake',
  { outputs, conditions }: HeadReading,
): void {
  for (const { output, condition, input } of heads) {
    const truth = conditions[condition];
    if (truth === undefined || input.kind !== 'condition') continue;
    const told = outputs[output]!;
    if (input.classes !== undefined) {
      pass.metric(`accuracy/${output}/${side}`, () => accuracy(truth, told));
    } else if (input.categorical !== undefined && input.categorical.length > 0) {
      pass.metric(`accuracy/${output}/${side}`, () => {
        const { categorical } = splitCodes(input, truth);
        const guesses = splitCodes(input, told).categorical;
        const shares = categorical.map((one, i) => accuracy(tf.argMax(one, -1), guesses[i]!));
        return tf.div(addAll(shares), shares.length);
      });
    }
  }
}

function accuracy(labels: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  return tf.mean(tf.cast(tf.equal(tf.argMax(logits, -1), tf.cast(labels, 'int32')), 'float32'));
}

function unlikeliness(input: NetworkInput, truth: tf.Tensor, told: tf.Tensor): tf.Tensor {
  if (input.kind === 'condition' && input.classes !== undefined) {
    const one = tf.oneHot(tf.cast(truth, 'int32'), input.classes);
    return tf.losses.softmaxCrossEntropy(one, told);
  }
  if (input.kind === 'condition' && input.categorical !== undefined) {
    const [right, guess] = [splitCodes(input, truth), splitCodes(input, told)];
    const entropies = right.categorical.map((one, i) =>
      tf.losses.softmaxCrossEntropy(one, guess.categorical[i]!),
    );
    const numbers = input.continuous === 0 ? [] : [distance(right.continuous, guess.continuous)];
    return addAll([...entropies, ...numbers]);
  }
  return distance(truth, told);
}

/** ½ Σ (x − y)², the mean over samples. */
function distance(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const squares = tf.squaredDifference(x, y);
  const axes = Array.from({ length: x.rank - 1 }, (_, i) => i + 1);
  return tf.mul(tf.mean(tf.sum(squares, axes)), 0.5);
}

/** Splits a row of codes, or a head's prediction of them, into its parts. */
function splitCodes(
  { categorical, continuous }: CodeInput,
  row: tf.Tensor,
): { readonly categorical: readonly tf.Tensor[]; readonly continuous: tf.Tensor } {
  const sizes = [...categorical, ...(continuous === 0 ? [] : [continuous])];
  // The gradient of a split into one part fails in TensorFlow.js.
  const parts = sizes.length === 1 ? [row] : tf.split(row, sizes, -1);
  return {
    categorical: parts.slice(0, categorical.length),
    continuous: parts[categorical.length] ?? tf.zeros([row.shape[0] ?? 0, 0]),
  };
}

import * as tf from '@tensorflow/tfjs';
import { expect } from 'vitest';
import { type PenaltyContext, type Penalty, Random } from 'tfjs-gan';
import golden from '../../golden/penalties.json' with { type: 'json' };

/** What `test/golden/make_penalties.py` measured of one term. */
export interface GoldenTerm {
  readonly value: number;
  readonly gradients: readonly (readonly number[])[];
}

/** A critic of the golden file, its samples, and its penalties' numbers. */
interface GoldenCritic {
  readonly inputShape: readonly number[];
  readonly activation: string;
  readonly layers: readonly (readonly (string | number)[])[];
  readonly weights: readonly (readonly number[])[];
  readonly batch: number;
  readonly real: readonly number[];
  readonly fake: readonly number[];
  readonly share: readonly number[];
  readonly noise: readonly number[];
  readonly penalties: Readonly<Record<string, GoldenTerm>>;
}

const critics: Readonly<Record<string, GoldenCritic>> = golden.critics;

/** Names of the critics of the golden file. */
export const criticNames: readonly string[] = Object.keys(critics);

/** One critic of the golden file. */
export function goldenCritic(name: string): GoldenCritic {
  return critics[name]!;
}

/** The critic as a model. */
export function makeModel({
  inputShape,
  activation,
  layers,
  weights,
}: GoldenCritic): tf.Sequential {
  const model = tf.sequential();
  layers.forEach(([kind, ...sizes], place) => {
    const shape = place === 0 ? { inputShape: [...inputShape] } : {};
    const [first = 0, second = 0, third = 0] = sizes as number[];
    if (kind === 'dense') model.add(tf.layers.dense({ ...shape, units: first }));
    else if (kind === 'flatten') model.add(tf.layers.flatten(shape));
    else {
      model.add(tf.layers.conv2d({ ...shape, filters: first, kernelSize: second, strides: third }));
    }
    const isLast = layers.slice(place + 1).every(([later]) => later === 'flatten');
    if (kind === 'flatten' || isLast) return;
    if (activation === 'leakyReLU') model.add(tf.layers.leakyReLU({ alpha: 0.2 }));
    else model.add(tf.layers.activation({ activation: activation as 'relu' | 'tanh' }));
  });
  tf.tidy(() => {
    model.setWeights(
      model.getWeights().map((weight, i) => tf.tensor([...weights[i]!], weight.shape)),
    );
  });
  return model;
}

/** A source that gives the given numbers and nothing else. */
export function givenRandom(values: readonly number[]): Random {
  return Object.assign(new Random(0), {
    uniformArray: (count: number): Float32Array => {
      expect(count).toBe(values.length);
      return Float32Array.from(values);
    },
  });
}

/** The weights a trainer would move. */
export function variablesOf(model: tf.LayersModel): tf.Variable[] {
  return model.trainableWeights.map((weight) => weight.read() as unknown as tf.Variable);
}

/** Where a penalty is that keeps nothing, in the first update. */
export const firstUpdate: Pick<PenaltyContext, 'progress' | 'slot'> = {
  progress: { step: 1, update: 1, samples: 0 },
  slot: () => {
    throw new Error('no slots here');
  },
};

/** A context around a critic. What is not given must not be requested. */
export function contextOf(
  model: tf.LayersModel,
  given: Partial<PenaltyContext> & Pick<PenaltyContext, 'real' | 'fake'>,
): PenaltyContext {
  return {
    weights: variablesOf(model).map((value, i) => ({ key: `${i}.dense/kernel`, value, slots: [] })),
    random: new Random(1),
    step: 1,
    update: 1,
    ...firstUpdate,
    discriminate: (samples) => model.apply(samples, { training: true }) as tf.Tensor,
    features: () => {
      throw new Error('no features here');
    },
    ...given,
  };
}

/** Value and parameter gradients of a penalty; the caller disposes them. */
export function measure(
  penalty: Penalty,
  context: PenaltyContext,
  variables: tf.Variable[],
): { value: tf.Scalar; gradients: tf.Tensor[] } {
  const { value, grads } = tf.variableGrads(() => penalty.compute(context), variables);
  // A last bias has no part in any slope, and so no gradient.
  const gradientOf = (variable: tf.Variable): tf.Tensor =>
    grads[variable.name] ?? tf.zerosLike(variable);
  return { value, gradients: variables.map(gradientOf) };
}

/** Largest error of a gradient, relative to its largest entry over all weights. */
export function gradientError(
  gradients: readonly tf.Tensor[],
  wanted: readonly (readonly number[])[],
): number {
  const scale = Math.max(...wanted.flat().map(Math.abs));
  const errors = gradients.flatMap((gradient, i) => {
    const values = [...gradient.dataSync()];
    expect(values.length).toBe(wanted[i]!.length);
    return values.map((value, k) => Math.abs(value - wanted[i]![k]!));
  });
  return Math.max(...errors) / scale;
}

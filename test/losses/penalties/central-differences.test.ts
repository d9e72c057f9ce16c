import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  DraganPenalty,
  GradientPenalty,
  type Penalty,
  R1Penalty,
  R2Penalty,
  Random,
} from 'tfjs-gan';
import { contextOf, measure, variablesOf } from './golden-critic.ts';
import '../../support/on-cpu.ts';

const { dense, conv2d, flatten, leakyReLU, layerNormalization, activation } = tf.layers;

let seed = 0;
const init = (): ReturnType<typeof tf.initializers.glorotNormal> =>
  tf.initializers.glorotNormal({ seed: (seed += 1) });

/** Critics that no golden number knows. */
const critics: readonly (readonly [string, readonly number[], () => tf.layers.Layer[]])[] = [
  [
    'layer norm, leakyReLU and elu',
    [3],
    () => [
      dense({ units: 8, inputShape: [3], kernelInitializer: init() }),
      layerNormalization(),
      leakyReLU({ alpha: 0.2 }),
      dense({ units: 6, activation: 'elu', kernelInitializer: init() }),
      dense({ units: 1, kernelInitializer: init() }),
    ],
  ],
  [
    'convolutions, sigmoid and swish',
    [7, 5, 2],
    () => [
      conv2d({
        filters: 3,
        kernelSize: 3,
        strides: 2,
        padding: 'same',
        inputShape: [7, 5, 2],
        kernelInitializer: init(),
      }),
      activation({ activation: 'sigmoid' }),
      conv2d({ filters: 4, kernelSize: 2, activation: 'swish', kernelInitializer: init() }),
      flatten(),
      dense({ units: 1, kernelInitializer: init() }),
    ],
  ],
];

const penalties: readonly Penalty[] = [
  new GradientPenalty({ targetNorm: 0.2 }),
  new R1Penalty(),
  new R2Penalty(),
  new DraganPenalty({ targetNorm: 0.2 }),
];

describe.each(critics)('with %s, central differences agree', (_name, sampleShape, makeLayers) => {
  test.each(penalties)('on $name', (penalty) => {
    const model = tf.sequential({ layers: makeLayers() });
    tf.tidy(() => {
      const shape = [4, ...sampleShape];
      const real = tf.randomNormal(shape, 0, 1, 'float32', 11);
      const fake = tf.randomNormal(shape, 0.5, 0.5, 'float32', 12);
      const variables = variablesOf(model);
      // The same random numbers in each evaluation.
      const evaluate = (): ReturnType<typeof measure> =>
        measure(penalty, contextOf(model, { real, fake, random: new Random(9) }), variables);
      const { gradients } = evaluate();
      const start = variables.map((variable) => variable.clone());
      const directions = start.map((weight, i) =>
        tf.randomNormal(weight.shape, 0, 1, 'float32', 20 + i),
      );
      const moved = (step: number): number => {
        variables.forEach((variable, i) => {
          variable.assign(tf.add(start[i]!, tf.mul(directions[i]!, step)));
        });
        return evaluate().value.arraySync();
      };
      const h = 1e-3;
      const measured = (moved(h) - moved(-h)) / (2 * h);
      const told = tf
        .addN(gradients.map((gradient, i) => tf.sum(tf.mul(gradient, directions[i]!))))
        .arraySync() as number;
      expect(Math.abs(told)).toBeGreaterThan(1e-3);
      expect(Math.abs(measured / told - 1)).toBeLessThan(2e-2);
    });
    model.dispose();
  });
});

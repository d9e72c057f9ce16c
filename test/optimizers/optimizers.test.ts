import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  clipGradients,
  linearDecay,
  type OptimizerSpec,
  rmsprop,
  sgd,
  type UpdatedWeight,
  useBackend,
  warmup,
  type WeightUpdate,
} from 'tfjs-gan';
import { LiveOptimizer } from '../../src/optimizers/live-optimizer.ts';
import golden from '../golden/optimizers.json' with { type: 'json' };
import { progressAt } from '../support/progress.ts';

const cases: [
  keyof typeof golden & ('adam' | 'adamWganGp' | 'rmsprop' | 'sgd' | 'sgdMomentum'),
  OptimizerSpec,
][] = [
  ['adam', adam()],
  ['adamWganGp', adam({ learningRate: 1e-4, beta1: 0, beta2: 0.9 })],
  ['rmsprop', rmsprop()],
  ['sgd', sgd({ learningRate: 0.01 })],
  ['sgdMomentum', sgd({ learningRate: 0.01, momentum: 0.9 })],
];

/** A weight as a trainer holds it, and how it stood after each step. */
function walk(spec: OptimizerSpec, steps: number): Float32Array {
  const variable = tf.tidy(() => tf.variable(tf.tensor1d(golden.start)));
  const weight = {
    key: 'weight',
    read: () => variable,
    write: (value: tf.Tensor) => {
      variable.assign(value as tf.Tensor1D);
    },
  };
  const optimizer = new LiveOptimizer(spec, [weight]);
  for (const gradient of golden.gradients.slice(0, steps)) {
    const tensor = tf.tensor1d(gradient);
    optimizer.apply([tensor], progressAt(optimizer.step + 1));
    tensor.dispose();
  }
  const reached = variable.dataSync<'float32'>().slice();
  optimizer.dispose();
  variable.dispose();
  return reached;
}

describe.each(['cpu', 'wasm-train'] as const)('on %s', (backend) => {
  test.each(cases)('%s moves as in PyTorch after 1 and 10 steps', async (name, spec) => {
    await useBackend(backend);
    for (const [steps, wanted] of [
      [1, golden[name].after1],
      [10, golden[name].after10],
    ] as const) {
      const reached = walk(spec, steps);
      wanted.forEach((value, i) => {
        const moved = Math.abs(value - (golden.start[i] ?? 0));
        expect(Math.abs((reached[i] ?? Number.NaN) - value)).toBeLessThan(1e-5 * moved + 1e-9);
      });
    }
  });

  test.each(cases)('%s leaves no tensors behind', async (_name, spec) => {
    await useBackend(backend);
    const before = tf.memory().numTensors;
    walk(spec, 3);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('LiveOptimizer', () => {
  test('lets a weight rest that the loss does not depend on', () => {
    const variable = tf.variable(tf.tensor1d([1, 2]));
    const weight = { key: 'w', read: () => variable, write: () => expect.unreachable() };
    const optimizer = new LiveOptimizer(adam(), [weight]);
    optimizer.apply([undefined], progressAt(1));
    expect(optimizer.step).toBe(1);
    optimizer.dispose();
    variable.dispose();
  });
});

describe('specs', () => {
  test('may have words among their settings, or none, and so may schedules', () => {
    const update = ({ value }: WeightUpdate): UpdatedWeight => ({ value, slots: [] });
    const own = { name: 'own', slots: [], learningRate: { name: 'flat', valueAt: () => 1e-4 } };
    const plain = clipGradients({ ...own, update }, { norm: 1 });
    const nesterov = clipGradients({ ...own, update, settings: { kind: 'nesterov' } }, { norm: 1 });
    expect([plain.settings, nesterov.settings]).toEqual([
      { 'clip.norm': 1 },
      { kind: 'nesterov', 'clip.norm': 1 },
    ]);
    expect(warmup(own.learningRate, { updates: 2 }).settings).toEqual({
      updates: 2,
      value: 'flat',
    });
  });

  test('cannot be changed', () => {
    const spec = adam();
    expect(Object.isFrozen(spec)).toBe(true);
    expect(Object.isFrozen(spec.settings)).toBe(true);
  });

  test.each([
    [
      () => adam({ learningRate: 0 }),
      'Cannot create adam: learningRate must be a positive number, got 0',
    ],
    [
      () => adam({ learningRate: Number.NaN }),
      'Cannot create adam: learningRate must be a positive number, got NaN',
    ],
    [
      () => adam({ beta1: 1 }),
      'Cannot create adam: beta1 must be at least 0 and less than 1, got 1',
    ],
    [
      () => adam({ beta2: '0.9' as unknown as number }),
      "Cannot create adam: beta2 must be at least 0 and less than 1, or a Schedule, got '0.9'",
    ],
    [
      () => adam({ epsilon: -1 }),
      'Cannot create adam: epsilon must be a number of at least 0, got -1',
    ],
    [
      () => rmsprop({ learningRate: -1 }),
      'Cannot create rmsprop: learningRate must be a positive number, got -1',
    ],
    [
      () => sgd({ learningRate: Infinity }),
      'Cannot create sgd: learningRate must be a positive number, got Infinity',
    ],
  ])('refuse bad settings: %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('betas that change', () => {
  test('are those of the update, with the correction of PyTorch', async () => {
    const beta2 = linearDecay({ from: 0.9, to: 0.99, end: 2 });
    const spec = adam({ learningRate: 0.1, beta1: 0, beta2, epsilon: 0 });
    let value = tf.scalar(1);
    let slots: readonly tf.Tensor[] = [tf.scalar(0), tf.scalar(0)];
    // In double precision: v ← β₂·v + (1 − β₂)·g², w ← w − rate · g / √(v / (1 − β₂ⁿ)).
    let [w, v] = [1, 0];
    for (const [i, gradient] of [3, 1, -2].entries()) {
      const progress = progressAt(i + 1);
      const now = beta2.valueAt(progress);
      v = now * v + (1 - now) * gradient ** 2;
      w -= (0.1 * gradient) / Math.sqrt(v / (1 - now ** (i + 1)));
      const update = {
        value,
        gradient: tf.scalar(gradient),
        slots,
        step: i + 1,
        learningRate: 0.1,
        progress,
      };
      ({ value, slots } = spec.update(update) as { value: tf.Scalar; slots: tf.Tensor[] });
      expect((await value.data())[0]).toBeCloseTo(w, 5);
    }
    expect(spec.settings).toMatchObject({ beta1: 0, beta2: 'linear', 'beta2.end': 2 });
  });
});

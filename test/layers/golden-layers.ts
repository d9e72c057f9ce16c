import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import golden from '../golden/layers.json' with { type: 'json' };

/** A tensor as `test/golden/make_layers.py` writes it. */
export interface Stored {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Numbers of one layer in training mode, from PyTorch in float64. */
export interface GoldenLayer {
  readonly x: Stored;
  readonly condition: Stored;
  readonly weights: Readonly<Record<string, Stored>>;
  readonly probe: Stored;
  readonly output: Stored;
  /** Of sum(probe · output), by name. */
  readonly gradients: Readonly<Record<string, Stored>>;
  readonly penalty: number;
  readonly penaltyGradients: Readonly<Record<string, Stored>>;
}

/** What only batch norm has: after a pass with `x` and one with `second`, the moving statistics and what they give. */
export interface GoldenBatchNorm extends GoldenLayer {
  readonly second: Stored;
  readonly movingMean: Stored;
  readonly movingVariance: Stored;
  readonly inference: Stored;
}

export const goldenBatchNorms: Readonly<Record<string, GoldenBatchNorm>> = golden.batchNorm;
export const goldenHeads: Readonly<Record<string, GoldenLayer>> = golden.head;
export const goldenEmbeddings: Readonly<Record<string, GoldenLayer>> = golden.embedding;

/** The backends that layers are tested on. */
export const backends: Readonly<Record<string, () => Promise<unknown>>> = {
  cpu: () => tf.setBackend('cpu'),
  'wasm-train': () => wasmTrain({ threads: 1 }).activate(),
};

export function tensorOf({ shape, values }: Stored): tf.Tensor {
  return tf.tensor([...values], [...shape]);
}

/** Class labels are the conditions with one axis. */
export function conditionOf({ condition }: GoldenLayer): tf.Tensor {
  const { shape, values } = condition;
  return tf.tensor([...values], [...shape], shape.length === 1 ? 'int32' : 'float32');
}

/** How many classes there are, or how long the vectors are, as options. */
export function formOf(golden: GoldenLayer): { classes: number } | { conditionSize: number } {
  if (golden.condition.shape.length > 1) return { conditionSize: golden.condition.shape[1]! };
  const tables = [golden.weights['gamma'], golden.weights['embeddings']];
  return { classes: tables.find((table) => table !== undefined)!.shape[0]! };
}

/**
 * A layer that has the golden weights.
 *
 * @param build - Applies it once, so that it has weights.
 */
export function withGoldenWeights<T extends tf.layers.Layer>(
  layer: T,
  one: GoldenLayer,
  build: (layer: T, x: tf.Tensor, condition: tf.Tensor) => tf.Tensor = (_, x, condition) =>
    layer.apply([x, condition]) as tf.Tensor,
): T {
  tf.tidy(() => {
    build(layer, tensorOf(one.x), conditionOf(one));
    for (const [name, stored] of Object.entries(one.weights)) {
      weightOf(layer, name).write(tensorOf(stored));
    }
  });
  return layer;
}

export function weightOf(layer: tf.layers.Layer, name: string): tf.LayerVariable {
  return layer.weights.find(({ originalName }) => originalName.split('/').at(-1) === name)!;
}

/** No value may be off by more than 1e-5 of the largest one. */
export function expectClose(actual: tf.Tensor, wanted: Stored, what = ''): void {
  expect(actual.shape, what).toEqual(wanted.shape);
  const values = actual.dataSync();
  const largest = Math.max(...wanted.values.map(Math.abs));
  const off = wanted.values.map((value, i) => Math.abs(value - values[i]!));
  expect(Math.max(...off), what).toBeLessThanOrEqual(1e-5 * largest);
}

/**
 * Proves that a layer has the values, gradients and gradients of a gradient penalty that PyTorch has.
 *
 * @param run - In training mode.
 */
export function matchesPyTorch<T extends tf.layers.Layer>(
  cases: Readonly<Record<string, GoldenLayer>>,
  make: (golden: GoldenLayer) => T,
  run: (layer: T, x: tf.Tensor, condition: tf.Tensor) => tf.Tensor = (layer, x, condition) =>
    layer.apply([x, condition], { training: true }) as tf.Tensor,
): void {
  describe.each(Object.entries(backends))('on %s', (_, activate) => {
    beforeAll(async () => {
      await activate();
      enableSecondOrderGradients();
    });

    test.each(Object.entries(cases))('is what PyTorch computes of %s', (_case, one) => {
      const layer = withGoldenWeights(make(one), one, run);
      tf.tidy(() => {
        expectClose(run(layer, tensorOf(one.x), conditionOf(one)), one.output);
        const probe = tensorOf(one.probe);
        const { grads } = differentiate(layer, one, (x, condition) =>
          tf.sum(tf.mul(probe, run(layer, x, condition))).asScalar(),
        );
        for (const [name, wanted] of Object.entries(one.gradients)) {
          expectClose(grads[name]!, wanted, name);
        }
      });
      layer.dispose();
    });

    test.each(Object.entries(cases))(
      'has the gradient of a gradient penalty that PyTorch has of %s',
      (_case, one) => {
        const layer = withGoldenWeights(make(one), one, run);
        const before = tf.memory().numTensors;
        tf.tidy(() => {
          const probe = tensorOf(one.probe);
          const { value, grads } = differentiate(layer, one, (x, condition) => {
            const slope = tf.grad((samples) =>
              tf.sum(tf.mul(probe, tf.tanh(run(layer, samples, condition)))),
            )(x);
            const norms = tf.norm(tf.reshape(slope, [x.shape[0], -1]), 2, 1);
            return tf.mean(tf.square(tf.sub(norms, 1))).asScalar();
          });
          expect(Math.abs(value.dataSync()[0]! / one.penalty - 1)).toBeLessThan(1e-5);
          for (const [name, wanted] of Object.entries(one.penaltyGradients)) {
            expectClose(grads[name]!, wanted, name);
          }
        });
        expect(tf.memory().numTensors).toBe(before);
        layer.dispose();
      },
    );
  });
}

/** The gradients of a scalar by the inputs that are real numbers and by the weights. */
function differentiate(
  layer: tf.layers.Layer,
  one: GoldenLayer,
  scalar: (x: tf.Tensor, condition: tf.Tensor) => tf.Scalar,
): { value: tf.Tensor; grads: Readonly<Record<string, tf.Tensor>> } {
  const names = Object.keys(one.gradients);
  const condition = conditionOf(one);
  const variables = names.map((name) => {
    if (name === 'x') return tensorOf(one.x);
    return name === 'condition' ? condition : weightOf(layer, name).read();
  });
  const { value, grads } = tf.valueAndGrads((...given: tf.Tensor[]) => {
    const at = names.indexOf('condition');
    return scalar(given[0]!, at === -1 ? condition : given[at]!);
  })(variables);
  return { value, grads: Object.fromEntries(names.map((name, i) => [name, grads[i]!])) };
}

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { caseNames, caseOf, relativeError } from './critics.ts';

const backends = {
  cpu: () => tf.setBackend('cpu'),
  'wasm-train': () => wasmTrain({ threads: 1 }).activate(),
};

describe.each(Object.entries(backends))('on %s, the gradient of a penalty', (_, activate) => {
  beforeAll(async () => {
    await activate();
    enableSecondOrderGradients();
  });

  test.each(caseNames)('through %s is that of PyTorch and of central differences', (name) => {
    const { x, weights, golden, penalty } = caseOf(name);
    const before = tf.memory().numTensors;

    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => penalty(values))([
      ...weights,
    ]);
    const got = grads.map((gradient) => [...gradient.dataSync()]);
    expect(relativeError([value.arraySync()], [golden.penalty])).toBeLessThan(1e-4);
    tf.dispose([value, grads]);
    expect(tf.memory().numTensors).toBe(before);
    expect(relativeError(got.flat(), golden.gradients.flat())).toBeLessThan(1e-3);

    const differences = centralDifferences(weights, penalty);
    const atSame = differences.map(({ which, at }) => got[which]![at]!);
    expect(
      relativeError(
        atSame,
        differences.map(({ slope }) => slope),
      ),
    ).toBeLessThan(2e-2);
    tf.dispose([x, ...weights]);
  });
});

/** Slopes of the penalty by some values of each weight. */
function centralDifferences(
  weights: readonly tf.Tensor[],
  penalty: (weights: readonly tf.Tensor[]) => tf.Scalar,
): { which: number; at: number; slope: number }[] {
  const step = 1e-3;
  return weights.flatMap((weight, which) => {
    const values = [...weight.dataSync()];
    const penaltyWith = (at: number, distance: number): number =>
      tf.tidy(() => {
        const moved = values.map((value, i) => (i === at ? value + distance : value));
        const replaced = tf.tensor(moved, weight.shape);
        return penalty(weights.map((w, i) => (i === which ? replaced : w))).arraySync();
      });
    const stride = Math.ceil(values.length / 7);
    return values
      .map((_, at) => at)
      .filter((at) => at % stride === 0)
      .map((at) => {
        const slope = (penaltyWith(at, step) - penaltyWith(at, -step)) / (2 * step);
        return { which, at, slope };
      });
  });
}

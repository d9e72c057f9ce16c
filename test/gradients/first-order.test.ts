import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { enableSecondOrderGradients } from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { caseNames, caseOf, relativeError } from './critics.ts';

/** What tfjs alone refuses at first order already. */
const refused = [
  ...['logSigmoid', 'tile', 'depthToSpace', 'conv3dTranspose', 'conv2dDilated', 'where'],
  ...['conv2dDilatedValid', 'depthwiseConv2dDilated', 'conv3dDilated', 'maximum', 'minimum'],
  ...['squaredDifference', 'batchNormWithoutScale', 'batchNormWithoutOffset'],
  ...['batchNormWithoutBoth', 'depthwiseConv2dDilatedValid', 'maximumOfRows', 'thresholdedRelu'],
  ...['matMulBroadcast', 'attention', 'stridedSlice', 'topk', 'einsum', 'gatherND'],
  ...['cumsumOfBatch', 'flipLeftRight', 'prodOfTwoAxes'],
];
/** What tfjs's own kernels get wrong at first order; that ours are right, the goldens of the penalties show. */
const wrong = [
  ...['avgPoolPadded', 'avgPool3dPadded', 'mirrorPadReflect', 'mirrorPadSymmetric'],
  ...['resizeNearest', 'resizeNearestCorners', 'resizeNearestHalfPixel'],
  ...['resizeBilinearHalfPixel', 'resizeBilinearSmaller', 'maxPool3dBox'],
  ...['conv2dRoundedUp', 'avgPoolRoundedUp', 'maxPoolRoundedUp'],
  ...['floorDiv', 'crossEntropyOfLabels', 'powOfNothing'],
  ...['cumsumOfSquare', 'cumsumExclusive', 'cumsumExclusiveBackwards'],
];
/** cpu's kernel gives a result of the wrong shape, so tfjs refuses it there. */
const wrongOnCpu = ['resizeBilinear', 'resizeBilinearCorners', 'upSampling2dBilinear'];
const kept = caseNames.filter(
  (name) => !name.endsWith('ByWeights') && ![...refused, ...wrong].includes(name),
);

/** Values and gradients of a critic, bit by bit. */
function firstOrder(name: string): Uint32Array[] {
  const { x, weights, critic } = caseOf(name);
  const bits = tf.tidy(() => {
    const { value, grads } = tf.valueAndGrads((samples: tf.Tensor, ...values: tf.Tensor[]) =>
      tf.sum(critic(samples, values)),
    )([x, ...weights]);
    return [value, ...grads].map((tensor) => Float32Array.from(tensor.dataSync()));
  });
  tf.dispose([x, ...weights]);
  return bits.map((values) => new Uint32Array(values.buffer));
}

/** Some slopes of a critic by its samples and weights: by its gradients, and by central differences. */
function slopes(name: string): { gradients: number[]; differences: number[] } {
  const { x, weights, critic } = caseOf(name);
  const inputs = [x, ...weights];
  const value = (...[samples, ...values]: tf.Tensor[]): tf.Scalar =>
    tf.sum(critic(samples!, values)).asScalar();
  const grads = tf.grads(value)(inputs);
  const step = 1e-2;
  const some = inputs.flatMap((input, which) => {
    const numbers = [...input.dataSync()];
    const gradient = grads[which]!.dataSync();
    const valueAt = (at: number, distance: number): number =>
      tf.tidy(() => {
        const moved = numbers.map((number, i) => (i === at ? number + distance : number));
        const other = tf.tensor(moved, input.shape);
        return value(...inputs.map((one, i) => (i === which ? other : one))).arraySync();
      });
    const stride = Math.ceil(numbers.length / 7);
    return numbers.flatMap((_, at) =>
      at % stride === 0
        ? [[gradient[at]!, (valueAt(at, step) - valueAt(at, -step)) / (2 * step)] as const]
        : [],
    );
  });
  tf.dispose([...inputs, ...grads]);
  return {
    gradients: some.map(([gradient]) => gradient),
    differences: some.map(([, difference]) => difference),
  };
}

describe('enableSecondOrderGradients', () => {
  test('keeps first-order gradients bit-for-bit, and fixes those that were refused', async () => {
    const before = new Map<string, Uint32Array[]>();
    const activate = {
      cpu: () => tf.setBackend('cpu'),
      'wasm-train': () => wasmTrain({ threads: 1 }).activate(),
    };
    const namesOn = (backend: string): string[] =>
      kept.filter((name) => backend !== 'cpu' || !wrongOnCpu.includes(name));
    for (const [backend, start] of Object.entries(activate)) {
      await start();
      for (const name of namesOn(backend)) before.set(`${backend} ${name}`, firstOrder(name));
      for (const name of refused) expect(() => firstOrder(name), name).toThrow();
    }

    enableSecondOrderGradients();

    for (const [backend, start] of Object.entries(activate)) {
      await start();
      for (const name of namesOn(backend)) {
        expect(firstOrder(name), `${backend} ${name}`).toEqual(before.get(`${backend} ${name}`));
      }
      for (const name of refused) {
        const { gradients, differences } = slopes(name);
        expect(relativeError(gradients, differences), `${backend} ${name}`).toBeLessThan(2e-2);
      }
    }
  });

  test('registers once, however often it is called', () => {
    enableSecondOrderGradients();
    const gradient = tf.getGradient(tf.LeakyRelu);
    const engine = tf.engine() as unknown as Record<string, unknown>;
    const calls = [engine['runKernel'], engine['runKernelFunc']];
    enableSecondOrderGradients();
    expect(tf.getGradient(tf.LeakyRelu)).toBe(gradient);
    expect([engine['runKernel'], engine['runKernelFunc']]).toEqual(calls);
  });
});

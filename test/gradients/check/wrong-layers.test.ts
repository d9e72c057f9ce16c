import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { enableSecondOrderGradients, Random } from 'tfjs-gan';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import { wrongLayers } from '../../../src/gradients/check/wrong-layers.ts';

const { conv2d, batchNormalization, leakyReLU, layerNormalization, dense, flatten } = tf.layers;

/** A layer around an operation of one or several inputs. */
class OperationLayer extends tf.layers.Layer {
  static className = 'OperationLayer';
  readonly #operation: (inputs: tf.Tensor[]) => tf.Tensor;

  constructor(operation: (inputs: tf.Tensor[]) => tf.Tensor) {
    super({ name: 'operation' });
    this.#operation = operation;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.#operation([inputs].flat());
  }

  override computeOutputShape(shape: tf.Shape | tf.Shape[]): tf.Shape {
    return (Array.isArray(shape[0]) ? shape[0] : shape) as tf.Shape;
  }
}

/** x with half the slope. */
const halved = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy) => tf.mul(dy, 0.5),
}));

/** A critic of every kind of layer, with an operation of one input, then of two, in its middle. */
function critic(one: (x: tf.Tensor) => tf.Tensor, two: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) {
  const init = (seed: number) => ({ kernelInitializer: tf.initializers.heNormal({ seed }) });
  const input = tf.input({ shape: [6, 6, 2] });
  const chain = (x: tf.SymbolicTensor, ...layers: tf.layers.Layer[]): tf.SymbolicTensor =>
    layers.reduce((at, layer) => layer.apply(at) as tf.SymbolicTensor, x);
  const both = chain(
    input,
    conv2d({ filters: 4, kernelSize: 3, padding: 'same', ...init(1) }),
    batchNormalization({}),
    leakyReLU({ alpha: 0.2 }),
    new OperationLayer(([x]) => one(x!)),
    conv2d({ filters: 4, kernelSize: 3, padding: 'same', activation: 'tanh', ...init(2) }),
  );
  const scored = chain(
    tf.layers.add().apply([both, chain(both, layerNormalization())]) as tf.SymbolicTensor,
    tf.layers.activation({ activation: 'softmax' }),
  );
  const merged = new OperationLayer(([a, b]) => two(a!, b!));
  Object.assign(merged, { name: 'merging' });
  const features = merged.apply([both, scored]) as tf.SymbolicTensor;
  const outputs = chain(features, flatten(), dense({ units: 1, ...init(3) }));
  return tf.model({ inputs: input, outputs });
}

async function wrongIn(model: tf.LayersModel): Promise<readonly string[]> {
  const x = tf.randomNormal([3, 6, 6, 2], 0, 1, 'float32', 1);
  const before = tf.memory().numTensors;
  const pass = (): void => void model.apply(x, { training: true });
  const found = await wrongLayers(model.layers, pass, (run) => run(), 0.02, new Random(1));
  expect(tf.memory().numTensors).toBe(before);
  x.dispose();
  return found;
}

const right = (x: tf.Tensor): tf.Tensor => tf.tanh(x);
const product = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.mul(a, b);

describe('wrongLayers', () => {
  beforeAll(() => {
    enableSecondOrderGradients();
  });

  test.each(['cpu', 'wasm-train'])('blames no layer that is right, on %s', async (backend) => {
    await (backend === 'cpu' ? tf.setBackend('cpu') : wasmTrain({ threads: 1 }).activate());
    const model = critic(right, product);
    expect(await wrongIn(model)).toEqual([]);
    model.dispose();
    await tf.setBackend('cpu');
  });

  test('names the layer whose slope is wrong, by whichever input, and no other', async () => {
    const first = critic((x) => tf.tanh(halved(x)), product);
    expect(await wrongIn(first)).toEqual(['operation']);
    const second = critic(right, (a, b) => tf.mul(a, halved(b)));
    expect(await wrongIn(second)).toEqual(['merging']);
    first.dispose();
    second.dispose();
  });

  test('names a layer that cannot be differentiated, or not be run', async () => {
    const underivable = critic((x) => tf.cumprod(x, 1), product);
    expect(await wrongIn(underivable)).toEqual(['operation']);
    const failing = critic(right, () => {
      throw new Error('mine');
    });
    expect(await wrongIn(failing)).toEqual(['merging']);
    underivable.dispose();
    failing.dispose();
  });
});

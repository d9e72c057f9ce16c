import * as tf from '@tensorflow/tfjs';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createMlpGan,
  createSngan,
  Discriminator,
  enableSecondOrderGradients,
  type Gan,
  HingeLoss,
  type BoundConstraint,
  type Loss,
  mlpGenerator,
  Random,
  ring8,
  sgd,
  SpectralNorm,
  Trainer,
  useBackend,
} from 'tfjs-gan';
import { constraintContract } from '../contracts/constraint-contract.ts';
import golden from '../golden/constraints.json' with { type: 'json' };
import { blobs, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

constraintContract(() => new SpectralNorm());
constraintContract(() => new SpectralNorm({ target: 'generator' }));
constraintContract(() => new SpectralNorm({ target: 'all', powerIterations: 2 }));

type Kind = keyof typeof golden;

/** For each kind of layer, a model of one such layer whose kernel has the shape of the golden one. */
const models: Record<Kind, () => tf.LayersModel> = {
  dense: () => sequential(tf.layers.dense({ inputShape: [6], units: 5 })),
  conv1d: () => sequential(tf.layers.conv1d({ inputShape: [5, 3], filters: 4, kernelSize: 3 })),
  conv2d: () =>
    sequential(tf.layers.conv2d({ inputShape: [5, 5, 3], filters: 4, kernelSize: [2, 3] })),
  conv3d: () =>
    sequential(tf.layers.conv3d({ inputShape: [4, 4, 4, 2], filters: 3, kernelSize: 2 })),
  conv2dTranspose: () =>
    sequential(
      tf.layers.conv2dTranspose({ inputShape: [5, 5, 3], filters: 4, kernelSize: [2, 3] }),
    ),
  conv3dTranspose: () =>
    sequential(tf.layers.conv3dTranspose({ inputShape: [4, 4, 4, 2], filters: 3, kernelSize: 2 })),
  depthwiseConv2d: () =>
    sequential(
      tf.layers.depthwiseConv2d({
        inputShape: [5, 5, 3],
        depthMultiplier: 2,
        kernelSize: [2, 3],
      }),
    ),
  embedding: () => sequential(tf.layers.embedding({ inputDim: 7, outputDim: 4, inputLength: 2 })),
};

function sequential(...layers: tf.layers.Layer[]): tf.Sequential {
  return tf.sequential({ layers });
}

function bind(model: tf.LayersModel, options = {}): BoundConstraint {
  return new SpectralNorm(options).bind(model, 'discriminator', 1);
}

function kernelOf(model: tf.LayersModel): tf.Variable {
  const value: unknown = model.trainableWeights[0]!.read();
  return value as tf.Variable;
}

/** The largest singular value of a kernel whose last axis counts outputs. */
function largestSingularValue(kernel: tf.Tensor): number {
  const columns = kernel.shape.at(-1)!;
  const rows = kernel.size / columns;
  const matrix = Matrix.from1DArray(rows, columns, [...kernel.dataSync()]);
  return new SingularValueDecomposition(matrix, { autoTranspose: true }).norm2;
}

function constraintMetrics(live: BoundConstraint): number[] {
  return tf.tidy(() => Object.values(live.observe!()).map((sigma) => sigma.dataSync()[0]!));
}

function expectClose(actual: tf.Tensor, wanted: readonly number[]): void {
  const scale = Math.max(...wanted.map(Math.abs));
  const values = actual.dataSync();
  expect(values.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(Math.abs(values[i]! - value)).toBeLessThanOrEqual(1e-5 * scale);
  });
}

describe('SpectralNorm', () => {
  describe.each(Object.keys(golden) as Kind[])('on %s', (kind) => {
    const { weight, shape, probe, u, largest, after } = golden[kind];
    let model: tf.LayersModel;
    let live: BoundConstraint;
    let key: string;

    beforeAll(() => {
      model = models[kind]();
      tf.tidy(() => {
        model.setWeights([tf.tensor(weight, shape), ...model.getWeights().slice(1)]);
      });
      live = bind(model);
      key = [...live.state.keys()].find((name) => name.endsWith('#u'))!.replace('#u', '');
    });

    afterAll(() => {
      live.dispose();
      model.dispose();
    });

    test('knows the largest singular value from the start', () => {
      expect(constraintMetrics(live)[0]).toBeCloseTo(largest, 3);
    });

    test("equals PyTorch's spectral_norm after one, two and three iterations: u, σ, weight, gradient", () => {
      live.beforeStep!();
      tf.tidy(() => live.setState(`${key}#u`, tf.tensor2d(u, [u.length, 1])));
      for (const wanted of [after[1], after[2], after[3]]) {
        live.afterUpdate!();
        expectClose(live.state.get(`${key}#u`)!, wanted.u);
        expect(Math.abs(constraintMetrics(live)[0]! / wanted.sigma - 1)).toBeLessThan(1e-5);
        tf.tidy(() => {
          const variable = kernelOf(model);
          const { value, grads } = tf.variableGrads(
            () =>
              live.wrapForward!(() => {
                const lent: unknown = model.trainableWeights[0]!.read();
                expectClose(lent as tf.Tensor, wanted.normalized);
                return tf.sum(tf.mul(lent as tf.Tensor, tf.tensor(probe, shape))).asScalar();
              }),
            [variable],
          );
          expect(Number.isFinite(value.dataSync()[0])).toBe(true);
          expectClose(grads[variable.name]!, wanted.gradient);
        });
      }
      // As the step ends, σ is looked at more closely than PyTorch does.
      live.afterStep!();
      const [sigma = 0] = constraintMetrics(live);
      expect(Math.abs(sigma / largest - 1)).toBeLessThan(1e-3);
      expectClose(
        kernelOf(model),
        weight.map((value) => value / sigma),
      );
      expectClose(live.state.get(`${key}#raw`)!, weight);
    });
  });

  test('is within one percent of the singular value decomposition of random kernels', () => {
    const model = sequential(
      tf.layers.conv2d({ inputShape: [4, 4, 16], filters: 32, kernelSize: 4 }),
      tf.layers.flatten(),
      tf.layers.dense({ units: 150 }),
    );
    const random = new Random(3);
    tf.tidy(() => {
      model.setWeights(
        model
          .getWeights()
          .map((weight) => tf.tensor(random.normalArray(weight.size), weight.shape)),
      );
    });
    const live = bind(model);
    const kernels = model.getWeights().filter((weight) => weight.rank > 1);
    constraintMetrics(live).forEach((sigma, i) => {
      expect(Math.abs(sigma / largestSingularValue(kernels[i]!) - 1)).toBeLessThan(0.01);
    });
    live.dispose();
    model.dispose();
  });

  test('is within one percent of it after each step of SNGAN, whose first steps turn the kernels round', async () => {
    await useBackend('wasm-train');
    const data = blobs(64, [16, 16, 1]);
    const gan = createSngan({ imageShape: [16, 16, 1], latentSize: 16, baseFilters: 8, seed: 1 });
    const { model } = gan.discriminator;
    const off: number[] = [];
    for await (const { number } of gan.trainer.steps(data, { steps: 12, batchSize: 8 })) {
      expect(number, 'read after each step').toBe(off.length + 1);
      const kernels = model.getWeights().filter((weight) => weight.rank > 1);
      off.push(Math.max(...kernels.map((kernel) => Math.abs(largestSingularValue(kernel) - 1))));
    }
    gan.dispose();
    expect(off).toHaveLength(12);
    expect(Math.max(...off)).toBeLessThan(0.01);
    await useBackend('cpu');
  });

  test('holds every kernel at one through training, in models inside models and layers used twice', async () => {
    await useBackend('cpu');
    const twice = tf.layers.dense({
      units: 8,
      activation: 'relu',
      name: 'twice',
      kernelInitializer: tf.initializers.heNormal({ seed: 1 }),
      kernelConstraint: tf.constraints.maxNorm({ maxValue: 3 }),
    });
    const input = tf.input({ shape: [2] });
    const inner = sequential(
      tf.layers.dense({
        inputShape: [2],
        units: 8,
        activation: 'relu',
        kernelInitializer: tf.initializers.heNormal({ seed: 2 }),
      }),
    );
    const frozen = tf.layers.dense({
      units: 8,
      trainable: false,
      kernelInitializer: tf.initializers.heNormal({ seed: 3 }),
    });
    let inside = inner.apply(input) as tf.SymbolicTensor;
    inside = twice.apply(twice.apply(inside)) as tf.SymbolicTensor;
    inside = tf.layers.batchNormalization().apply(frozen.apply(inside)) as tf.SymbolicTensor;
    const last = tf.layers.dense({ units: 1, kernelInitializer: 'zeros' });
    const model = tf.model({ inputs: input, outputs: last.apply(inside) as tf.SymbolicTensor });
    const held = frozen.getWeights()[0]!.dataSync();

    const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [8] });
    const discriminator = new Discriminator({ model, ownsModel: true });
    const spec = sgd({ learningRate: 0.05 });
    const trainer = new Trainer({
      generator,
      discriminator,
      constraints: [new SpectralNorm()],
      optimizers: { generator: spec, discriminator: spec },
    });
    for await (const step of trainer.steps(ring8({ size: 256 }), { batchSize: 32, steps: 40 })) {
      expect(Object.keys(step.constraintMetrics.discriminator)).toEqual([
        'spectralNorm/1.dense/kernel',
        'spectralNorm/2.dense/kernel',
        'spectralNorm/5.dense/kernel',
      ]);
      for (const layer of [inner.layers[0]!, twice, last]) {
        const kernel = layer.getWeights()[0]!;
        expect(Math.abs(largestSingularValue(kernel) - 1)).toBeLessThan(0.01);
      }
    }
    expect(frozen.getWeights()[0]!.dataSync()).toEqual(held);
    for (const part of [trainer, generator, discriminator]) part.dispose();
  });

  test('takes weights that were set between steps as the new ones', () => {
    const model = sequential(tf.layers.dense({ inputShape: [3], units: 2 }));
    const live = bind(model);
    const set = (scale: number): void => {
      tf.tidy(() => {
        const kernel = tf.tensor2d(
          [3, 0, 0, 4, 0, 0].map((value) => scale * value),
          [3, 2],
        );
        model.setWeights([kernel, tf.zeros([2])]);
      });
    };
    const step = (): void => {
      live.beforeStep!();
      live.afterStep!();
    };
    // Before the first step, between two steps, and not at all.
    set(2);
    step();
    expect(constraintMetrics(live)[0]).toBeCloseTo(8, 4);
    set(5);
    step();
    expect(constraintMetrics(live)[0]).toBeCloseTo(20, 3);
    step();
    expect(constraintMetrics(live)[0]).toBeCloseTo(20, 3);
    expect([...kernelOf(model).dataSync()]).toEqual(
      [0.75, 0, 0, 1, 0, 0].map((value) => expect.closeTo(value, 5) as number),
    );
    live.dispose();
    model.dispose();
  });

  describe('given weights from outside between two steps', () => {
    const made = (loss?: Loss): Gan =>
      createMlpGan({
        sampleShape: [2],
        latentSize: 2,
        hiddenUnits: [8],
        seed: 3,
        loss: loss ?? new HingeLoss(),
        constraints: [new SpectralNorm()],
      });
    const data = ring8({ size: 64 });
    const setAll = ({ discriminator: { model } }: Gan, value: number): void => {
      tf.tidy(() => {
        model.setWeights(model.getWeights().map(({ shape }) => tf.fill(shape, value)));
      });
    };
    const kernel = ({ discriminator: { model } }: Gan): number[] => [...kernelOf(model).dataSync()];
    const play = async (gan: Gan): Promise<void> => {
      await gan.trainer.fit(data, { steps: 1, batchSize: 32 });
    };

    test.each([0, 2])('takes them into a snapshot, after %i steps', async (steps) => {
      const [gan, restored] = [made(), made()];
      for (let i = 0; i < steps; i += 1) await play(gan);
      setAll(gan, 0.25);
      await restored.trainer.restore(await gan.trainer.snapshot());
      await play(gan);
      await play(restored);
      expect(kernel(restored)).toEqual(kernel(gan));
      for (const value of kernel(gan)) expect(value).toBeCloseTo(0.25, 2);
      for (const one of [gan, restored]) one.dispose();
    });

    test('has them back after a step that failed', async () => {
      const hinge = new HingeLoss();
      let fails = false;
      using gan = made({
        name: 'moody',
        discriminator: (real, fake) => {
          if (fails) throw new Error('a bad mood');
          return hinge.discriminator(real, fake);
        },
        generator: (fake) => hinge.generator(fake),
      });
      await play(gan);
      setAll(gan, 0.25);
      fails = true;
      await expect(play(gan)).rejects.toThrow('a bad mood');
      expect(kernel(gan)).toEqual(Array<number>(16).fill(0.25));
      fails = false;
      await play(gan);
      for (const value of kernel(gan)) expect(value).toBeCloseTo(0.25, 2);
    });
  });

  test('leaves a kernel of zeros at zero, with the gradient it has without the rule', () => {
    const model = sequential(
      tf.layers.dense({ inputShape: [2], units: 2, kernelInitializer: 'zeros' }),
    );
    const live = bind(model);
    live.beforeStep!();
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(() =>
        live.wrapForward!(() => tf.sum(model.apply(tf.tensor2d([[1, 2]])) as tf.Tensor).asScalar()),
      );
      expect(value.dataSync()[0]).toBe(0);
      expect([...grads[kernelOf(model).name]!.dataSync()]).toEqual([1, 1, 2, 2]);
      kernelOf(model).assign(tf.tensor2d([0, 0, 0, 3], [2, 2]));
    });
    live.afterUpdate!();
    live.afterUpdate!();
    live.afterStep!();
    expect([...kernelOf(model).dataSync()].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([
      0, 0, 0, 1,
    ]);
    live.dispose();
    model.dispose();
  });

  test('lets the gradient of a gradient through: that of a slope agrees with central differences', () => {
    enableSecondOrderGradients();
    const model = sequential(
      tf.layers.dense({ inputShape: [3], units: 4, activation: 'tanh' }),
      tf.layers.dense({ units: 1 }),
    );
    const random = new Random(5);
    tf.tidy(() => {
      model.setWeights(
        model.getWeights().map((w) => tf.tensor(random.normalArray(w.size), w.shape)),
      );
    });
    const live = bind(model);
    live.beforeStep!();
    const samples = tf.tensor2d(random.normalArray(6), [2, 3]);
    const slope = (): tf.Scalar =>
      live.wrapForward!(() => {
        const judge = (x: tf.Tensor): tf.Tensor => tf.sum(model.apply(x) as tf.Tensor);
        return tf.sum(tf.square(tf.grad(judge)(samples))).asScalar();
      });
    tf.tidy(() => {
      const kernel = kernelOf(model);
      const gradient = tf.variableGrads(slope, [kernel]).grads[kernel.name]!.dataSync();
      const start = kernel.dataSync().slice();
      // u and v stay as they are, as they do in a step.
      start.forEach((value, i) => {
        const at = (shift: number): number => {
          const moved = start.slice();
          moved[i] = value + shift;
          kernel.assign(tf.tensor(moved, kernel.shape));
          return slope().dataSync()[0]!;
        };
        expect(gradient[i]).toBeCloseTo((at(0.01) - at(-0.01)) / 0.02, 2);
        kernel.assign(tf.tensor(start, kernel.shape));
      });
      expect(Math.max(...gradient.map(Math.abs))).toBeGreaterThan(0.1);
    });
    samples.dispose();
    live.dispose();
    model.dispose();
  });

  test('rules the named layers only', () => {
    const model = sequential(
      tf.layers.dense({ inputShape: [3], units: 2, name: 'first' }),
      tf.layers.leakyReLU({ name: 'leak' }),
      tf.layers.dense({ units: 1, name: 'second' }),
    );
    for (const layers of [['second'], ['2.dense'], ['2.dense', 'second']]) {
      const live = bind(model, { layers });
      expect(Object.keys(tf.tidy(() => live.observe!()))).toEqual(['2.dense/kernel']);
      live.dispose();
    }
    for (const missing of ['third', 'leak']) {
      expect(() => bind(model, { layers: ['first', missing] })).toThrow(
        'Cannot constrain the discriminator with SpectralNorm: layers must name layers with a trained kernel, ' +
          `got '${missing}'. There are 0.dense ('first'), 2.dense ('second')`,
      );
    }
    for (const layer of model.layers) layer.trainable = false;
    expect(() => bind(model)).toThrow(
      'Cannot constrain the discriminator with SpectralNorm: it must have a layer with a trained kernel, got none',
    );
    model.dispose();
  });

  test('named by place, fits a snapshot whatever TensorFlow.js called the layers', async () => {
    const made = (...layers: string[]): Gan =>
      createMlpGan({
        sampleShape: [2],
        latentSize: 2,
        hiddenUnits: [4, 4],
        constraints: [new SpectralNorm({ layers })],
      });
    const [gan, other] = [made('0.dense', '2.dense'), made('2.dense', '0.dense')];
    expect(other.trainer.configuration['constraints.spectralNorm.layers']).toBe('0.dense, 2.dense');
    await gan.trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
    await other.trainer.restore(await gan.trainer.snapshot());
    expect(weightsOf(other)).toEqual(weightsOf(gan));
    for (const one of [gan, other]) one.dispose();
  });

  test('may rule a network twice, but no weight of it', async () => {
    const constraints = [['first'], ['last']].map(
      (layers) => new SpectralNorm({ layers, target: 'discriminator' }),
    );
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ inputShape: [2], units: 3, name: 'first' }),
        tf.layers.dense({ units: 1, name: 'last' }),
      ],
    });
    const networks = {
      generator: mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [4] }),
      discriminator: new Discriminator({ model, ownsModel: true }),
    };
    await new Trainer({ ...networks, constraints }).fit(ring8({ size: 8 }), {
      steps: 1,
      batchSize: 8,
    });
    for (const [kernel] of model.layers.map((layer) => layer.getWeights())) {
      expect(largestSingularValue(kernel!)).toBeCloseTo(1, 2);
    }

    const before = tf.memory().numTensors;
    expect(
      () => new Trainer({ ...networks, constraints: [...constraints, constraints[0]!] }),
    ).toThrow(
      "Cannot create a Trainer: constraints must each replace other weights of the discriminator, got 'spectralNorm' " +
        "and 'spectralNorm_3', which both replace '0.dense/kernel'. Leave one out, or choose other layers for it",
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test.each([
    [{ target: '' }, "target must be the name of a network or 'all', got ''"],
    [{ powerIterations: 0 }, 'powerIterations must be a positive integer, got 0'],
    [{ epsilon: 0 }, 'epsilon must be a positive number, got 0'],
    [{ layers: [] }, 'layers must name at least one layer, got []'],
    [{ layers: 'dense' }, "layers must be names of layers, got 'dense'"],
    [{ layers: [1] }, 'layers must be names of layers, got [1]'],
  ])('refuses %j', (options, message) => {
    expect(() => new SpectralNorm(options as object)).toThrow(
      `Cannot create a SpectralNorm: ${message}`,
    );
  });
});

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { dcganGenerator, Generator } from 'tfjs-gan';
import '../support/on-cpu.ts';

const small = (options = {}): Generator =>
  dcganGenerator({
    imageShape: [8, 8, 1],
    baseFilters: 2,
    latentSize: 4,
    kernelSize: 3,
    ...options,
  });
const read = (tensor: tf.Tensor): number[] => {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
};

describe('Generator', () => {
  test('gives the same samples for the same seed, fresh ones without', () => {
    using generator = small();
    expect(read(generator.sample(3, { seed: 1 }))).toEqual(read(generator.sample(3, { seed: 1 })));
    expect(read(generator.sample(3, { seed: 1 }))).not.toEqual(
      read(generator.sample(3, { seed: 2 })),
    );
    const [first, second] = [read(generator.sample(3)), read(generator.sample(3))];
    expect(first).not.toEqual(second);
    // Without a seed it draws from a source of its own, so a program still repeats itself.
    using again = small();
    expect(read(again.sample(3))).toEqual(first);
  });

  test('draws many samples in turns, each independent of its batch', () => {
    using generator = small();
    const many = generator.sample(300, { seed: 5 });
    expect(many.shape).toEqual([300, 8, 8, 1]);
    const latents = generator.latents(300, { seed: 5 });
    const last = tf.tidy(() => generator.generate(latents.slice([299, 0], [1, 4])));
    expect(read(last)).toEqual(read(tf.tidy(() => many.slice([299], [1]))));
    tf.dispose([many, latents]);
  });

  test.each([
    ['tanh', -1, 1],
    ['sigmoid', 0, 1],
  ] as const)('knows that %s bounds its samples', (outputActivation, low, high) => {
    using generator = small({ outputActivation });
    expect(generator.valueRange).toEqual([low, high]);
    const values = read(generator.sample(4));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...values)).toBeLessThanOrEqual(high);
  });

  test('draws normal or uniform latents', () => {
    using uniform = small({ latentDistribution: 'uniform' });
    const values = read(uniform.latents(2000, { seed: 1 }));
    expect(Math.max(...values)).toBeLessThan(1);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
    // Of 8,000 draws some come this close to either end.
    expect(Math.max(...values)).toBeGreaterThan(0.99);
    expect(Math.min(...values)).toBeLessThan(-0.99);
    expect(values.filter((v) => v < -0.5).length / values.length).toBeCloseTo(0.25, 1);
  });

  test('saves and loads: same samples, same kind of latents, metadata of others kept', async () => {
    using generator = small({ latentDistribution: 'uniform' });
    generator.model.setUserDefinedMetadata({ author: 'someone' });
    let saved: tf.io.ModelArtifacts | undefined;
    await generator.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({
          modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const },
        });
      }),
    );
    const before = tf.memory().numTensors;
    const loaded = await Generator.load(tf.io.fromMemory(saved!));
    expect(loaded.latentDistribution).toBe('uniform');
    expect(loaded.latentSize).toBe(4);
    expect(loaded.model.getUserDefinedMetadata()).toMatchObject({ author: 'someone' });
    expect(read(loaded.sample(2, { seed: 3 }))).toEqual(read(generator.sample(2, { seed: 3 })));
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('leaves nothing behind of a saved model that is no generator', async () => {
    const model = tf.sequential({ layers: [tf.layers.flatten({ inputShape: [2, 2] })] });
    model.add(tf.layers.dense({ units: 1 }));
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler((artifacts) => {
        saved = artifacts;
        return Promise.resolve({
          modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' },
        });
      }),
    );
    model.dispose();
    const before = tf.memory().numTensors;
    await expect(Generator.load(tf.io.fromMemory(saved!))).rejects.toThrow(
      'the model must accept latents',
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  test('disposes a model it was given only when told that it owns it', () => {
    const before = tf.memory().numTensors;
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 2, inputShape: [3] })] });
    new Generator({ model }).dispose();
    expect(model.weights[0]?.read().isDisposed).toBe(false);
    new Generator({ model, ownsModel: true }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('`using` frees it', () => {
    const before = tf.memory().numTensors;
    {
      const generator = small();
      generator[Symbol.dispose]();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('interpolate', () => {
  test('begins and ends at its ends and leaves no tensors behind', () => {
    using generator = small();
    const before = tf.memory().numTensors;
    const strip = generator.interpolate(1, 2, { steps: 5 });
    expect(strip.shape).toEqual([5, 8, 8, 1]);
    const values = read(strip);
    const ends = [read(generator.sample(1, { seed: 1 })), read(generator.sample(1, { seed: 2 }))];
    [values.slice(0, 64), values.slice(-64)].forEach((image, i) => {
      image.forEach((value, pixel) => expect(value).toBeCloseTo(ends[i]?.[pixel] ?? NaN, 5));
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  test('keeps normal latents on their shell: halfway between orthogonal ends lies on the circle', () => {
    using generator = identity();
    const [from, to] = [tf.tensor1d([3, 0]), tf.tensor1d([0, 3])];
    const arc = read(generator.interpolate(from, to, { steps: 3 }));
    const half = 3 * Math.SQRT1_2;
    [3, 0, half, half, 0, 3].forEach((value, i) => expect(arc[i]).toBeCloseTo(value, 5));
    const line = read(generator.interpolate(from, to, { steps: 3, path: 'linear' }));
    [3, 0, 1.5, 1.5, 0, 3].forEach((value, i) => expect(line[i]).toBeCloseTo(value, 5));
    // A third of the way is a third of the right angle, which a line stretched to the circle misses.
    const thirds = read(generator.interpolate(from, to, { steps: 4 }));
    const [far, near] = [3 * Math.cos(Math.PI / 6), 3 * Math.sin(Math.PI / 6)];
    [3, 0, far, near, near, far, 0, 3].forEach((value, i) =>
      expect(thirds[i]).toBeCloseTo(value, 5),
    );
    // No arc leads from a point to itself; the line does.
    const still = read(generator.interpolate(from, from, { steps: 3 }));
    [3, 0, 3, 0, 3, 0].forEach((value, i) => expect(still[i]).toBeCloseTo(value, 5));
    tf.dispose([from, to]);
  });

  test('refuses too few steps and ends of another size', () => {
    using generator = identity();
    expect(() => generator.interpolate(1, 2, { steps: 1 })).toThrow(
      'Cannot interpolate: steps must be at least 2, got 1',
    );
    expect(() => generator.interpolate(tf.tensor1d([1, 2, 3]), 2)).toThrow(
      'Cannot interpolate: each end must be a seed or latents of shape [2], got [3]',
    );
  });
});

describe('bad input', () => {
  test.each([
    [
      () => small().sample(1, { seed: NaN }),
      'seed must be an integer of at least 0 and less than 2³², got NaN',
    ],
    [
      () => small().interpolate('a' as never, 2),
      "each end must be a seed or latents of shape [4], got 'a'",
    ],
    [
      () => small().sample(1, { sed: 7 } as never),
      "Cannot sample: options must have only the names seed, averaged, got 'sed'",
    ],
    [() => small().sample(0), 'Cannot sample: count must be a positive integer, got 0'],
    [
      () => small().generate(tf.zeros([2, 5])),
      'Cannot generate: latents must have the shape [batch, 4], got [2, 5]',
    ],
    [
      () => small().generate([[1]] as never),
      'Cannot generate: latents must be a tensor, or { latents }, got [[1]]',
    ],
    [
      () => new Generator({ model: {} as never }),
      'Cannot create a Generator: model must be a tf.LayersModel, got an object',
    ],
    [
      () => new Generator({ model: { layers: [], predict: () => 0 } as never }),
      'model must come from the same copy of TensorFlow.js as this library, got one from another copy',
    ],
    [() => new Generator({ model: tf.sequential() }), 'model must have layers, got an empty one'],
    [
      () =>
        new Generator({
          latentSize: 7,
          model: tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] }),
        }),
      'the model must accept latents of shape [null, 7], got a model that accepts [null, 3]',
    ],
    [
      () => small({ latentDistribution: 'cauchy' }),
      "latentDistribution must be one of 'normal', 'uniform', got 'cauchy'",
    ],
  ])('is named: %#', (act, message) => {
    expect(act).toThrow(message);
  });
});

/** A generator that gives back its latents. */
function identity(): Generator {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 2, inputShape: [2], useBias: false, kernelInitializer: 'identity' }),
    ],
  });
  return new Generator({ model, ownsModel: true });
}

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import { adam } from 'tfjs-gan';
import {
  createTvae,
  type CreateTvaeOptions,
  TableGenerator,
  tableDataset,
  type TableVae,
} from 'tfjs-gan/tabular';
import { useBackend } from '../../../src/backends/select-backend.ts';
import { wasmTrain } from '../../../src/backends/wasm-train/wasm-train.ts';
import { Random } from '../../../src/core/random.ts';
import { normalDivergence } from '../../../src/games/table/tvae-game.ts';
import { savedBy } from '../../layers/saved-by.ts';
import '../../support/on-cpu.ts';
import { expectSameAfterRestore } from './same-after-restore.ts';

const random = new Random(1);
const normal = (): number => random.normalArray(1)[0]!;

/** Few are large, and large ones are heavy; the age of some is not known. */
const animals = Array.from({ length: 400 }, (_, i) => {
  const isLarge = i % 8 === 0;
  return {
    size: isLarge ? 'large' : 'small',
    mass: Math.round((isLarge ? 900 : 40) + 10 * normal()),
    age: i % 7 === 0 ? null : 5 + normal(),
  };
});
const table = tableDataset(animals);
const small = { latentSize: 4, units: [16], seed: 3 };

function tiny(options: Partial<CreateTvaeOptions> = {}): TableVae {
  return createTvae({ table, ...small, ...options });
}

describe('normalDivergence', () => {
  test('is the Kullback–Leibler divergence, summed over latents, the mean over rows', async () => {
    // Of N(1, 2²) from N(0, 1): −log 2 + (4 + 1 − 1) / 2; of N(0, 1): 0.
    const means = tf.tensor2d([
      [1, 0],
      [1, 1],
    ]);
    const logVariances = tf.tensor2d([
      [Math.log(4), 0],
      [Math.log(4), Math.log(4)],
    ]);
    const value = normalDivergence(means, logVariances);
    expect((await value.data())[0]).toBeCloseTo((3 * (2 - Math.log(2))) / 2, 5);
    tf.dispose([means, logVariances, value]);
  });
});

describe('createTvae', () => {
  test('updates both networks by one loss of two terms', async () => {
    using vae = tiny();
    const { steps } = await vae.trainer.fit(table, { steps: 1, batchSize: 64 });
    const { autoencoder = {} } = steps[0]!.terms;
    expect(Object.keys(autoencoder)).toEqual(['reconstruction', 'divergence', 'regularizers']);
  });

  test('trains on rows by their frequency, not by conditions', async () => {
    let count = 0;
    for await (const batch of table.batches({ batchSize: 400, seed: 1, tensors: ['samples'] })) {
      expect(Object.keys(batch)).toEqual(['samples']);
      const [place] = table.codec.places;
      const large = tf.sum(tf.slice(batch.samples, [0, place!.first + 1], [400, 1]));
      // One pass has each row once.
      expect((await large.data())[0]).toBe(50);
      tf.dispose([batch.samples, large]);
      count += 1;
    }
    expect(count).toBe(1);
    const batches = vi.spyOn(table, 'batches');
    using vae = tiny();
    await vae.trainer.fit(table, { steps: 1, batchSize: 50 });
    expect(batches.mock.calls.map(([{ tensors }]) => tensors)).toEqual([['samples']]);
    batches.mockRestore();
  });

  test('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const vae = tiny();
    await vae.trainer.fit(table, { steps: 2, batchSize: 50 });
    await vae.sample(5, { seed: 1 });
    vae.dispose();
    expect(() => tiny({ ema: { decay: 2 } })).toThrow('decay');
    expect(tf.memory().numTensors).toBe(before);
  });

  test('gives the same rows for the same seed, and after saving and loading', async () => {
    using vae = tiny();
    await vae.trainer.fit(table, { steps: 3, batchSize: 50 });
    const rows = await vae.sample(20, { seed: 7 });
    expect(await vae.sample(20, { seed: 7 })).toEqual(rows);
    expect(await vae.sample(20, { seed: 8 })).not.toEqual(rows);
    const saved = await savedBy((handler) => vae.generator.save(handler));
    using loaded = await TableGenerator.load(tf.io.fromMemory(saved));
    expect(await loaded.sample(20, { seed: 7 })).toEqual(rows);
  });

  test('continues from a checkpoint bit-for-bit', async () => {
    await expectSameAfterRestore(tiny, table);
  });

  test('starts with deviations of 0.1', async () => {
    using vae = tiny();
    const { generator } = vae.generator;
    const rows = generator.sample(1, { seed: 1 });
    const { width } = table.codec;
    const deviations = Array.from(await rows.data()).slice(width);
    expect(deviations).toHaveLength(2);
    for (const deviation of deviations) expect(deviation).toBeCloseTo(0.1, 6);
    rows.dispose();
  });

  test('meets a request by rejection alone', async () => {
    using vae = tiny();
    const { rows, shares } = await vae.generator.draw(20, { where: { size: 'large' }, seed: 1 });
    expect(rows.every(({ size }) => size === 'large')).toBe(true);
    expect(shares['size']).toBeLessThan(1);
  });

  test.each<[Partial<CreateTvaeOptions>, string]>([
    [{ table: [] as never }, 'table must be a TableDataset, got []. Make one: tableDataset(rows)'],
    [{ units: [] }, 'units must be a list of positive integers, got []'],
    [{ units: [0] }, 'each number of units must be a positive integer, got 0'],
    [{ latentSize: 0 }, 'latentSize must be a positive integer, got 0'],
    [{ lossFactor: -1 }, 'lossFactor must be'],
    [{ loss: 1 } as never, 'options must have only the names'],
  ])('refuses %j', (options, message) => {
    expect(() => tiny(options)).toThrow(`Cannot create a TVAE: ${message}`);
  });

  test('learns a known mixture: modes, deviations, what goes together, what is missing', async () => {
    await useBackend(wasmTrain({ threads: 1 }));
    // Ten times the paper's rate, for a test that is over soon.
    const optimizer = adam({ learningRate: 1e-2, beta1: 0.9, beta2: 0.999 });
    using vae = createTvae({ table, latentSize: 4, units: [64], seed: 3, optimizer });
    await vae.trainer.fit(table, { steps: 300, batchSize: 100 });
    const rows = await vae.sample(1000, { seed: 1 });
    const large = rows.filter(({ size }) => size === 'large');
    expect(Math.abs(large.length / 1000 - 1 / 8)).toBeLessThan(0.05);
    const heavy = large.filter(({ mass }) => Number(mass) > 500).length / large.length;
    // In independent columns it would be 1/8.
    expect(heavy).toBeGreaterThan(0.5);
    const masses = rows.map(({ mass }) => Number(mass)).filter((mass) => mass < 500);
    const mean = masses.reduce((sum, mass) => sum + mass, 0) / masses.length;
    const variance = masses.reduce((sum, mass) => sum + (mass - mean) ** 2, 0) / masses.length;
    expect(Math.abs(mean - 40)).toBeLessThan(3);
    expect(Math.abs(Math.sqrt(variance) - 10)).toBeLessThan(3);
    const missing = rows.filter(({ age }) => age === null).length / 1000;
    expect(Math.abs(missing - 58 / 400)).toBeLessThan(0.05);
    await tf.setBackend('cpu');
  });
});

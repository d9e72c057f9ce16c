import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { adam, R1Penalty, RelativisticLoss } from 'tfjs-gan';
import {
  createCtgan,
  type CreateCtganOptions,
  TableGenerator,
  tableDataset,
  type TableSampleOptions,
} from 'tfjs-gan/tabular';
import { Random } from '../../../src/core/random.ts';
import { wasmTrain } from '../../../src/backends/wasm-train/wasm-train.ts';
import { useBackend } from '../../../src/backends/select-backend.ts';
import { savedBy } from '../../layers/saved-by.ts';
import '../../support/on-cpu.ts';
import { expectSameAfterRestore } from './same-after-restore.ts';

const random = new Random(1);

/** Few are large, and large ones are heavy; some sizes are not known. */
const animals = Array.from({ length: 400 }, (_, i) => {
  const isLarge = i % 16 === 0;
  const mass = Math.round((isLarge ? 900 : 40) + 10 * random.normalArray(1)[0]!);
  const low = Math.round(100 * random.uniform());
  return {
    id: i,
    size: isLarge ? 'large' : i % 5 === 0 ? 'middle' : 'small',
    mass,
    age: i % 7 === 0 ? null : 1 + (i % 3),
    tame: i % 2 === 0,
    born: `20${10 + (i % 15)}-0${1 + (i % 9)}-11`,
    low,
    high: low + Math.round(20 * random.uniform()),
  };
});
const table = tableDataset(animals, { constraints: [{ order: ['low', 'high'] }] });
const small = { latentSize: 8, generatorUnits: [16], discriminatorUnits: [16], seed: 3 };

function tiny(options: Partial<CreateCtganOptions> = {}): ReturnType<typeof createCtgan> {
  return createCtgan({ table, ...small, ...options });
}

describe('createCtgan', () => {
  test('moves both networks by the terms of the paper', async () => {
    using gan = tiny();
    const { steps } = await gan.trainer.fit(table, { steps: 1, batchSize: 64 });
    const names = Object.entries(steps[0]!.terms).map(([turn, terms]) => [
      turn,
      Object.keys(terms),
    ]);
    expect(Object.fromEntries(names)).toEqual({
      discriminator: ['wasserstein', 'gradientPenalty'],
      generator: ['wasserstein', 'condition'],
    });
    expect(Object.keys(steps[0]!.metrics)).toEqual(['condition/fake']);
  });

  test('weighs the cross-entropy of requests, and leaves it out at 0', async () => {
    const termOf = async (options: Partial<CreateCtganOptions>): Promise<number | undefined> => {
      using gan = tiny(options);
      const { steps } = await gan.trainer.fit(table, { steps: 1, batchSize: 50 });
      return steps[0]!.terms.generator['condition'];
    };
    const whole = await termOf({});
    const half = await termOf({ conditionWeight: 0.5 });
    expect(half).toBeCloseTo(whole! / 2, 5);
    expect(await termOf({ conditionWeight: 0 })).toBeUndefined();
  });

  test('leaves no tensors behind', async () => {
    const before = tf.memory().numTensors;
    const gan = tiny();
    await gan.trainer.fit(table, { steps: 2, batchSize: 50 });
    await gan.sample(5, { seed: 1 });
    gan.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('gives the same rows for the same seed, and after saving and loading', async () => {
    using gan = tiny();
    await gan.trainer.fit(table, { steps: 3, batchSize: 50 });
    const rows = await gan.sample(20, { seed: 7 });
    expect(await gan.sample(20, { seed: 7 })).toEqual(rows);
    expect(await gan.sample(20, { seed: 8 })).not.toEqual(rows);
    const saved = await savedBy((handler) => gan.generator.save(handler));
    using loaded = await TableGenerator.load(tf.io.fromMemory(saved));
    expect(await loaded.sample(20, { seed: 7 })).toEqual(rows);
    expect(loaded.columns).toEqual(gan.generator.columns);
  });

  test('continues from a checkpoint bit-for-bit', async () => {
    await expectSameAfterRestore(tiny, table);
  });

  test('refuses the checkpoint of another table', async () => {
    using gan = tiny();
    const snapshot = await gan.trainer.snapshot();
    const fewer = tableDataset(animals.slice(0, 300), {
      constraints: [{ order: ['low', 'high'] }],
    });
    using other = createCtgan({ table: fewer, ...small });
    await expect(other.trainer.restore(snapshot)).rejects.toThrow('table.checksum');
  });

  test('gives rows of the types of the data, with new ids, that keep the constraints', async () => {
    using gan = tiny();
    const { rows, constraintShare } = await gan.generator.draw(100, { seed: 1 });
    expect(constraintShare).toBeLessThan(1);
    const days = /^20\d\d-\d\d-\d\d$/;
    for (const [i, row] of rows.entries()) {
      expect(Object.keys(row)).toEqual(Object.keys(animals[0]!));
      expect(row['id']).toBe(400 + i);
      expect(['small', 'middle', 'large']).toContain(row['size']);
      expect(Number.isInteger(row['mass'])).toBe(true);
      expect([null, 1, 2, 3]).toContain(row['age']);
      expect(typeof row['tame']).toBe('boolean');
      expect(row['born']).toMatch(days);
      expect(Number(row['low'])).toBeLessThanOrEqual(Number(row['high']));
    }
  });

  test('repeats no unique values in a sample, and keeps totals in their range, once loaded', async () => {
    const visits = Array.from({ length: 120 }, (_, i) => {
      const [bed, food] = [i % 5, Math.floor(i / 5) % 6];
      return { day: `2024-01-${10 + (i % 20)}`, room: `room ${Math.floor(i / 20)}`, bed, food };
    })
      .filter(({ bed, food }) => bed + food <= 6)
      .map((row) => ({ ...row, cost: row.bed + row.food }));
    const stays = tableDataset(visits, {
      constraints: [
        { total: 'cost', of: ['bed', 'food'] },
        { range: 'cost', max: 6 },
        { range: 'day', min: new Date('2024-01-10'), max: '2024-02-01' },
        { unique: ['day', 'room'] },
      ],
    });
    using gan = createCtgan({ table: stays, ...small });
    using loaded = await TableGenerator.load(
      tf.io.fromMemory(await savedBy(async (handler) => gan.generator.save(handler))),
    );
    const { rows, constraintShare } = await loaded.draw(80, { seed: 1 });
    expect(rows).toHaveLength(80);
    expect(new Set(rows.map(({ day, room }) => `${String(day)} ${String(room)}`)).size).toBe(80);
    expect(rows.every(({ cost }) => Number(cost) <= 6)).toBe(true);
    expect(constraintShare).toBeLessThan(0.8);
    // 20 days in 6 rooms: there is no row beyond.
    await expect(loaded.sample(121, { seed: 1, maxDraws: 3000 })).rejects.toThrow(
      /121 rows must fit, got \d+ among 3000 that were drawn .*constraints/,
    );
  });

  test.each<[string, TableSampleOptions['where'], (row: Record<string, unknown>) => boolean]>([
    ['a category', { size: 'large' }, (row) => row['size'] === 'large'],
    ['one of several', { size: ['large', 'middle'] }, (row) => row['size'] !== 'small'],
    ['a missing value', { age: null }, (row) => row['age'] === null],
    [
      'a boolean and a range',
      { tame: true, low: { min: 20, max: 60 } },
      (row) => {
        return row['tame'] === true && Number(row['low']) >= 20 && Number(row['low']) <= 60;
      },
    ],
    ['dates', { born: { min: '2015-01-01' } }, (row) => String(row['born']) >= '2015-01-01'],
    [
      'dates by a Date',
      { born: { max: new Date('2015-01-01') } },
      (row) => String(row['born']) <= '2015-01-01',
    ],
  ])('gives rows with %s', async (_, where, fits) => {
    using gan = tiny();
    const { rows, shares } = await gan.generator.draw(20, { where, seed: 1 });
    expect(rows).toHaveLength(20);
    expect(rows.every(fits)).toBe(true);
    expect(Object.keys(shares)).toEqual(Object.keys(where!));
  });

  test.each<[TableSampleOptions, string]>([
    [
      { where: { colour: 'red' } },
      "where must have only the names id, size, mass, age, tame, born, low, high, got 'colour'",
    ],
    [
      { where: { size: 'giant' } },
      "where.size must be a value that the data have, one of 'small', 'middle', 'large', got 'giant'",
    ],
    [{ where: { size: [] } }, 'where.size must name at least one value, got []'],
    [
      { where: { size: { min: 1 } } },
      'where.size must be a value or a list of values, as the column has no order, got a range',
    ],
    [{ where: { mass: { min: 1e6 } } }, 'where.mass must overlap the values that the data have'],
    [{ where: { mass: {} } }, 'where.mass must have min or max, got {}'],
    [
      { where: { mass: { least: 1 } as never } },
      "where.mass must have only the names min, max, got 'least'",
    ],
    [
      { where: { mass: { min: 'heavy' } } },
      "where.mass.min must be a number or a date, as the column holds, got 'heavy'",
    ],
    [
      { where: { id: 3 } },
      'where.id must be left out, as the column holds ids, which are new in each row, got 3',
    ],
    [{ maxDraws: 0 }, 'maxDraws must be a positive integer, got 0'],
    [{ seed: -1 }, 'seed must be an integer of at least 0'],
  ])('refuses %j', async (options, message) => {
    using gan = tiny();
    await expect(gan.sample(1, options)).rejects.toThrow(`Cannot sample the table: ${message}`);
  });

  test('says how few rows fit, in place of drawing without end', async () => {
    using gan = tiny();
    const where = { size: 'large', mass: { min: 20, max: 21 }, low: { max: 1 } };
    await expect(gan.sample(50, { where, maxDraws: 200, seed: 1 })).rejects.toThrow(
      /^Cannot sample the table: 50 rows must fit, got \d+ among 200 that were drawn \(share of rows that fit: size/,
    );
  });

  test.each<[Partial<CreateCtganOptions>, string]>([
    [{ table: [] as never }, 'table must be a TableDataset, got []. Make one: tableDataset(rows)'],
    [{ pack: 0 }, 'pack must be a positive integer, got 0'],
    [{ generatorUnits: [] }, 'generatorUnits must be a list of positive integers, got []'],
    [{ temperature: 0 }, 'temperature must be a positive number, got 0'],
    [{ conditionWeight: -1 }, 'conditionWeight must be a number of at least 0, got -1'],
    [{ epochs: 3 } as never, 'options must have only the names'],
  ])('refuses %j', (options, message) => {
    expect(() => tiny(options)).toThrow(`Cannot create a CTGAN: ${message}`);
  });

  test('refuses batches without a whole pack', async () => {
    using gan = tiny();
    await expect(gan.trainer.fit(table, { steps: 1, batchSize: 9 })).rejects.toThrow(
      'Cannot train: batchSize must be at least 10, as so many rows are judged together, got 9',
    );
  });

  test('learns a table without categories, with other losses', async () => {
    const numbers = tableDataset(
      Array.from({ length: 100 }, () => ({ x: random.uniform(), y: random.uniform() })),
    );
    const loss = new RelativisticLoss();
    using gan = createCtgan({
      table: numbers,
      ...small,
      loss,
      penalties: [new R1Penalty()],
      pack: 1,
    });
    await gan.trainer.fit(numbers, { steps: 2, batchSize: 20 });
    const rows = await gan.sample(10, { seed: 1 });
    expect(rows.every(({ x }) => Number(x) >= 0 && Number(x) <= 1)).toBe(true);
  });

  test('learns to give a rare value that is requested, and what goes with it', async () => {
    await useBackend(wasmTrain({ threads: 1 }));
    const rows = animals.map(({ size, mass }) => ({ size, mass }));
    const pair = tableDataset(rows);
    // Ten times the paper's rate, for networks that are an eighth as wide.
    const fast = adam({ learningRate: 2e-3, beta1: 0.5, beta2: 0.9 });
    const gan = createCtgan({
      table: pair,
      ...small,
      generatorUnits: [32],
      discriminatorUnits: [32],
      optimizers: { generator: fast, discriminator: fast },
    });
    const request = { where: { size: 'large' }, seed: 1 };
    const untrained = await gan.generator.draw(50, request);
    expect(untrained.shares['size']).toBeLessThan(0.6);
    await gan.trainer.fit(pair, { steps: 400, batchSize: 100 });
    const { shares, rows: large } = await gan.generator.draw(200, request);
    expect(shares['size']).toBeGreaterThan(0.9);
    const heavy = large.filter(({ mass }) => Number(mass) > 500).length / 200;
    expect(heavy).toBeGreaterThan(0.75);
    const smalls = await gan.sample(200, { where: { size: 'small' }, seed: 1 });
    expect(smalls.filter(({ mass }) => Number(mass) > 500).length / 200).toBeLessThan(0.2);
    gan.dispose();
    await tf.setBackend('cpu');
  });
});

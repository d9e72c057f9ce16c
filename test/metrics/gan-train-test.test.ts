import { describe, expect, test } from 'vitest';
import { ganTrainTest } from '../../src/metrics/gan-train-test.ts';
import { golden, onWasmTrain, tensorsLeft } from './golden.ts';

onWasmTrain();

const real = { features: golden.real, labels: golden.labels.real };
const fake = { features: golden.fewer, labels: golden.labels.fewer };

describe('ganTrainTest', () => {
  test.each([1, 3] as const)('agrees with scikit-learn, %i neighbors', async (neighbors) => {
    const judged = await ganTrainTest(real, fake, { neighbors });
    expect(judged.ganTrain).toBeCloseTo(golden.ganTrainTest[`${neighbors}`].ganTrain, 12);
    expect(judged.ganTest).toBeCloseTo(golden.ganTrainTest[`${neighbors}`].ganTest, 12);
  });

  test('tells a generator of few kinds from a bad one', async () => {
    const digits = { features: [[0], [1], [2], [3]], labels: Int32Array.of(0, 1, 2, 3) };
    const few = { features: [[0], [1.1]], labels: [0, 1] };
    expect(await ganTrainTest(digits, few)).toEqual({
      ganTrain: 0.5,
      ganTest: 1,
      byClass: { ganTrain: [1, 1, 0, 0], ganTest: [1, 1, NaN, NaN] },
    });
  });

  test('leaves no tensors behind', async () => {
    expect(await tensorsLeft(() => ganTrainTest(real, fake))).toBe(0);
  });

  test.each([
    [
      { ...fake, labels: [1] },
      {},
      'fake.labels must name the class of each of the 50 samples, got 1 labels',
    ],
    [
      { ...fake, labels: fake.labels.map(() => 3) },
      {},
      'fake.labels must name at least two classes, got class 3 for every sample',
    ],
    [
      { ...fake, labels: fake.labels.map(() => 0.5) },
      {},
      'fake.labels must be integers of at least 0, got 0.5',
    ],
    [fake, { neighbors: 51 }, 'fake must have at least 51 samples for 51 neighbors, got 50'],
  ])('refuses what it cannot use', async (given, options, message) => {
    await expect(ganTrainTest(real, given, options)).rejects.toThrow(
      `Cannot classify real and fake samples: ${message}`,
    );
  });
});

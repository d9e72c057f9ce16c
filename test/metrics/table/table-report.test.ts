import { describe, expect, test } from 'vitest';
import { tableDataset, tableReport } from 'tfjs-gan/tabular';
import { Random } from '../../../src/core/random.ts';
import { fitTree } from '../../../src/metrics/numerics/decision-tree.ts';
import { areaUnderCurve, fitLogistic } from '../../../src/metrics/numerics/logistic-regression.ts';
import golden from '../../golden/tables.json' with { type: 'json' };

const { real, made } = golden;
const pairOf = (report: ReturnType<typeof tableReport>, a: string, b: string) =>
  report.trends.pairs.find(({ columns }) => columns.includes(a) && columns.includes(b));

describe('tableReport', () => {
  const report = tableReport(real, made);

  test.each(Object.entries(golden.shapes))(
    'has the shape of SciPy and numpy: %s',
    (name, shape) => {
      const found = report.shapes.columns.find((column) => column.name === name);
      expect(found?.shape).toBeCloseTo(shape, 12);
    },
  );

  test.each(Object.entries(golden.trends))('has the trend of numpy: %s', (pair, trend) => {
    const [a = '', b = ''] = pair.split(' ');
    expect(pairOf(report, a, b)?.trend).toBeCloseTo(trend, 12);
  });

  test('has the association of numpy, and what independent columns would score', () => {
    expect(pairOf(report, 'x', 'y')?.association).toBeCloseTo(golden.correlation, 10);
    const pair = pairOf(report, 'kind', 'mark');
    expect(pair?.association).toBeCloseTo(golden.association, 10);
    expect(pair?.independent).toBeCloseTo(golden.independent, 10);
  });

  test('has the distances of numpy', () => {
    expect(report.privacy.distance).toBeCloseTo(golden.distance, 12);
    expect(report.privacy.neighborRatio).toBeCloseTo(golden.neighborRatio, 12);
  });

  test('counts related pairs alone', () => {
    const random = new Random(1);
    const rows = Array.from({ length: 400 }, () => {
      const x = random.uniform();
      return { x, y: x + 0.1 * random.uniform(), noise: random.uniform() };
    });
    const { trends } = tableReport(rows.slice(0, 200), rows.slice(200), { leastAssociation: 0.5 });
    expect(trends.related).toBe(1);
    expect(trends.mean).toBeGreaterThan(0.95);
    expect(trends.independent).toBeLessThan(0.6);
  });

  test('tells columns drawn independently from real rows by their trends', () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ a: 'xyz'[i % 3]!, b: 'uvw'[i % 3]! }));
    const order = new Random(2).permutation(300);
    const loose = rows.map((row, i) => ({ ...row, b: rows[order[i]!]!.b }));
    const { shapes, trends } = tableReport(rows, loose);
    expect(shapes.mean).toBeCloseTo(1, 12);
    expect(trends.mean).toBeCloseTo(trends.independent, 1);
  });

  test('scores the rows beside a value that is most of a column', () => {
    const rows = (high: number): { cost: number; kind: boolean }[] =>
      Array.from({ length: 400 }, (_, i) => ({
        cost: i % 10 === 0 ? high + i : 0,
        kind: i % 2 === 0,
      }));
    const [cost] = tableReport(rows(10), rows(5000)).shapes.columns;
    expect(cost?.shape).toBeCloseTo(0.9, 6);
    expect(cost?.otherRows).toBe(0);
  });

  test('finds copies, and nothing of them in new rows', () => {
    const random = new Random(4);
    const draw = (count: number) =>
      Array.from({ length: count }, () => ({
        x: random.normalArray(1)[0]!,
        y: random.normalArray(1)[0]!,
        z: 'ab'[random.integer(2)]!,
      }));
    const [training, heldOut, other] = [draw(300), draw(300), draw(300)];
    const copied = tableReport(training, training, { heldOut }).privacy;
    expect(copied.copies).toBe(1);
    expect(copied.distance).toBe(0);
    expect(copied.heldOut?.closerToTraining).toBeGreaterThan(0.95);
    expect(copied.heldOut?.membershipAuc).toBeGreaterThan(0.95);
    const fresh = tableReport(training, other, { heldOut }).privacy;
    expect(fresh.copies).toBeLessThan(0.05);
    expect(Math.abs(fresh.heldOut!.closerToTraining - 0.5)).toBeLessThan(0.1);
    expect(Math.abs(fresh.heldOut!.membershipAuc - 0.5)).toBeLessThan(0.1);
    expect(fresh.heldOut!.protection).toBeGreaterThan(0.8);
  });

  test('cannot tell rows of one distribution apart, and tells others', () => {
    const random = new Random(5);
    const draw = (shift: number) =>
      Array.from({ length: 400 }, () => ({
        x: random.normalArray(1)[0]! + shift,
        y: random.uniform(),
      }));
    expect(tableReport(draw(0), draw(0)).detection.score).toBeGreaterThan(0.85);
    expect(tableReport(draw(0), draw(3)).detection.score).toBeLessThan(0.1);
  });

  test('has a finite figure everywhere for three rows', () => {
    const report = tableReport(real.slice(0, 3), made.slice(0, 3), { rows: 3 });
    expect([report.detection.auc, report.privacy.neighborRatio].every(Number.isFinite)).toBe(true);
  });

  test('trains on synthetic rows and tests on real ones', () => {
    const random = new Random(6);
    const draw = (count: number, share: number) =>
      Array.from({ length: count }, () => {
        const x = random.uniform();
        const isRight = random.uniform() < share;
        return { x, y: random.uniform(), label: x > 0.6 === isRight ? 'high' : 'low' };
      });
    const heldOut = draw(200, 1);
    const good = tableReport(draw(200, 1), draw(200, 1), { heldOut, target: 'label' });
    expect(good.usefulness!.synthetic).toBeGreaterThan(0.95);
    expect(good.usefulness!.real).toBeGreaterThan(0.95);
    expect(good.usefulness!.majority).toBeLessThan(0.75);
    const useless = tableReport(draw(200, 1), draw(200, 0.5), { heldOut, target: 'label' });
    expect(useless.usefulness!.synthetic).toBeLessThan(0.75);
  });

  test('reads synthetic rows as the real ones, and leaves ids and constants out', () => {
    const rows = (first: number) =>
      Array.from({ length: 30 }, (_, i) => ({
        id: first + i,
        on: '2026-01-01',
        n: i % 4,
        zip: `0${i % 3}`,
      }));
    const table = tableDataset(rows(0));
    const { shapes } = tableReport(table, rows(100));
    expect(shapes.columns.map(({ name, shape }) => `${name} ${shape}`)).toEqual(['n 1', 'zip 1']);
  });

  test.each<[string, () => unknown, string]>([
    [
      'no rows',
      () => tableReport(real, []),
      'Cannot compare tables: synthetic must be a TableDataset or a list of rows, got []',
    ],
    [
      'a column that is missing',
      () =>
        tableReport(
          real,
          made.map(({ x, y, kind }) => ({ x, y, kind })),
        ),
      "Cannot compare tables: synthetic must have the column 'mark' of real, got x, y, kind",
    ],
    [
      'a target that is no category',
      () => tableReport(real, made, { target: 'x', heldOut: made }),
      "Cannot compare tables: target must be a column of categories (kind, mark), got 'x'",
    ],
    [
      'a target without held-out rows',
      () => tableReport(real, made, { target: 'kind' }),
      'Cannot compare tables: target must come with heldOut, the rows that it is predicted of, got none',
    ],
    [
      'fewer rows than folds',
      () => tableReport(real, made.slice(0, 2)),
      'Cannot compare tables: synthetic must have at least 3 rows, one for each fold of the detection, got 2',
    ],
    [
      'a limit below the number of folds',
      () => tableReport(real, made, { rows: 2 }),
      'Cannot compare tables: rows must be an integer of at least 3, got 2',
    ],
    [
      'an unknown option',
      () => tableReport(real, made, { holdOut: made } as never),
      "Cannot compare tables: options must have only the names heldOut, target, leastAssociation, rows, seed, got 'holdOut'",
    ],
    [
      'a cell of another kind',
      () => tableReport(real, [{ ...made[0]!, x: 'much' }, ...made] as never),
      "the column 'x' must hold numbers, got 'much' in row 1",
    ],
  ])('refuses %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe('fitLogistic', () => {
  test('finds the weights of scikit-learn', () => {
    const features = { values: Float64Array.from(golden.features), rows: 60, width: 3 };
    const { weights, intercept } = fitLogistic(features, golden.labels);
    weights.forEach((weight, k) => {
      expect(weight).toBeCloseTo(golden.weights[k]!, 5);
    });
    expect(intercept).toBeCloseTo(golden.intercept, 5);
  });
});

describe('areaUnderCurve', () => {
  test('is that of scikit-learn, with ties', () => {
    expect(areaUnderCurve(golden.odds, golden.labels)).toBeCloseTo(golden.auc, 12);
  });
});

describe('fitTree', () => {
  test('learns what no line separates', () => {
    const random = new Random(7);
    const values = Float64Array.from({ length: 800 }, () => random.uniform());
    const rows = { values, rows: 400, width: 2 };
    const labels = Int32Array.from({ length: 400 }, (_, row) =>
      Number(values[2 * row]! > 0.5 !== values[2 * row + 1]! > 0.4),
    );
    const predicted = fitTree(rows, labels)(rows);
    expect(predicted.filter((label, i) => label === labels[i]).length).toBeGreaterThan(380);
  });
});

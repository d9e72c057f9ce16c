import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../src/core/random.ts';
import { tableDataset } from '../../../src/data/table/read-table.ts';
import { TableSpans } from '../../../src/games/table/table-spans.ts';
import '../../support/on-cpu.ts';

const random = new Random(2);
const { codec } = tableDataset(
  Array.from({ length: 60 }, (_, i) => ({ a: 'xyz'[i % 3]!, n: random.uniform(), b: i % 2 === 0 })),
);
const spans = new TableSpans(codec.places);
const [a, n, b] = codec.places as [(typeof codec.places)[0], ...typeof codec.places];

describe('TableSpans', () => {
  test('lets tanh pass in place of numbers, and sums choices to one', async () => {
    const output = tf.randomNormal([4, codec.width], 0, 2, 'float32', 1);
    const rows = spans.activate(output, new Random(1), 0.2);
    const [made, given] = [await rows.array(), await output.array()] as [number[][], number[][]];
    made.forEach((row, i) => {
      expect(row[n!.first - 1]).toBeCloseTo(Math.tanh(given[i]![n!.first - 1]!), 5);
      for (const { first, codec: column } of codec.places) {
        const span = row.slice(first, first + column.choices);
        expect(span.reduce((x, y) => x + y)).toBeCloseTo(1, 5);
      }
    });
    tf.dispose([output, rows]);
  });

  test('takes each choice as often as the softmax of its logits', async () => {
    const logits = [Math.log(0.7), Math.log(0.2), Math.log(0.1)];
    const one = new Array<number>(codec.width).fill(0);
    logits.forEach((logit, i) => (one[a.first + i] = logit));
    const output = tf.tensor2d(Array.from({ length: 4000 }, () => one));
    const rows = spans.activate(output, new Random(3), 0.05);
    const choices = (await tf
      .argMax(tf.slice(rows, [0, a.first], [4000, 3]), 1)
      .data()) as Int32Array;
    [0.7, 0.2, 0.1].forEach((share, choice) => {
      const found = choices.filter((made) => made === choice).length / 4000;
      expect(Math.abs(found - share)).toBeLessThan(0.03);
    });
    tf.dispose([output, rows]);
  });

  test('is the cross-entropy of the requested choices, the mean over rows', async () => {
    const output = tf.zeros([2, codec.width]);
    const condition = tf.buffer([2, codec.conditionWidth]);
    condition.set(1, 0, a.condition + 1);
    condition.set(1, 1, b!.condition);
    const wanted = condition.toTensor();
    const entropy = spans.crossEntropy(output, wanted);
    // Three choices alike, then two.
    expect((await entropy.data())[0]).toBeCloseTo((Math.log(3) + Math.log(2)) / 2, 6);
    tf.dispose([output, wanted, entropy]);
  });

  test('has the gradient softmax − requested, at requested spans alone', async () => {
    const output = tf.randomNormal([1, codec.width], 0, 1, 'float32', 4);
    const condition = tf.oneHot([a.condition], codec.conditionWidth).toFloat();
    const gradient = tf.grad((x) => spans.crossEntropy(x, condition).asScalar())(output);
    const expected = tf.tidy(() => {
      const logits = tf.slice(output, [0, a.first], [1, 3]);
      return tf.sub(tf.softmax(logits), tf.tensor2d([[1, 0, 0]]));
    });
    const [found, wanted] = [await gradient.data(), await expected.data()];
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(wanted[i - a.first] ?? 0, 5);
    });
    tf.dispose([output, condition, gradient, expected]);
  });

  test('is the likelihood of rows: a normal distribution around tanh, and softmax', async () => {
    const rows = tf.buffer([1, codec.width]);
    rows.set(1, 0, a.first + 2);
    rows.set(0.3, 0, n!.first - 1);
    rows.set(1, 0, n!.first);
    rows.set(1, 0, b!.first);
    const deviation = tf.tensor2d([[0.2]]);
    const output = tf.concat([tf.fill([1, codec.width], 0.5), deviation], 1);
    const real = rows.toTensor();
    const value = spans.negativeLogLikelihood(output, real);
    const square = ((0.3 - Math.tanh(0.5)) / 0.2) ** 2 / 2 + Math.log(0.2);
    const choices = Math.log(3) + Math.log(n!.codec.choices) + Math.log(2);
    expect((await value.data())[0]).toBeCloseTo(square + choices, 4);
    tf.dispose([deviation, output, real, value]);
  });

  test('leaves out the number of a row whose value is frequent or missing', async () => {
    const values = Array.from({ length: 60 }, (_, i) => ({
      x: i % 3 === 0 ? null : random.uniform(),
    }));
    const gaps = tableDataset(values);
    const [x] = gaps.codec.places;
    const own = new TableSpans(gaps.codec.places);
    const likelihood = (choice: number, deviation: number): number =>
      tf.tidy(() => {
        const rows = tf.buffer([1, gaps.codec.width]);
        rows.set(1, 0, x!.first + choice);
        const output = tf.concat([tf.zeros([1, gaps.codec.width]), tf.tensor2d([[deviation]])], 1);
        return own.negativeLogLikelihood(output, rows.toTensor()).dataSync()[0]!;
      });
    const gap = x!.codec.choices - 1;
    expect(likelihood(gap, 0.5)).toBe(likelihood(gap, 0.1));
    expect(likelihood(0, 0.5) - likelihood(0, 0.1)).toBeCloseTo(Math.log(5), 5);
  });

  test('has gradients of the likelihood that equal finite differences', async () => {
    const { width } = codec;
    const rows = tf.concat(
      [
        tf.oneHot([2], 3).toFloat(),
        tf.tensor2d([[0.3]]),
        tf.oneHot([0], n!.codec.choices).toFloat(),
        tf.oneHot([1], 2).toFloat(),
      ],
      1,
    );
    const start = tf.concat(
      [tf.randomNormal([1, width], 0, 1, 'float32', 5), tf.fill([1, 1], 0.4)],
      1,
    );
    const value = (x: tf.Tensor): tf.Scalar => spans.negativeLogLikelihood(x, rows).asScalar();
    const gradient = await tf.tidy(() => tf.grad(value)(start)).data();
    for (let i = 0; i <= width; i += 1) {
      const [up, down] = [1e-2, -1e-2].map((step) =>
        tf.tidy(() => {
          const moved = tf
            .oneHot([i], width + 1)
            .toFloat()
            .mul(step);
          return value(tf.add(start, moved)).dataSync()[0]!;
        }),
      );
      expect(Math.abs((up! - down!) / 2e-2 - gradient[i]!)).toBeLessThan(0.02);
    }
    tf.dispose([rows, start]);
  });
});

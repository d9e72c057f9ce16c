import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  computedFrom,
  freeTape,
  isRecording,
  outsideTape,
  recordedInputs,
  recordIfNested,
} from '../../src/tfjs-internals/tape.ts';
import '../support/on-cpu.ts';

/** The gradient of a function of one number at 3. */
const slopeAt3 = (f: (x: tf.Tensor) => tf.Tensor): number =>
  tf.tidy(
    () =>
      tf
        .grad((x: tf.Tensor) => tf.sum(f(x)))(tf.scalar(3))
        .dataSync()[0]!,
  );

describe('outsideTape', () => {
  test('turns what a function returns into a constant', () => {
    expect(slopeAt3((x) => tf.mul(x, tf.square(x)))).toBeCloseTo(27, 5);
    expect(
      slopeAt3((x) =>
        tf.mul(
          x,
          outsideTape(() => tf.square(x)),
        ),
      ),
    ).toBeCloseTo(9, 5);
  });

  test('records again what is run inside, and what comes after', () => {
    const slope = slopeAt3((x) =>
      outsideTape((inside) => {
        const constant = tf.square(x);
        return inside(() => tf.mul(constant, tf.square(x)));
      }),
    );
    expect(slope).toBeCloseTo(9 * 6, 4);
  });

  test('lets a gradient be taken inside, and leaves the tape around it whole', () => {
    const slope = slopeAt3((x) => {
      const before = tf.square(x);
      const inner = outsideTape(() => tf.grad((y: tf.Tensor) => tf.mul(y, y))(x));
      return tf.mul(before, inner);
    });
    // d/dx x²·6
    expect(slope).toBeCloseTo(36, 4);
  });

  test('says whether operations are recorded, and puts it back after an error', () => {
    const seen: boolean[] = [isRecording()];
    slopeAt3((x) => {
      seen.push(isRecording());
      outsideTape((inside) => seen.push(isRecording(), inside(isRecording)));
      expect(() =>
        outsideTape(() => {
          throw new Error('mine');
        }),
      ).toThrow('mine');
      seen.push(isRecording());
      return tf.square(x);
    });
    expect(seen).toEqual([false, true, false, true, true]);
  });

  test('runs the same kernels as without a tape, which saves copies for the way back', async () => {
    const kernels = async (run: () => void): Promise<string[]> => {
      const { kernels: called } = await tf.profile(() => {
        tf.tidy(() => {
          run();
        });
      });
      return called.map(({ name }) => name);
    };
    const x = tf.scalar(3);
    const work = (): tf.Tensor => tf.sigmoid(tf.div(tf.square(x), 7));
    const alone = await kernels(() => void work());
    const slope = tf.grad((y: tf.Tensor) => tf.mul(y, outsideTape(work)));
    const recorded = tf.grad((y: tf.Tensor) => tf.mul(y, work()));
    // In one row: between kernels on the tape there are copies.
    expect((await kernels(() => void slope(x))).join()).toContain(alone.join());
    expect((await kernels(() => void recorded(x))).join()).not.toContain(alone.join());
    x.dispose();
  });
});

describe('computedFrom', () => {
  test('follows the tape through every operation, and no constant', () => {
    const found: (readonly boolean[])[] = [];
    slopeAt3((x) => {
      const direct = tf.relu(tf.mul(x, 2));
      const behind = tf.sum(tf.stack([direct, tf.scalar(1)]));
      const constant = outsideTape(() => tf.square(x));
      found.push(
        computedFrom([x], [x, direct, behind, constant, tf.add(constant, 1), tf.add(constant, x)]),
      );
      return behind;
    });
    expect(found).toEqual([[true, true, true, false, false, true]]);
  });
});

test('freeTape frees what a way back that failed has saved', () => {
  const failing = tf.customGrad((x) => ({
    value: tf.square(x as tf.Tensor),
    gradFunc: () => {
      throw new Error('mine');
    },
  }));
  const before = tf.memory().numTensors;
  expect(() => slopeAt3((x) => failing(tf.square(tf.exp(x))))).toThrow('mine');
  freeTape();
  expect(tf.memory().numTensors).toBe(before);
});

test('recordIfNested records inside an operation, if a gradient is taken within a gradient', () => {
  const recorded: boolean[] = [];
  let inside: tf.Tensor | undefined;
  const operation = tf.customGrad((x) => {
    const { value, isRecorded } = recordIfNested(() => {
      inside = tf.square(x as tf.Tensor);
      return inside;
    });
    recorded.push(isRecorded, computedFrom([x as tf.Tensor], [inside!])[0]!);
    return { value: tf.clone(value), gradFunc: (dy) => tf.mul(dy, 2) };
  });
  slopeAt3(operation);
  slopeAt3((x) => tf.grad((value: tf.Tensor) => tf.mul(operation(value), value))(x));
  expect(recorded).toEqual([false, false, true, true]);
});

test('recordedInputs returns what the operations of a pass compute with', () => {
  slopeAt3((x) => {
    const [before, weight] = [tf.square(x), tf.scalar(2)];
    const { value, inputs } = recordedInputs(() => tf.mul(before, weight));
    expect(inputs).toContain(before);
    expect(inputs).toContain(weight);
    expect(inputs).not.toContain(x);
    return value;
  });
  expect(recordedInputs(() => tf.square(tf.scalar(2))).inputs).toEqual([]);
});

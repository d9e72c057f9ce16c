import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createMlpGan, datasetFromArray, Generator, mlpGenerator, paired, sgd } from 'tfjs-gan';
import 'tfjs-gan/node';
import { savedBy } from '../layers/saved-by.ts';
import { echo, embedded, read } from './conditional-networks.ts';
import '../support/on-cpu.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const labeled = (shape?: number[]) =>
  echo({ latents: 2, labels: { classes: 3 } }, shape && { shape });

/** What a class generator of {@link echo} was requested to draw: the label in each row. */
const labelsOf = (samples: tf.Tensor): number[] => {
  const labels = tf.tidy(() => read(tf.argMax(tf.slice(samples, [0, 2], [-1, 3]), 1)));
  samples.dispose();
  return labels;
};

/** The latents in each row. */
const latentsOf = (samples: tf.Tensor): number[] => {
  const latents = tf.tidy(() => read(tf.slice(samples, [0, 0], [-1, 2])));
  samples.dispose();
  return latents;
};

/** Runs something that must leave as many tensors as it found. */
function withoutLeak<T>(act: () => T): T {
  const before = tf.memory().numTensors;
  const result = act();
  expect(tf.memory().numTensors).toBe(before);
  return result;
}

/** Points whose classes come 1, 3 and 6 times out of 10. */
const points = (size = 40) =>
  datasetFromArray(
    Array.from({ length: size }, (_, i) => [Math.sin(i), Math.cos(i)]),
    {
      labels: Array.from({ length: size }, (_, i) => (i % 10 === 0 ? 0 : i % 10 < 4 ? 1 : 2)),
      name: 'unlike',
    },
  );

describe('a generator of classes', () => {
  test('generates what is requested, in any form of request', () => {
    using generator = labeled();
    withoutLeak(() => {
      expect(labelsOf(generator.sample(3, { labels: 2 }))).toEqual([2, 2, 2]);
      expect(labelsOf(generator.sample(3, { labels: [2, 0, 1] }))).toEqual([2, 0, 1]);
      expect(labelsOf(generator.sample(3, { labels: Int32Array.of(2, 0, 1) }))).toEqual([2, 0, 1]);
      expect(labelsOf(generator.sample(3, { labels: Uint8Array.of(1, 1, 0) }))).toEqual([1, 1, 0]);
      const labels = tf.tensor1d([0, 2, 2], 'int32');
      expect(labelsOf(generator.sample(3, { labels }))).toEqual([0, 2, 2]);
      // It stays the caller's.
      expect(labels.isDisposed).toBe(false);
      labels.dispose();
    });
  });

  test('draws the same latents under a seed, whatever the conditions', () => {
    using generator = labeled();
    const plain = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [1] });
    const latents = read(plain.latents(3, { seed: 7 }));
    plain.dispose();
    for (const labels of [undefined, 2, [0, 1, 2]]) {
      expect(latentsOf(generator.sample(3, { seed: 7, labels }))).toEqual(latents);
    }
    expect(latentsOf(generator.sample(3, { seed: 8 }))).not.toEqual(latents);
  });

  test('leaves what it draws without a seed alone when it is asked under one', () => {
    using generator = labeled();
    using other = labeled();
    const first = read(generator.sample(4));
    read(generator.sample(4, { seed: 1 }));
    read(generator.sample(4, { seed: 1, labels: 2 }));
    const second = read(generator.sample(4));
    expect([read(other.sample(4)), read(other.sample(4))]).toEqual([first, second]);
    expect(first).not.toEqual(second);
  });

  test('draws each class alike before it is trained', () => {
    using generator = labeled();
    const counts = [0, 0, 0];
    for (const label of labelsOf(generator.sample(2000, { seed: 3 }))) counts[label]! += 1;
    // 0.05 is five deviations of a share of 2,000.
    for (const count of counts) expect(count / 2000).toBeCloseTo(1 / 3, 1);
    expect(labelsOf(generator.sample(50, { seed: 4 }))).toEqual(
      labelsOf(generator.sample(50, { seed: 4 })),
    );
  });

  test('draws classes as often as they came in training, and says so when saved', async () => {
    const before = tf.memory().numTensors;
    const gan = createMlpGan({
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [4],
      classes: 3,
      optimizers: { generator: sgd({ learningRate: 1e-3 }) },
    });
    await gan.trainer.fit(points(), { steps: 1, batchSize: 8 });
    const { generator } = gan;
    const labels = labelsOfDraw(generator, 2000);
    const shares = [0, 1, 2].map((label) => labels.filter((one) => one === label).length / 2000);
    [0.1, 0.3, 0.6].forEach((share, label) =>
      expect(Math.abs(shares[label]! - share)).toBeLessThan(0.04),
    );
    expect(labelsOfDraw(generator, 30)).toEqual(labelsOfDraw(generator, 30));
    const saved = await savedBy((handler) => generator.save(handler));
    using loaded = await Generator.load(tf.io.fromMemory(saved));
    expect(labelsOfDraw(loaded, 200)).toEqual(labelsOfDraw(generator, 200));
    expect(read(loaded.sample(20, { seed: 2 }))).toEqual(read(generator.sample(20, { seed: 2 })));
    gan.dispose();
    loaded.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('draws more samples than pass at once, each with its own label', () => {
    using generator = labeled();
    const labels = Array.from({ length: 600 }, (_, i) => (i * i) % 3);
    withoutLeak(() => {
      const samples = generator.sample(600, { labels, seed: 1 });
      expect(samples.shape).toEqual([600, 5]);
      expect(labelsOf(samples)).toEqual(labels);
    });
  });

  test.each([
    ['no axis', []],
    ['an axis of one', [1]],
  ])('takes labels into an input with %s', async (_, shape) => {
    using generator = labeled(shape);
    expect(generator.model.inputs[1]!.shape).toEqual([null, ...shape]);
    expect(labelsOf(generator.sample(3, { labels: [2, 0, 1] }))).toEqual([2, 0, 1]);
    using lookup = embedded(3, shape);
    const [one, two] = [1, 2].map((labels) => read(lookup.sample(1, { labels, seed: 1 })));
    expect(one).not.toEqual(two);
    const saved = await savedBy((handler) => generator.save(handler));
    using loaded = await Generator.load(tf.io.fromMemory(saved));
    expect(labelsOf(loaded.sample(3, { labels: [2, 0, 1] }))).toEqual([2, 0, 1]);
    const strip = read(generator.interpolate(1, 2, { steps: 3, labels: [0, 2] }));
    expect(strip.slice(7, 10)).toEqual([0.5, 0, 0.5]);
  });
});

describe('generate', () => {
  test('takes conditions beside latents or among them', () => {
    using generator = labeled();
    withoutLeak(() => {
      const latents = generator.latents(2, { seed: 1 });
      const wanted = read(generator.sample(2, { seed: 1, labels: [2, 1] }));
      expect(read(generator.generate(latents, { labels: [2, 1] }))).toEqual(wanted);
      expect(read(generator.generate({ latents, labels: [2, 1] }))).toEqual(wanted);
      const labels = tf.tensor1d([2, 1], 'int32');
      expect(read(generator.generate({ latents, labels }))).toEqual(wanted);
      expect(latents.isDisposed || labels.isDisposed).toBe(false);
      tf.dispose([latents, labels]);
    });
  });

  test('refuses to guess a condition that is missing', () => {
    using generator = labeled();
    const latents = generator.latents(2);
    const message =
      'Cannot generate: labels must be given, got none. Pass { latents, labels }, or call sample(count), which draws ' +
      'missing values';
    expect(() => generator.generate(latents)).toThrow(message);
    expect(() => generator.generate({ latents })).toThrow(message);
    expect(() => generator.generate({ labels: [1, 2] })).toThrow(
      'Cannot generate: latents must be a tensor, got undefined',
    );
    expect(() => generator.generate({ latents, label: 1 } as never)).toThrow(
      "Cannot generate: latents must be a tensor, or { latents, labels }, got 'label'",
    );
    expect(() => generator.generate({ latents, labels: [1] })).toThrow(
      'Cannot generate: labels must be one class, or a list of 2, one for each sample, got 1',
    );
    latents.dispose();
  });

  test('names the latents when the model has them behind another input', () => {
    using generator = echo({ labels: { classes: 2 }, latents: 2 });
    expect(() => generator.generate({ labels: 1 })).toThrow(
      'Cannot generate: latents must be a tensor, got undefined',
    );
    const samples = tf.tidy(() => generator.generate(tf.tensor2d([[5, 6]]), { labels: 1 }));
    expect(read(samples)).toEqual([0, 1, 5, 6]);
  });

  test('without latents draws a sample for each row of conditions', () => {
    using generator = echo({ labels: { classes: 2 } });
    expect(generator.latentSize).toBe(0);
    expect(read(generator.generate({ labels: [1, 0] }))).toEqual([0, 1, 1, 0]);
    expect(read(generator.generate({ labels: Int32Array.of(1, 0) }))).toEqual([0, 1, 1, 0]);
    expect(read(generator.sample(2, { labels: 1 }))).toEqual([0, 1, 0, 1]);
    expect(() => generator.generate({ labels: 1 })).toThrow(
      'Cannot generate: labels must be a list or a tensor of a row for each sample, got 1',
    );
    expect(() => generator.interpolate(1, 2, { labels: [0, 1] })).toThrow(
      'Cannot interpolate: the generator must have one input for latents, got none. ' +
        'Compute the path yourself and call generate({ labels })',
    );
  });
});

describe('a generator of vectors', () => {
  const vectors = () => echo({ latents: 1, condition: { size: 2 } });
  /** The numbers behind one latent in each row. */
  const given = (samples: tf.Tensor): number[] =>
    read(samples).filter((_, place) => place % 3 !== 0);

  test('draws what is requested: one row for all, one for each, a tensor', () => {
    using generator = vectors();
    withoutLeak(() => {
      expect(given(generator.sample(2, { condition: [1, -2] }))).toEqual([1, -2, 1, -2]);
      expect(given(generator.sample(2, { condition: Float32Array.of(1, -2) }))).toEqual([
        ...[1, -2, 1, -2],
      ]);
      const rows = [
        [1, 2],
        [3, 4],
      ];
      expect(given(generator.sample(2, { condition: rows }))).toEqual([1, 2, 3, 4]);
      const condition = tf.tensor2d(rows);
      expect(given(generator.sample(2, { condition }))).toEqual([1, 2, 3, 4]);
      const whole = tf.tensor2d(rows, undefined, 'int32');
      expect(given(generator.sample(2, { condition: whole }))).toEqual([1, 2, 3, 4]);
      tf.dispose([condition, whole]);
    });
  });

  test('draws none that it has not seen, and after training rows of the data', async () => {
    using gan = createMlpGan({
      sampleShape: [2],
      latentSize: 1,
      hiddenUnits: [2],
      condition: { size: 2 },
    });
    const { generator, trainer } = gan;
    const message =
      'must be given, because this generator was not trained on data with condition, got none';
    expect(() => generator.sample(1)).toThrow(`Cannot sample: condition ${message}`);
    expect(() => generator.interpolate(1, 2)).toThrow(`Cannot interpolate: condition ${message}`);
    const rows = Array.from({ length: 16 }, (_, i) => [i / 16, Math.fround(Math.sin(i))]);
    const data = paired({
      samples: datasetFromArray(rows),
      condition: datasetFromArray(rows, { inputRange: [-1, 1] }),
    });
    await trainer.fit(data, { steps: 1, batchSize: 8 });
    const drawn = tf.tidy(
      () =>
        generator.drawInputs('sample', 100, { seed: 1 })['condition']!.arraySync() as number[][],
    );
    const known = rows.map(String);
    expect(drawn.every((row) => known.includes(String(row)))).toBe(true);
    expect(new Set(drawn.map(String)).size).toBe(8);
    const saved = await savedBy((handler) => generator.save(handler));
    using loaded = await Generator.load(tf.io.fromMemory(saved));
    expect(read(loaded.sample(300, { seed: 5 }))).toEqual(read(generator.sample(300, { seed: 5 })));
  });

  test('goes straight from one vector to another', () => {
    using generator = vectors();
    const condition = [
      [0, 4],
      [2, 0],
    ];
    expect(given(generator.interpolate(1, 2, { steps: 3, condition }))).toEqual([0, 4, 1, 2, 2, 0]);
    expect(given(generator.interpolate(1, 2, { steps: 2, condition: [5, 6] }))).toEqual([
      ...[5, 6, 5, 6],
    ]);
  });
});

describe('a generator of codes', () => {
  const coded = () => echo({ latents: 1, codes: { categorical: [3, 2], continuous: 2 } });
  type Coded = ReturnType<typeof coded>;
  /** The codes in each row: two categories, two numbers. */
  const codesOf = (samples: tf.Tensor): number[][] => {
    const rows = samples.arraySync() as number[][];
    samples.dispose();
    return rows.map((row) => [
      row.slice(1, 4).indexOf(1),
      row.slice(4, 6).indexOf(1),
      ...row.slice(6),
    ]);
  };

  test('draws what is requested', () => {
    using generator = coded();
    withoutLeak(() => {
      const codes = { categorical: [2, [0, 1]], continuous: [[-1, 0.5], 0.25] };
      expect(codesOf(generator.sample(2, { codes }))).toEqual([
        [2, 0, -1, 0.25],
        [2, 1, 0.5, 0.25],
      ]);
      const rows = tf.tensor2d([[0, 1, 0, 1, 0, 0.5, -0.5]]);
      expect(codesOf(generator.sample(1, { codes: rows }))).toEqual([[1, 0, 0.5, -0.5]]);
      rows.dispose();
    });
  });

  test('draws what is left out, each code alike and numbers in −1…1', () => {
    using generator = coded();
    const drawn = codesOf(generator.sample(500, { seed: 1 }));
    for (const [code, count] of [
      [0, 3],
      [1, 2],
    ] as const) {
      for (let value = 0; value < count; value += 1) {
        const share = drawn.filter((row) => row[code] === value).length / 500;
        expect(share).toBeCloseTo(1 / count, 1);
      }
    }
    const numbers = drawn.flatMap((row) => row.slice(2));
    expect(Math.min(...numbers)).toBeLessThan(-0.98);
    expect(Math.max(...numbers)).toBeGreaterThan(0.98);
    // What is given of one does not change the others.
    const codes = { categorical: [1], continuous: [undefined, 0] };
    expect(codesOf(generator.sample(500, { seed: 1, codes }))).toEqual(
      drawn.map(([, second, number]) => [1, second, number, 0]),
    );
    expect(latentsIn(generator)).toEqual(latentsIn(generator, { codes }));
  });

  const latentsIn = (generator: Coded, options = {}): number[] =>
    read(generator.sample(3, { seed: 9, ...options })).filter((_, place) => place % 8 === 0);

  test('goes from codes to codes, and draws what is left out for the seeds of the ends', () => {
    using generator = coded();
    const path = { steps: 2, codes: { continuous: [[-1, 1]] } };
    const strip = codesOf(generator.interpolate(4, 5, path));
    const ends = [4, 5].map((seed) => codesOf(generator.sample(1, { seed }))[0]!);
    expect(strip).toEqual(ends.map(([a, b, , d], i) => [a, b, i === 0 ? -1 : 1, d]));
    expect(codesOf(generator.interpolate(4, 5, path))).toEqual(strip);
    expect(codesOf(generator.interpolate(4, 5, { steps: 2 }))).toEqual(ends);
  });

  test.each<[Parameters<Coded['sample']>[1], string]>([
    [
      { codes: { categorical: [3] } },
      'Cannot sample: codes.categorical[0] must be an integer from 0 to 2, got 3',
    ],
    [
      { codes: { categorical: [undefined, [0, -1]] } },
      'Cannot sample: codes.categorical[1] must be an integer from 0 to 1, got -1',
    ],
    [
      { codes: { categorical: [0, 0, 0] } },
      'Cannot sample: codes.categorical must be a list of at most 2 codes, got [0, 0, 0]',
    ],
    [
      { codes: { continuous: [NaN] } },
      'Cannot sample: codes.continuous[0] must be a finite number, got NaN',
    ],
    [
      { codes: { continuous: [[1, 2, 3]] } },
      'Cannot sample: codes.continuous[0] must be one value, or a list of 2, one for each sample, got [1, 2, 3]',
    ],
    [
      { codes: { continous: [1] } as never },
      "Cannot sample: codes must have only the names categorical, continuous, got 'continous'",
    ],
    [{ codes: 3 as never }, 'Cannot sample: codes must be { categorical, continuous }, got 3'],
    [
      { codes: tf.zeros([2, 3]) as never },
      'Cannot sample: codes must have the shape [2, 7], got [2, 3]',
    ],
  ])('refuses what it has no code for: %#', (options, message) => {
    using generator = coded();
    withoutLeak(() => {
      expect(() => generator.sample(2, options)).toThrow(message);
    });
  });

  test('with a class as well draws each from a source of its own', () => {
    using both = echo({
      latents: 1,
      labels: { classes: 3 },
      codes: { categorical: [5], continuous: 0 },
    });
    const drawn = read(both.sample(1, { seed: 3 }));
    const codes = drawn.slice(4);
    expect(read(both.sample(1, { seed: 3, labels: 0 })).slice(4)).toEqual(codes);
    // The ends of a path are the samples of its seeds, for the second condition as for the first.
    expect(read(both.interpolate(3, 3, { steps: 2 })).slice(0, 9)).toEqual(drawn);
  });
});

describe('interpolate', () => {
  test('with one class is a strip of that class', () => {
    using generator = labeled();
    withoutLeak(() => {
      expect(labelsOf(generator.interpolate(1, 2, { steps: 3, labels: 2 }))).toEqual([2, 2, 2]);
    });
  });

  test('with two classes goes from one to the other through shares of both, from latents to latents', () => {
    using generator = labeled();
    withoutLeak(() => {
      const strip = read(generator.interpolate(1, 2, { steps: 5, labels: [0, 2] }));
      const rows = [0, 1, 2, 3, 4].map((row) => strip.slice(row * 5 + 2, row * 5 + 5));
      expect(rows).toEqual([
        [1, 0, 0],
        [0.75, 0, 0.25],
        [0.5, 0, 0.5],
        [0.25, 0, 0.75],
        [0, 0, 1],
      ]);
      const constant = read(generator.interpolate(1, 2, { steps: 5, labels: 1 }));
      const latents = (of: number[]): number[] => of.filter((_, place) => place % 5 < 2);
      expect(latents(strip)).toEqual(latents(constant));
    });
  });

  test.each(['concat', 'projection', 'auxiliary'] as const)(
    'ends in what generate returns for its ends, by %s',
    (conditioning) => {
      using generator = createGenerator(conditioning);
      withoutLeak(() => {
        const [from, to] = [1, 2].map((seed) => generator.latents(1, { seed })) as [
          tf.Tensor2D,
          tf.Tensor2D,
        ];
        const ends = [
          ...read(generator.generate(from, { labels: 2 })),
          ...read(generator.generate(to, { labels: 0 })),
        ];
        const strip = read(generator.interpolate(1, 2, { steps: 2, labels: [2, 0] }));
        strip.forEach((value, i) => expect(Math.abs(value - ends[i]!)).toBeLessThan(1e-6));
        // Given latents go the same way as the seeds they were drawn under.
        const [a, b] = [from.as1D(), to.as1D()];
        expect(read(generator.interpolate(a, b, { steps: 2, labels: [2, 0] }))).toEqual(strip);
        tf.dispose([from, to, a, b]);
      });
    },
  );

  test('without classes goes between those that sample draws for its seeds', () => {
    using generator = labeled();
    for (const [from, to] of [
      [1, 2],
      [3, 4],
      [5, 6],
    ] as const) {
      const strip = labelsOf(generator.interpolate(from, to, { steps: 2 }));
      const ends = [from, to].flatMap((seed) => labelsOf(generator.sample(1, { seed })));
      expect(strip).toEqual(ends);
    }
  });

  test('of a model that looks whole classes up takes one class, and refuses two', () => {
    using generator = embedded(3);
    withoutLeak(() => {
      const strip = read(generator.interpolate(1, 2, { steps: 2, labels: 1 }));
      expect(strip.slice(0, 2)).toEqual(read(generator.sample(1, { seed: 1, labels: 1 })));
      expect(read(generator.interpolate(1, 2, { steps: 2, labels: [1, 1] }))).toEqual(strip);
      expect(() => generator.interpolate(1, 2, { labels: [1, 2] })).toThrow(
        'Cannot interpolate: the layers that receive labels must be of ConditionalBatchNorm, OneHot, ProjectionHead to mix ' +
          "classes, got 'Embedding'. Pass one class for all steps: { labels: 3 }",
      );
      // Drawn classes as well, if they happen to be the same.
      const drawn = [...Array(20).keys()].map((seed) =>
        generator.drawInputs('sample', 1, { seed }),
      );
      const classes = drawn.map(({ labels }) => labels!.dataSync()[0]);
      const twin = classes.indexOf(classes[0], 1);
      expect(read(generator.interpolate(0, twin, { steps: 2 })).slice(0, 2)).toEqual(
        read(generator.sample(1, { seed: 0 })),
      );
      tf.dispose(drawn);
    });
  });

  test.each<[object, string]>([
    [
      { labels: [0, 1, 2] },
      'Cannot interpolate: labels must be one class, or a list of 2, one for each end, got 3',
    ],
    [{ labels: [0, 3] }, 'Cannot interpolate: labels[1] must be an integer from 0 to 2, got 3'],
    [
      { averaged: false },
      "Cannot interpolate: options must have only the names steps, path, labels, got 'averaged'",
    ],
    [
      { seed: 1 },
      "Cannot interpolate: options must have only the names steps, path, labels, got 'seed'",
    ],
    [
      { condition: [1, 2] },
      'Cannot interpolate: condition must be left out, because this generator takes labels, got some. ' +
        'Create and train it with condition',
    ],
  ])('refuses what leads nowhere: %#', (options, message) => {
    using generator = labeled();
    withoutLeak(() => {
      expect(() => generator.interpolate(1, 2, options)).toThrow(message);
    });
  });

  const createGenerator = (conditioning: 'concat' | 'projection' | 'auxiliary') =>
    mlpGenerator({ sampleShape: [3], hiddenUnits: [6], latentSize: 4, classes: 3, conditioning });
});

describe('averaged weights', () => {
  test('are what a conditional generator samples from and saves', async () => {
    using gan = createMlpGan({
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [4],
      classes: 3,
      ema: { decay: 0.5 },
    });
    const { generator } = gan;
    await gan.trainer.fit(points(), { steps: 2, batchSize: 8 });
    const asked = { seed: 1, labels: [0, 1, 2] };
    const averaged = read(generator.sample(3, asked));
    const trained = read(generator.sample(3, { ...asked, averaged: false }));
    expect(averaged).not.toEqual(trained);
    const saved = await savedBy((handler) => generator.save(handler));
    using loaded = await Generator.load(tf.io.fromMemory(saved));
    expect(read(loaded.sample(3, asked))).toEqual(averaged);
    generator.clearEma();
    expect(read(generator.sample(3, asked))).toEqual(trained);
  });
});

test('a saved folder holds the conditions and how often they came', async () => {
  const folder = await temporaryFolder();
  const gan = createMlpGan({
    sampleShape: [2],
    latentSize: 2,
    hiddenUnits: [4],
    classes: 3,
    conditioning: 'concat',
  });
  await gan.trainer.fit(points(), { steps: 1, batchSize: 8 });
  await gan.generator.save(`file://${folder}/digits`);
  const before = tf.memory().numTensors;
  const loaded = await Generator.load(`file://${folder}/digits`);
  expect(loaded.inputs).toEqual(gan.generator.inputs);
  for (const options of [{ seed: 1 }, { seed: 1, labels: 2 }, { seed: 2, labels: [1, 0, 1] }]) {
    expect(read(loaded.sample(3, options))).toEqual(read(gan.generator.sample(3, options)));
  }
  loaded.dispose();
  expect(tf.memory().numTensors).toBe(before);
  gan.dispose();
});

/** The classes that a generator draws under seed 1. */
function labelsOfDraw(generator: Pick<Generator, 'drawInputs'>, count: number): number[] {
  const drawn = tf.tidy(() => [
    generator.drawInputs('sample', count, { seed: 1 })['labels']!.arraySync(),
  ]);
  return drawn[0] as number[];
}

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  Discriminator,
  type Loss,
  mlpGenerator,
  type Penalty,
  type PenaltyContext,
  sgd,
  Trainer,
} from 'tfjs-gan';
import { penaltyContract } from '../contracts/penalty-contract.ts';
import { oneSidedLoss, smallData, smallGame } from '../contracts/training-contract.ts';
import { blobs } from '../support/tiny-gan.ts';

/** Memory, randomness, laziness, labels and both kinds of look at the networks, in one. */
const everything = (target: Penalty['target']): Penalty => ({
  name: 'everything',
  target,
  weight: 0.3,
  every: 2,
  slots: ['mean', 'last'],
  settings: { strength: 2 },
  compute: ({ real, fake, labels, weights, random, step, update, discriminate, features }) =>
    tf.tidy(() => {
      const share = random.uniform();
      const between = tf.add(tf.mul(real, share), tf.mul(fake, 1 - share));
      const onBetween = tf.mean(tf.square(discriminate(between)));
      const seen = features();
      const apart = tf.mean(tf.squaredDifference(tf.mean(seen.real, 0), tf.mean(seen.fake, 0)));
      const drift = weights.map(({ value, slots }) =>
        tf.sum(tf.squaredDifference(value, slots[0]!)),
      );
      const classes = tf.mean(labels === undefined ? 0 : labels.toFloat());
      return tf.addN([onBetween, apart, tf.addN(drift), tf.mul(classes, step / update)]).asScalar();
    }),
  updateSlots: ({ value, slots }, update) => [
    tf.tidy(() => tf.add(slots[0]!, tf.div(tf.sub(value, slots[0]!), update))),
    value,
  ],
});

penaltyContract(() => everything('discriminator'));
penaltyContract(() => everything('generator'));

const tilt = (target: Penalty['target'], settings: Partial<Penalty> = {}): Penalty => ({
  name: 'tilt',
  target,
  weight: 1,
  compute: ({ discriminate, fake }) => tf.tidy(() => tf.mean(discriminate(fake)).asScalar()),
  ...settings,
});

describe('penalties of a Trainer', () => {
  const run = { batchSize: 6 };

  test('are one sum with the loss, weighted, and one update follows its gradient', async () => {
    // A penalty that is the loss once more is a loss of twice the strength.
    const loss = oneSidedLoss('discriminator');
    const again: Penalty = {
      ...tilt('discriminator', { weight: 0.5 }),
      compute: ({ real, fake, discriminate }) =>
        tf.tidy(() => tf.sub(tf.mean(discriminate(real)), tf.mean(discriminate(fake))).asScalar()),
    };
    const optimizers = { discriminator: sgd({ learningRate: 0.1 }) };
    const stronger: Loss = {
      ...loss,
      discriminator: (real, fake) =>
        tf.tidy(() => tf.mul(loss.discriminator(real, fake), 1.5).asScalar()),
    };
    using game = smallGame({ loss, penalties: [again], optimizers });
    using alike = smallGame({ loss: stronger, optimizers });
    const [a, b] = [
      await game.trainer.fit(smallData(), { ...run, steps: 3 }),
      await alike.trainer.fit(smallData(), { ...run, steps: 3 }),
    ];
    game.weights().forEach((weight, i) => {
      weight.forEach((value, j) => {
        expect(value).toBeCloseTo(alike.weights()[i]?.[j] ?? Number.NaN, 5);
      });
    });
    a.steps.forEach((step, i) => {
      expect(step.losses.discriminator).toBeCloseTo(b.steps[i]?.losses.discriminator ?? 0, 5);
      expect(step.gradientNorms.discriminator).toBeCloseTo(
        b.steps[i]?.gradientNorms.discriminator ?? 0,
        5,
      );
      const { oneSided, tilt: term } = step.terms.discriminator;
      expect(term).toBeCloseTo(0.5 * (oneSided ?? Number.NaN), 5);
      // The generator's loss has one term, which is the loss itself.
      expect(step.terms.generator).toEqual({ oneSided: step.losses.generator });
    });
  });

  test('that are lazy come in the steps their number divides, as many times stronger', async () => {
    const action: [step: number, update: number][] = [];
    const constant = (every: number): Penalty => ({
      ...tilt('discriminator', { weight: 0.5, every }),
      compute: ({ step, update, discriminate, real }) => {
        action.push([step, update]);
        return tf.tidy(() => tf.add(2, tf.mul(0, tf.mean(discriminate(real)))).asScalar());
      },
    });
    using game = smallGame({
      penalties: [constant(3)],
      updatesPerStep: { discriminator: 2 },
    });
    const { steps } = await game.trainer.fit(smallData(), { batchSize: 3, steps: 7 });
    expect(steps.map((step) => step.terms.discriminator['tilt'])).toEqual([
      ...[undefined, undefined, 3, undefined, undefined, 3, undefined],
    ]);
    expect(action).toEqual([
      [3, 5],
      [3, 6],
      [6, 11],
      [6, 12],
    ]);
  });

  test('of weight 0 are never asked and take no room', async () => {
    const never = (): never => expect.unreachable('weight 0');
    const idle = tilt('generator', { weight: 0, slots: ['a'], compute: never, updateSlots: never });
    const before = tf.memory().numTensors;
    using game = smallGame({ penalties: [idle] });
    const made = tf.memory().numTensors - before;
    using plain = smallGame();
    expect(tf.memory().numTensors - before - made).toBe(made);
    await game.trainer.fit(smallData(), { ...run, steps: 2 });
    await plain.trainer.fit(smallData(), { ...run, steps: 2 });
    expect(game.weights()).toEqual(plain.weights());
  });

  test('of one name are told apart, and from the loss', async () => {
    const penalties = [
      tilt('discriminator'),
      tilt('generator'),
      tilt('discriminator', { weight: 2 }),
      tilt('discriminator', { name: 'bce' }),
    ];
    using game = smallGame({ penalties });
    const { steps } = await game.trainer.fit(smallData(), { ...run, steps: 1 });
    expect(Object.keys(steps[0]?.terms.discriminator ?? {})).toEqual([
      ...['bce', 'tilt', 'tilt_3', 'bce_2'],
    ]);
    expect(Object.keys(steps[0]?.terms.generator ?? {})).toEqual(['bce', 'tilt_2']);
    expect(game.trainer.configuration).toMatchObject({
      'penalties.tilt.weight': 1,
      'penalties.tilt_2.target': 'generator',
      'penalties.tilt_3.weight': 2,
    });
  });

  test('see the labels of the batch, and fake samples that a gradient reaches in the turn of the generator only', async () => {
    const seen: unknown[] = [];
    const look = (target: Penalty['target']): Penalty => ({
      ...tilt(target),
      compute: ({ real, fake, labels, weights, discriminate }) => {
        seen.push([target, labels?.dtype, [...(labels?.dataSync() ?? [])], real.shape, fake.shape]);
        expect(weights.every(({ key }) => /^\d+\.\w+\/\w+$/.test(key))).toBe(true);
        return tf.tidy(() => tf.mean(discriminate(fake)).asScalar());
      },
    });
    using game = smallGame({ penalties: [look('discriminator'), look('generator')] });
    await game.trainer.fit(smallData(), { ...run, steps: 1 });
    const shape = [6, 6, 6, 1];
    expect(seen).toEqual([
      ['discriminator', 'int32', [0, 1, 0, 1, 0, 1], shape, shape],
      ['generator', 'int32', [0, 1, 0, 1, 0, 1], shape, shape],
    ]);
  });

  test.each([
    [
      'NaN',
      ({ weights }: PenaltyContext) => tf.mul(tf.sum(weights[0]!.value), Number.NaN).asScalar(),
      'the discriminator tilt became NaN at step 1',
    ],
    [
      'a tensor',
      () => tf.zeros([2]) as unknown as tf.Scalar,
      "Cannot train: the penalty 'tilt' must return a scalar, got a tensor of shape [2]",
    ],
    [
      'a number',
      () => 3 as unknown as tf.Scalar,
      "Cannot train: the penalty 'tilt' must return a scalar tensor, got 3",
    ],
    [
      'an error',
      (): tf.Scalar => {
        throw new Error('mine');
      },
      'mine',
    ],
  ])('that return %s are named, and nothing is lost', async (_name, compute, message) => {
    using game = smallGame({ penalties: [tilt('discriminator', { compute })] });
    const [before, tensors] = [game.weights(), tf.memory().numTensors];
    const failing = game.trainer.fit(smallData(), { ...run, steps: 1 });
    await expect(failing).rejects.toThrow(message);
    expect(game.weights()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('that diverge are named exactly, if the sum and its gradient are gone too', async () => {
    const root: Penalty = tilt('generator', {
      compute: ({ fake }) => tf.tidy(() => tf.log(tf.mul(0, tf.sum(tf.abs(fake)))).asScalar()),
    });
    using game = smallGame({ penalties: [root] });
    const error: unknown = await game.trainer
      .fit(smallData(), { ...run, steps: 1 })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ term: 'generator tilt', step: 1, value: -Infinity });
    expect((error as Error).message).toContain("a logarithm of zero in the term 'tilt'");
  });

  test.each<[unknown, string]>([
    [tilt('discriminator'), 'penalties must be an array, got an object'],
    [
      [{}],
      'penalties[0] must be a Penalty with a name, a target, a weight and the function compute',
    ],
    [
      [tilt('both' as never)],
      "target of penalties[0] ('tilt') must be one of 'generator', 'discriminator'",
    ],
    [
      [tilt('generator', { weight: -1 })],
      "weight of penalties[0] ('tilt') must be a number of at least 0, got -1",
    ],
    [
      [tilt('generator', { weight: Number.NaN })],
      "weight of penalties[0] ('tilt') must be a number of at least 0",
    ],
    [
      [tilt('generator', { every: 1.5 })],
      "every of penalties[0] ('tilt') must be a positive integer, got 1.5",
    ],
    [
      [tilt('generator', { slots: ['a'] })],
      "penalties[0] ('tilt') must have the function updateSlots(weight, update)",
    ],
  ])('are refused at construction: %#', (penalties, message) => {
    expect(() => smallGame({ penalties: penalties as Penalty[] })).toThrow(
      `Cannot create a Trainer: ${message}`,
    );
  });

  test('of weight 0 are not asked about the networks', () => {
    const check = (): void => expect.unreachable();
    smallGame({ penalties: [tilt('generator', { weight: 0, check })] }).dispose();
  });

  test('can refuse the networks, and leave no tensor then', () => {
    using game = smallGame();
    const { generator, discriminator } = game;
    const before = tf.memory().numTensors;
    const fussy = tilt('generator', {
      check: (networks) => {
        expect(networks.generator).toBe(generator.model);
        throw new RangeError('not with these');
      },
    });
    expect(() => new Trainer({ generator, discriminator, penalties: [fussy] })).toThrow(
      'not with these',
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('features of the discriminator', () => {
  /** What a layer of a critic shows, next to what running its parts by hand gives. */
  async function featuresOf(model: tf.LayersModel, layer: string | undefined): Promise<number[][]> {
    const generator = mlpGenerator({ sampleShape: [3], latentSize: 2, hiddenUnits: [2] });
    const discriminator = new Discriminator({ model, ownsModel: true });
    const seen: number[][] = [];
    const spy: Penalty = tilt('generator', {
      compute: ({ features, real }) => {
        const read = features(layer);
        seen.push([...real.dataSync()], [...read.real.dataSync()], read.fake.shape);
        return tf.tidy(() => tf.mean(read.fake).asScalar());
      },
    });
    const trainer = new Trainer({ generator, discriminator, penalties: [spy] });
    const tensors = tf.memory().numTensors;
    try {
      await trainer.fit(blobs(4, [3]), { steps: 1, batchSize: 4 });
      return seen;
    } finally {
      expect(tf.memory().numTensors).toBe(tensors);
      for (const part of [trainer, generator, discriminator]) part.dispose();
    }
  }

  const twice = (name: string, units: number, inputShape?: number[]): tf.layers.Layer =>
    tf.layers.dense({
      name,
      units,
      ...(inputShape && { inputShape }),
      kernelInitializer: tf.initializers.constant({ value: 2 }),
      trainable: units === 1,
    });
  const inner = (name: string): tf.Sequential =>
    tf.sequential({ layers: [twice(`${name}-deep`, 2, [3]), tf.layers.reLU()] });
  const nested: [string, () => tf.LayersModel][] = [
    [
      'flat',
      () =>
        tf.sequential({
          layers: [twice('flat-deep', 2, [3]), tf.layers.reLU(), twice('flat-end', 1)],
        }),
    ],
    ['first', () => tf.sequential({ layers: [inner('first'), twice('first-end', 1)] })],
    [
      'later',
      () =>
        tf.sequential({
          layers: [
            tf.layers.activation({ activation: 'linear', inputShape: [3] }),
            inner('later'),
            twice('later-end', 1),
          ],
        }),
    ],
    [
      'functional',
      () => {
        const input = tf.input({ shape: [3] });
        const middle = tf.model({
          inputs: input,
          outputs: inner('functional').apply(input) as tf.SymbolicTensor,
        });
        const outer = tf.input({ shape: [3] });
        const end = twice('functional-end', 1).apply(middle.apply(outer)) as tf.SymbolicTensor;
        return tf.model({ inputs: outer, outputs: end });
      },
    ],
  ];

  test.each(nested)(
    'are found by name, by place and by default in a %s model',
    async (name, make) => {
      const place = { later: 1, functional: 2 }[name] ?? 0;
      for (const layer of [`${name}-deep`, `${place}.dense`, undefined]) {
        const [real, read, shape] = await featuresOf(make(), layer);
        expect(shape).toEqual([4, 2]);
        const sums = [0, 1, 2, 3].map((row) =>
          [0, 1, 2].reduce((sum, i) => sum + 2 * (real?.[3 * row + i] ?? Number.NaN), 0),
        );
        // The default is what the last layer is given: behind the rectifier.
        const wanted = sums.flatMap((sum) => {
          const value = layer === undefined ? Math.max(0, sum) : sum;
          return [value, value];
        });
        wanted.forEach((value, i) => {
          expect(read?.[i]).toBeCloseTo(value, 4);
        });
      }
    },
  );

  test('name the layers there are', async () => {
    const [, make] = nested[0]!;
    await expect(featuresOf(make(), 'conv9')).rejects.toThrow(
      "Cannot read features: layer must be a layer of the discriminator, got 'conv9'. " +
        "It has 0.dense ('flat-deep'), 1.reLU",
    );
  });

  test('refuse a layer that is not on the way, and leave the network as it was', async () => {
    const model = tf.sequential({ layers: [inner('aside'), twice('aside-end', 1)] });
    // The first model of a sequence is taken apart by TensorFlow.js: its layers run, it itself does not.
    const first = model.layers[0]!.name;
    await expect(featuresOf(model, first)).rejects.toThrow(
      `Cannot read features: the layer '${first}' must be on the way to the output of the discriminator, got one that is not`,
    );
    expect(Object.hasOwn(model.layers[0]!, 'call')).toBe(false);
  });
});

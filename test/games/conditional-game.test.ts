import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  createMlpGan,
  type Dataset,
  datasetFromArray,
  Discriminator,
  Generator,
  GradientPenalty,
  linearDecay,
  type Loss,
  paired,
  type Penalty,
  sgd,
  Trainer,
  type TrainerOptions,
} from 'tfjs-gan';
import { echo, linearJudge } from '../models/conditional-networks.ts';
import { linearLoss, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

type AnyDiscriminator = Discriminator<string, string>;

/** Points of three classes; the labels tell the row: points (i, −i) have the label i % 3. */
const points = (size = 12, classes = 3) =>
  datasetFromArray(
    Array.from({ length: size }, (_, i) => [i, -i]),
    { labels: Array.from({ length: size }, (_, i) => i % classes), name: 'points' },
  );

/** A loss that tells what it was given: the logits of real and of fake samples. */
function listening(): { readonly loss: Loss; readonly heard: [string, number[], number[]][] } {
  const heard: [string, number[], number[]][] = [];
  const loss: Loss = {
    ...linearLoss,
    discriminator: (real, fake) => {
      heard.push(['discriminator', [...real.dataSync()], [...fake.dataSync()]]);
      return linearLoss.discriminator(real, fake);
    },
    generator: (fake) => {
      heard.push(['generator', [], [...fake.dataSync()]]);
      return linearLoss.generator(fake);
    },
  };
  return { loss, heard };
}

const still = {
  generator: sgd({ learningRate: 1e-9 }),
  discriminator: sgd({ learningRate: 1e-9 }),
};
const trainerOf = (
  generator: Generator<never>,
  discriminator: AnyDiscriminator,
  options: Partial<TrainerOptions> = {},
): Trainer =>
  new Trainer({
    generator: generator,
    discriminator: discriminator,
    loss: linearLoss,
    optimizers: still,
    ...options,
  });

const any = (generator: unknown): Generator<never> => generator as Generator<never>;

describe('the conditions of a step', () => {
  test.each(['batch', 'uniform'] as const)(
    'reach the discriminator with the sample that was made with them, drawn from %s',
    async (source) => {
      // Samples are [latent, one-hot label]; the judge sees 1 × sample's label − 1 × its own.
      const generator = echo({ latents: 1, labels: { classes: 3, source } });
      const judge = linearJudge({
        size: 4,
        inputs: ['samples', 'labels'],
        further: [{ classes: 3 }],
        kernels: { logits: [[0], [1], [10], [100], [-1], [-10], [-100]] },
      });
      const data: Dataset = {
        ...datasetFromArray([
          [9, 1, 0, 0],
          [8, 0, 1, 0],
          [7, 0, 0, 1],
          [6, 0, 0, 1],
        ]),
        tensors: undefined,
        classCounts: undefined,
        batches: async function* () {
          for (let i = 0; i < 8; i += 1) {
            yield {
              samples: tf.tensor2d([
                [9, 1, 0, 0],
                [8, 0, 1, 0],
                [7, 0, 0, 1],
                [6, 0, 0, 1],
              ]),
              labels: tf.tensor1d([0, 1, 2, 1], 'int32'),
            };
          }
        },
      };
      const { loss, heard } = listening();
      const penalty: Penalty = {
        name: 'listening',
        target: 'discriminator',
        weight: 1,
        compute: ({ discriminate, fake }) => {
          const logits = discriminate(fake, 'fake');
          heard.push(['penalty', [], [...logits.dataSync()]]);
          return tf.mul(tf.sum(logits), 0).asScalar();
        },
      };
      const trainer = trainerOf(any(generator), judge, { loss, penalties: [penalty] });
      await trainer.fit(data, { steps: 4, batchSize: 4 });
      // Real samples are judged with the labels of their rows: the last one is of class 2, and called 1.
      const real = heard.filter(([who]) => who === 'discriminator');
      for (const [, logits] of real) {
        [0, 0, 0, 90].forEach((value, i) => expect(logits[i]).toBeCloseTo(value, 3));
      }
      // Fake ones with the label they were made with, whichever it was.
      for (const [, , logits] of heard) {
        for (const logit of logits) expect(Math.abs(logit)).toBeLessThan(1e-3);
      }
      expect(heard.map(([who]) => who)).toEqual(
        Array.from({ length: 4 }, () => ['discriminator', 'penalty', 'generator']).flat(),
      );
      for (const part of [trainer, generator, judge]) part.dispose();
    },
  );

  test('a gradient penalty differentiates by samples alone, with the labels of the rows', async () => {
    // D = 3·x + 4·y + 100 per class: the slope is 5 whatever the label is.
    const generator = createMlpGan({
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [2],
      classes: 3,
    }).generator;
    const make = (kernels: number[][]) =>
      linearJudge({
        size: 2,
        inputs: ['samples', 'labels'] as const,
        further: [{ classes: 3 }],
        kernels: { logits: kernels },
      });
    const judge = make([[3], [4], [100], [200], [300]]);
    const penalties = [new GradientPenalty({ weight: 10 })];
    const trainer = trainerOf(any(generator), judge, { penalties });
    const { steps } = await trainer.fit(points(), { steps: 1, batchSize: 4 });
    expect(steps[0]!.terms.discriminator['gradientPenalty']).toBeCloseTo(10 * (5 - 1) ** 2, 2);
    for (const part of [trainer, generator, judge]) part.dispose();
  });

  test('a gradient penalty looks at the logits, wherever they are among the outputs', async () => {
    const { generator } = createMlpGan({
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [2],
      classes: 3,
    });
    const judge = linearJudge<'samples', 'classes'>({
      size: 2,
      kernels: {
        classes: [
          [7, 0, 0],
          [0, 7, 7],
        ],
        logits: [[3], [4]],
      },
    });
    const penalties = [new GradientPenalty({ weight: 1 })];
    const trainer = trainerOf(any(generator), judge, { penalties });
    const { steps } = await trainer.fit(points(), { steps: 1, batchSize: 4 });
    expect(steps[0]!.terms.discriminator['gradientPenalty']).toBeCloseTo(16, 3);
    for (const part of [trainer, generator, judge]) part.dispose();
  });

  test('a penalty that pairs rows refuses fake samples with other labels than the real ones', async () => {
    const generator = echo({ latents: 1, labels: { classes: 3, source: 'uniform' } });
    const judge = linearJudge({
      size: 4,
      inputs: ['samples', 'labels'],
      further: [{ classes: 3 }],
      kernels: { logits: [[0], [1], [10], [100], [-1], [-10], [-100]] },
    });
    const trainer = trainerOf(any(generator), judge, { penalties: [new GradientPenalty()] });
    const rows = Array.from({ length: 12 }, (_, i) => [i, 1, 0, 0]);
    const data = datasetFromArray(rows, { labels: rows.map((_, i) => i % 3) });
    const before = tf.memory().numTensors;
    await expect(trainer.fit(data, { steps: 1, batchSize: 4 })).rejects.toThrow(
      "Cannot train: the penalty 'gradientPenalty' pairs rows, so fake samples must have the labels of the real ones in " +
        "the inputs of 'discriminator', got another tensor. Generate them with the conditions of the batch",
    );
    expect(tf.memory().numTensors).toBe(before);
    for (const part of [trainer, generator, judge]) part.dispose();
  });
});

describe('heads', () => {
  const log = Math.log;
  const crossEntropy = (label: number, logits: readonly number[]): number =>
    log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[label]!;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const times = (row: readonly number[], kernel: readonly number[][]): number[] =>
    kernel[0]!.map((_, column) => row.reduce((sum, x, i) => sum + x * kernel[i]![column]!, 0));

  test('classes: a cross-entropy of real and of fake samples, and of fake ones for the generator', async () => {
    // Samples are [latent, one-hot]; the head looks at all of it.
    const kernel = [
      [0.1, -0.2, 0.3],
      [1, 0, 0.5],
      [0, -1, 0],
      [0.25, 0, 2],
    ];
    const generator = echo({ latents: 1, labels: { classes: 3 } });
    const judge = linearJudge<'samples', 'classes'>({
      size: 4,
      kernels: { logits: [[1], [0], [0], [0]], classes: kernel },
    });
    const rows = Array.from({ length: 6 }, (_, i) => [i / 6, 0.5, -0.5, i]);
    const labels = rows.map((_, i) => i % 3);
    const weights = { discriminator: 2, generator: 0.5 };
    const trainer = trainerOf(any(generator), judge, { auxiliaryWeights: weights });
    const { steps } = await trainer.fit(datasetFromArray(rows, { labels }), {
      steps: 1,
      batchSize: 6,
    });
    const [step] = steps;
    expect(Object.keys(step!.terms.discriminator)).toEqual([
      ...['linear', 'classes/real', 'classes/fake'],
    ]);
    expect(Object.keys(step!.terms.generator)).toEqual(['linear', 'classes/fake']);
    const real = mean(rows.map((row, i) => crossEntropy(labels[i]!, times(row, kernel))));
    expect(step!.terms.discriminator['classes/real']).toBeCloseTo(2 * real, 5);
    const right = rows.filter((row, i) => {
      const told = times(row, kernel);
      return told.indexOf(Math.max(...told)) === labels[i];
    });
    expect(step!.metrics['accuracy/classes/real']).toBeCloseTo(right.length / 6, 5);
    expect(step!.metrics).toHaveProperty('accuracy/classes/fake');
    // The linear loss of the generator is −mean(latent): with it the fake term follows for these labels.
    const loss = step!.losses.generator;
    const { linear, 'classes/fake': told } = step!.terms.generator as Record<string, number>;
    expect(loss).toBeCloseTo(linear! + told!, 5);
    for (const part of [trainer, generator, judge]) part.dispose();
  });

  test('codes: cross-entropies of the categories and half the squared distance of the numbers', async () => {
    const categorical = [3, 2];
    const inputs = { latents: 1, codes: { categorical, continuous: 2 } };
    const generator = echo(inputs);
    // The head reads the codes off the sample [latent, 3, 2, numbers] through a kernel that mixes them.
    const kernel = Array.from({ length: 8 }, (_, i) =>
      Array.from({ length: 7 }, (_, j) => Math.sin(1 + i + 3 * j)),
    );
    const logits = Array.from({ length: 8 }, (_, i) => [i === 0 ? 1 : 0]);
    const judge = linearJudge<'samples', 'codes'>({ size: 8, kernels: { logits, codes: kernel } });
    const trainer = trainerOf(any(generator), judge);
    // The generator's samples tell its codes, so that a spy on its output knows what is true.
    const seen: number[][][] = [];
    const apply = judge.model.apply.bind(judge.model);
    judge.model.apply = (x, settings) => {
      if (x instanceof tf.Tensor) seen.push(x.arraySync() as number[][]);
      return apply(x, settings);
    };
    const data = datasetFromArray(
      Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => Math.cos(i + j))),
    );
    const { steps } = await trainer.fit(data, { steps: 1, batchSize: 4 });
    const [step] = steps;
    expect(Object.keys(step!.terms.discriminator)).toEqual(['linear', 'codes/fake']);
    expect(Object.keys(step!.terms.generator)).toEqual(['linear', 'codes/fake']);
    const closed = (samples: number[][]): number =>
      mean(
        samples.map((row) => {
          const told = times(row, kernel);
          const numbers = row.slice(6);
          return (
            crossEntropy(row.slice(1, 4).indexOf(1), told.slice(0, 3)) +
            crossEntropy(row.slice(4, 6).indexOf(1), told.slice(3, 5)) +
            numbers.reduce((sum, x, i) => sum + (x - told[5 + i]!) ** 2 / 2, 0)
          );
        }),
      );
    const [, fake, again] = seen as [number[][], number[][], number[][]];
    expect(step!.terms.discriminator['codes/fake']).toBeCloseTo(closed(fake), 4);
    expect(step!.terms.generator['codes/fake']).toBeCloseTo(closed(again), 4);
    const hit = fake.flatMap((row) => {
      const told = times(row, kernel);
      const guess = (values: number[]): number => values.indexOf(Math.max(...values));
      return [
        guess(told.slice(0, 3)) === row.slice(1, 4).indexOf(1) ? 1 : 0,
        guess(told.slice(3, 5)) === row.slice(4, 6).indexOf(1) ? 1 : 0,
      ];
    });
    expect(step!.metrics['accuracy/codes/fake']).toBeCloseTo(mean(hit), 5);
    for (const part of [trainer, generator, judge]) part.dispose();
  });

  test('numbers: half the squared distance', async () => {
    const generator = echo({ latents: 1, condition: { size: 2 } });
    const kernel = [
      [1, 2],
      [0, 1],
      [-1, 0.5],
    ];
    const judge = linearJudge<'samples', 'condition'>({
      size: 3,
      kernels: { logits: [[1], [1], [1]], condition: kernel },
    });
    const rows = Array.from({ length: 4 }, (_, i) => [i / 4, 0.5, -0.25]);
    const condition = rows.map((_, i) => [i, 1 - i]);
    const trainer = trainerOf(any(generator), judge);
    const data = paired({
      samples: datasetFromArray(rows),
      condition: datasetFromArray(condition),
    });
    const { steps } = await trainer.fit(data, { steps: 1, batchSize: 4 });
    const wanted = mean(
      rows.map((row, i) => {
        const told = times(row, kernel);
        return told.reduce((sum, x, j) => sum + (x - condition[i]![j]!) ** 2 / 2, 0);
      }),
    );
    expect(steps[0]!.terms.discriminator['condition/real']).toBeCloseTo(wanted, 4);
    for (const part of [trainer, generator, judge]) part.dispose();
  });

  test('are weighted by a number or a schedule; a weight of 0 is the same as no term, bit-for-bit', async () => {
    const play = async (auxiliaryWeights: TrainerOptions['auxiliaryWeights']) => {
      const gan = createMlpGan({
        sampleShape: [2],
        latentSize: 2,
        hiddenUnits: [4],
        classes: 3,
        conditioning: 'auxiliary',
        auxiliaryWeights,
      });
      const { steps } = await gan.trainer.fit(points(), { steps: 3, batchSize: 4 });
      const result = { weights: weightsOf(gan), terms: steps.map(({ terms }) => terms) };
      gan.dispose();
      return result;
    };
    const none = await play({ discriminator: 0, generator: 0 });
    expect(Object.keys(none.terms[0]!.discriminator)).toEqual(['bce']);
    // The head is not moved, and everything else moves as in a discriminator without one.
    const bare = await playWithoutHead();
    expect(none.weights.slice(0, bare.length - 2)).toEqual(bare.slice(0, -2));
    const one = await play(undefined);
    const schedule = await play({
      discriminator: linearDecay({ from: 1, to: 0, end: 2 }),
    });
    const told = (of: typeof one, step: number): number =>
      of.terms[step]!.discriminator['classes/real'] ?? 0;
    expect(told(schedule, 0)).toBe(told(one, 0));
    expect(told(schedule, 1)).toBeGreaterThan(0);
    expect(told(schedule, 2)).toBe(0);
  });

  /** The same networks, whose discriminator keeps its head to itself. */
  async function playWithoutHead(): Promise<number[][]> {
    const gan = createMlpGan({
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [4],
      classes: 3,
      conditioning: 'auxiliary',
    });
    const { model } = gan.discriminator;
    const discriminator = new Discriminator({
      model: tf.model({ inputs: model.inputs, outputs: model.outputs[0]! }),
    });
    const generator = new Generator({ model: gan.generator.model, inputs: gan.generator.inputs });
    // It would be refused, as nothing tells it of labels; a custom game may have it so.
    const { game } = gan.trainer;
    const turns = game.turns.map((turn) => ({
      ...turn,
      terms: (pass: Parameters<typeof turn.terms>[0]) =>
        Object.fromEntries(Object.entries(turn.terms(pass)).filter(([name]) => name === 'bce')),
    }));
    const trainer = new Trainer({ game: { ...game, turns } });
    await trainer.fit(points(), { steps: 3, batchSize: 4 });
    const weights = weightsOf({ generator, discriminator });
    trainer.dispose();
    gan.dispose();
    return weights;
  }
});

describe('a Trainer refuses', () => {
  const action = 'Cannot create a Trainer:';
  const labeled = () => echo({ latents: 1, labels: { classes: 3 } });
  const plain = () => echo({ latents: 4 });
  const coded = () => echo({ latents: 1, codes: { categorical: [3] } });
  const logits = [[1], [0], [0], [0]];
  const kernel = (columns: number): number[][] =>
    Array.from({ length: 4 }, () => new Array<number>(columns).fill(0.5));

  test.each<[string, () => unknown, () => unknown, string]>([
    [
      'a generator with labels and a discriminator that neither gets nor tells them',
      labeled,
      () => linearJudge({ size: 4, kernels: { logits } }),
      `${action} the discriminator must receive or predict each condition of the generator, otherwise it learns nothing about it, ` +
        "got none for 'labels'. Create it with inputs: ['samples', 'labels'], or with outputs: ['logits', 'classes']",
    ],
    [
      'a discriminator with labels and a generator without',
      plain,
      () =>
        linearJudge({
          size: 4,
          inputs: ['samples', 'labels'],
          further: [{ classes: 3 }],
          kernels: { logits: [...logits, [0], [0], [0]] },
        }),
      `${action} inputs of the discriminator must be samples and conditions of the generator (none), got 'labels'. ` +
        "Add an input 'labels' to the generator",
    ],
    [
      'a head that tells nothing of the generator',
      plain,
      () => linearJudge({ size: 4, kernels: { logits, classes: kernel(3) } }),
      `${action} outputs of the discriminator must be logits and heads that predict a condition of the generator (none; classes ` +
        "predicts labels), got 'classes'",
    ],
    [
      'a head that tells the latents',
      labeled,
      () => linearJudge({ size: 4, kernels: { logits, classes: kernel(3), latents: kernel(1) } }),
      `${action} outputs of the discriminator must be logits and heads that predict a condition of the generator (labels; ` +
        "classes predicts labels), got 'latents'",
    ],
    [
      'a head of another width',
      labeled,
      () => linearJudge({ size: 4, kernels: { logits, classes: kernel(4) } }),
      `${action} the head 'classes' and labels must have the same shape, got [4] and [3]`,
    ],
    [
      'codes that the discriminator is given',
      coded,
      () =>
        linearJudge({
          size: 4,
          inputs: ['samples', 'codes'],
          further: [{ size: 3 }],
          kernels: { logits: [...logits, [0], [0], [0]] },
        }),
      `${action} inputs of the discriminator must not be codes, because real samples have none, got the input 'codes'. Let it ` +
        "predict them: outputs: ['logits', 'codes']",
    ],
    [
      'codes that nothing tells',
      coded,
      () => linearJudge({ size: 4, kernels: { logits } }),
      `${action} the discriminator must receive or predict each condition of the generator, otherwise it learns nothing about it, ` +
        "got none for 'codes'. Create it with outputs: ['logits', 'codes']",
    ],
    [
      'codes told by probabilities',
      coded,
      () => {
        const samples = tf.input({ shape: [4] });
        const outputs = (['linear', 'softmax'] as const).map(
          (activation, i) =>
            tf.layers
              .dense({ units: i === 0 ? 1 : 3, activation })
              .apply(samples) as tf.SymbolicTensor,
        );
        const model = tf.model({ inputs: samples, outputs });
        return new Discriminator({ model, outputs: ['logits', 'codes'], ownsModel: true });
      },
      `${action} the head 'codes' must return logits, got one that ends in softmax. Leave its last activation out; ` +
        'tf.softmax(logits) gives probabilities',
    ],
  ])('%s', (_, makeGenerator, makeJudge, message) => {
    const before = tf.memory().numTensors;
    const generator = makeGenerator() as Generator<never>;
    const judge = makeJudge() as AnyDiscriminator;
    const tensors = tf.memory().numTensors;
    expect(() => trainerOf(generator, judge)).toThrow(new RangeError(message));
    expect(tf.memory().numTensors).toBe(tensors);
    generator.dispose();
    judge.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('weights of heads that are no numbers', () => {
    const options = {
      sampleShape: [2],
      latentSize: 2,
      hiddenUnits: [2],
      classes: 3,
      conditioning: 'auxiliary' as const,
    };
    const before = tf.memory().numTensors;
    for (const [auxiliaryWeights, message] of [
      [{ generator: -1 }, 'auxiliaryWeights.generator must be a number of at least 0, got -1'],
      [
        { critic: 1 },
        "auxiliaryWeights must have only the names generator, discriminator, got 'critic'",
      ],
      [3, 'auxiliaryWeights must be { generator, discriminator }, got 3'],
      [
        { discriminator: 'much' },
        "auxiliaryWeights.discriminator must be a number of at least 0 or a Schedule, got 'much'",
      ],
    ] as const) {
      const act = (): unknown =>
        createMlpGan({ ...options, auxiliaryWeights: auxiliaryWeights as never });
      expect(act).toThrow(`${action} ${message}`);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

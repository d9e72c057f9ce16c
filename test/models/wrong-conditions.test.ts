import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  Discriminator,
  type DiscriminatorOptions,
  Generator,
  type GeneratorInputs,
  mlpGenerator,
} from 'tfjs-gan';
import { echo } from './conditional-networks.ts';
import '../support/on-cpu.ts';

/** Expects an error, word for word, and that nothing is left behind. */
function expectRefusal(act: () => unknown, message: string): void {
  const before = tf.memory().numTensors;
  let given: unknown;
  try {
    act();
  } catch (error) {
    given = error;
  }
  expect((given as Error | undefined)?.message).toBe(message);
  expect(tf.memory().numTensors).toBe(before);
}

describe('sample refuses', () => {
  const classes = () => echo({ latents: 2, labels: { classes: 3 } });
  const vectors = () => echo({ latents: 2, condition: { size: 2 } });
  const plain = () => mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [2] });
  const each = (count: number, got: string): string =>
    `Cannot sample: labels must be one class, or a list of ${count}, one for each sample, got ${got}`;
  const range = (got: string, name = 'labels'): string =>
    `Cannot sample: ${name} must be an integer from 0 to 2, got ${got}`;

  test.each<[string, () => Generator, object, string]>([
    ['a class that is unknown', classes, { labels: 3 }, range('3')],
    ['a class below zero', classes, { labels: -1 }, range('-1')],
    ['a share of a class', classes, { labels: 1.5 }, range('1.5')],
    ['NaN', classes, { labels: NaN }, range('NaN')],
    ['infinity', classes, { labels: Infinity }, range('Infinity')],
    ['one wrong class in a list', classes, { labels: [0, 7] }, range('7', 'labels[1]')],
    ['a hole in a list', classes, { labels: [0, undefined] }, range('undefined', 'labels[1]')],
    ['texts in a list', classes, { labels: ['1', '2'] }, range("'1'", 'labels[0]')],
    [
      'a text',
      classes,
      { labels: '1' },
      "Cannot sample: labels must be a class, or a list with the class of each sample, got '1'",
    ],
    [
      'nothing by a name',
      classes,
      { labels: null },
      'Cannot sample: labels must be a class, or a list with the class of each sample, got null',
    ],
    ['a list that is too short', classes, { labels: [1] }, each(2, '1')],
    ['a list that is too long', classes, { labels: Int32Array.of(1, 1, 1) }, each(2, '3')],
    ['an empty list', classes, { labels: [] }, each(2, '0')],
    [
      'a condition of another kind',
      classes,
      { condition: [1, 2] },
      'Cannot sample: condition must be left out, because this generator takes labels, got some. Create and train it with condition',
    ],
    [
      'labels without classes',
      plain,
      { labels: 3 },
      'Cannot sample: labels must be left out, because this generator takes no conditions, got some. Create and train it with classes',
    ],
    [
      'labels of a generator of vectors',
      vectors,
      { labels: 1 },
      'Cannot sample: labels must be left out, because this generator takes condition, got some. Create and train it with classes',
    ],
    [
      'a name that means nothing',
      classes,
      { label: 1 },
      "Cannot sample: options must have only the names seed, averaged, labels, got 'label'",
    ],
    [
      'a vector that is too short',
      vectors,
      { condition: [1] },
      'Cannot sample: condition must have 2 finite numbers, got [1]',
    ],
    [
      'a vector with a hole',
      vectors,
      { condition: [1, NaN] },
      'Cannot sample: condition must have 2 finite numbers, got [1, NaN]',
    ],
    [
      'too few vectors',
      vectors,
      { condition: [[1, 2]] },
      'Cannot sample: condition must have one row, or 2, one for each sample, got 1',
    ],
    [
      'one short vector',
      vectors,
      { condition: [[1, 2], [1]] },
      'Cannot sample: condition[1] must have 2 finite numbers, got [1]',
    ],
    [
      'a mixture of numbers and vectors',
      vectors,
      { condition: [[1, 2], 3] },
      'Cannot sample: condition[1] must have 2 finite numbers, got 3',
    ],
    [
      'a list of nothing',
      vectors,
      { condition: [null, null] },
      'Cannot sample: condition[0] must have 2 finite numbers, got null',
    ],
    [
      'a number in place of a vector',
      vectors,
      { condition: 3 },
      'Cannot sample: condition must be a list of 2 numbers, a list of such lists or a tensor, got 3',
    ],
  ])('%s', (_, make, options, message) => {
    using generator = make();
    expectRefusal(() => generator.sample(2, options), message);
  });

  test('tensors of another type or shape', () => {
    using generator = classes();
    const [floats, column] = [tf.tensor1d([0, 1]), tf.tensor2d([[0], [1]], undefined, 'int32')];
    expectRefusal(
      () => generator.sample(2, { labels: floats }),
      "Cannot sample: labels must be of dtype int32, got float32. Cast it: tf.cast(labels, 'int32')",
    );
    expectRefusal(
      () => generator.sample(2, { labels: column as never }),
      'Cannot sample: labels must have the shape [2], got [2, 1]',
    );
    using other = vectors();
    expectRefusal(
      () => other.sample(2, { condition: floats }),
      'Cannot sample: condition must have the shape [2, 2], got [2]',
    );
    tf.dispose([floats, column]);
  });
});

describe('a Generator refuses', () => {
  let model: tf.LayersModel;
  beforeAll(() => {
    ({ model } = echo({ latents: 2, labels: { classes: 3 } }));
  });
  const action = 'Cannot create a Generator:';
  const kinds = 'a number of latents, { classes }, { size } or { categorical, continuous }';

  test.each<[string, object, string]>([
    [
      'fewer inputs than the model has',
      { latents: 2 },
      `${action} inputs must name each input of the model in its order, 2 in all, got latents`,
    ],
    [
      'more inputs',
      { latents: 2, labels: { classes: 3 }, codes: { categorical: [2] } },
      `${action} inputs must name each input of the model in its order, 2 in all, got latents, labels, codes`,
    ],
    [
      'no inputs',
      {},
      `${action} inputs must name each input of the model in its order, 2 in all, got none`,
    ],
    [
      'latents of another size',
      { latents: 3, labels: { classes: 3 } },
      `${action} the model must accept latents of shape [null, 3], got a model that accepts [null, 2]`,
    ],
    [
      'another order',
      { labels: { classes: 3 }, latents: 2 },
      `${action} the model must accept labels of shape [null, 1], got a model that accepts [null, 2]`,
    ],
    [
      'no classes',
      { latents: 2, labels: { classes: 0 } },
      `${action} inputs.labels.classes must be a positive integer, got 0`,
    ],
    [
      'half a class',
      { latents: 2, labels: { classes: 2.5 } },
      `${action} inputs.labels.classes must be a positive integer, got 2.5`,
    ],
    [
      'a word that is no setting',
      { latents: 2, labels: { class: 3 } },
      `${action} inputs.labels must have only the names kind, distribution, classes, source, size, categorical, ` +
        "continuous, got 'class'",
    ],
    [
      'an input of no kind',
      { latents: 2, labels: {} },
      `${action} inputs.labels must be ${kinds}, got an object`,
    ],
    [
      'text',
      { latents: 2, labels: 'classes' },
      `${action} inputs.labels must be ${kinds}, got 'classes'`,
    ],
    [
      'labels from nowhere',
      { latents: 2, labels: { classes: 3, source: 'normal' } },
      `${action} inputs.labels.source must be one of 'batch', 'uniform', undefined, got 'normal'`,
    ],
    [
      'a vector of another size',
      { latents: 2, condition: { size: 4 } },
      `${action} the model must accept condition of shape [null, 4], got a model that accepts [null, 1]`,
    ],
    [
      'codes of another size',
      { latents: 2, codes: { categorical: [10], continuous: 2 } },
      `${action} the model must accept codes of shape [null, 12], got a model that accepts [null, 1]`,
    ],
    [
      'a code of one value',
      { latents: 2, codes: { categorical: [1] } },
      `${action} each number of inputs.codes.categorical must be at least 2, got 1`,
    ],
    [
      'codes that are no list',
      { latents: 2, codes: { categorical: 10 } },
      `${action} inputs.codes.categorical must be a list of the number of values of each code, such as [10], got 10`,
    ],
    [
      'half a code',
      { latents: 2, codes: { categorical: [], continuous: 0.5 } },
      `${action} inputs.codes.continuous must be an integer of at least 0, got 0.5`,
    ],
    [
      'names of settings',
      { latents: 2, seed: { classes: 3 } },
      `${action} names of inputs must not be numbers and must differ from seed, averaged, steps, path, which are settings of ` +
        "sampling, got 'seed'. Choose another name",
    ],
    [
      'names that JavaScript puts first',
      { latents: 2, 7: { classes: 3 } },
      `${action} names of inputs must not be numbers and must differ from seed, averaged, steps, path, which are settings of ` +
        "sampling, got '7'. Choose another name",
    ],
  ])('%s', (_, inputs, message) => {
    expectRefusal(() => new Generator({ model, inputs: inputs as GeneratorInputs }), message);
  });

  test('a list of inputs, and another size beside them', () => {
    expectRefusal(
      () => new Generator({ model, inputs: ['latents'] as never }),
      `${action} inputs must be the model's inputs by name, such as { latents: 100, labels: { classes: 10 } }, got ['latents']`,
    );
    const inputs = { latents: 2, labels: { classes: 3 } };
    expectRefusal(
      () => new Generator({ model, inputs, latentSize: 7 }),
      `${action} latentSize must equal that of inputs, 2, or be left out, got 7`,
    );
  });

  test('several inputs without names', () => {
    expectRefusal(
      () => new Generator({ model }),
      `${action} model must have one input and one output, got 2 and 1. If it has more, name them: inputs: { … }`,
    );
  });
});

describe('a Discriminator', () => {
  const action = 'Cannot create a Discriminator:';

  /** A model of points with two outputs, which end in the named activations. */
  const twoHeads = (first: 'sigmoid' | 'softmax' | 'linear', second: typeof first) => {
    const samples = tf.input({ shape: [2] });
    const end = (units: number, activation: typeof first) =>
      tf.layers.dense({ units, activation }).apply(samples) as tf.SymbolicTensor;
    return tf.model({ inputs: samples, outputs: [end(1, first), end(3, second)] });
  };

  test.each<[string, () => tf.LayersModel, Omit<DiscriminatorOptions, 'model'> | object, string]>([
    [
      'fewer names than outputs',
      () => twoHeads('linear', 'linear'),
      { outputs: ['logits'] },
      `${action} outputs must be the names of the model's 2 outputs, 'logits' among them, got ['logits']`,
    ],
    [
      'no logits',
      () => twoHeads('linear', 'linear'),
      { outputs: ['classes', 'codes'] },
      `${action} outputs must be the names of the model's 2 outputs, 'logits' among them, got ['classes', 'codes']`,
    ],
    [
      'one name twice',
      () => twoHeads('linear', 'linear'),
      { outputs: ['logits', 'logits'] },
      `${action} outputs must be the names of the model's 2 outputs, 'logits' among them, got ['logits', 'logits']`,
    ],
    [
      'text for a list',
      () => twoHeads('linear', 'linear'),
      { outputs: 'logits' },
      `${action} outputs must be the names of the model's 2 outputs, 'logits' among them, got 'logits'`,
    ],
    [
      'inputs that the model does not have',
      () => twoHeads('linear', 'linear'),
      { inputs: ['samples', 'labels'], outputs: ['logits', 'classes'] },
      `${action} inputs must be the names of the model's 1 inputs, 'samples' among them, got ['samples', 'labels']`,
    ],
    [
      'no samples',
      () => twoHeads('linear', 'linear'),
      { inputs: ['labels'], outputs: ['logits', 'classes'] },
      `${action} inputs must be the names of the model's 1 inputs, 'samples' among them, got ['labels']`,
    ],
    [
      'names that JavaScript puts first',
      () => twoHeads('linear', 'linear'),
      { outputs: ['logits', '0'] },
      `${action} outputs must be the names of the model's 2 outputs, 'logits' among them, got ['logits', '0']`,
    ],
    [
      'probabilities in place of logits, beside a head',
      () => twoHeads('sigmoid', 'linear'),
      { outputs: ['logits', 'classes'] },
      `${action} model must return logits, got one that ends in sigmoid. Leave the last activation out; ` +
        'discriminator.probability(samples) gives probabilities',
    ],
    [
      'probabilities of classes',
      () => twoHeads('linear', 'softmax'),
      { outputs: ['logits', 'classes'] },
      `${action} the head 'classes' must return logits, got one that ends in softmax. Leave its last activation out; ` +
        'tf.softmax(logits) gives probabilities',
    ],
  ])('refuses %s', (_, make, options, message) => {
    const model = make();
    expectRefusal(() => new Discriminator({ model, ...options }), message);
    model.dispose();
  });

  test('sees a sigmoid at the end of a model inside its model', () => {
    const inside = twoHeads('linear', 'sigmoid');
    const samples = tf.input({ shape: [2] });
    const outputs = inside.apply(samples) as tf.SymbolicTensor[];
    const model = tf.model({ inputs: samples, outputs });
    expectRefusal(
      () => new Discriminator({ model, outputs: ['classes', 'logits'] }),
      `${action} model must return logits, got one that ends in sigmoid. Leave the last activation out; ` +
        'discriminator.probability(samples) gives probabilities',
    );
    const judge = new Discriminator({ model, outputs: ['logits', 'attributes'] });
    expect(judge.outputs).toEqual(['logits', 'attributes']);
    model.dispose();
  });

  test('judges by its logits, wherever they are among its outputs, and requires conditions', () => {
    const [samples, labels] = [tf.input({ shape: [2] }), tf.input({ shape: [1] })];
    const both = tf.layers.concatenate().apply([samples, labels]) as tf.SymbolicTensor;
    const end = (units: number) => {
      const layer = tf.layers.dense({ units, kernelInitializer: 'ones', useBias: false });
      return layer.apply(both) as tf.SymbolicTensor;
    };
    const model = tf.model({ inputs: [labels, samples], outputs: [end(3), end(1)] });
    using judge = new Discriminator({
      model,
      ownsModel: true,
      inputs: ['labels', 'samples'],
      outputs: ['classes', 'logits'],
    });
    expect(judge.inputShape).toEqual([2]);
    tf.tidy(() => {
      const points = tf.tensor2d([[1, 2]]);
      const ten = tf.tensor1d([10], 'int32');
      expect(judge.logits(points, { labels: ten }).arraySync()).toEqual([[13]]);
      expect(judge.probability(points, { labels: ten }).dataSync()[0]).toBeCloseTo(1, 5);
      const wanted =
        'Cannot score samples: the discriminator must receive tensors for labels, samples,';
      expect(() => judge.logits(points)).toThrow(`${wanted} got samples`);
      expect(() => judge.logits(points, { labels: ten, codes: ten } as never)).toThrow(
        `${wanted} got labels, codes, samples`,
      );
    });
  });
});

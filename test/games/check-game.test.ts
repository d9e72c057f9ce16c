import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  datasetFromArray,
  type Dataset,
  type Game,
  GradientPenalty,
  mlpGenerator,
  type Network,
  Trainer,
  type Turn,
} from 'tfjs-gan';
import {
  encoderTurn,
  generatorTurn,
  points,
  smallNetworks,
  type SmallNetworks,
  trio,
} from './small-games.ts';
import '../support/on-cpu.ts';

/** A game that can be played, with changes that make it one that cannot. */
const changed = (change: (game: Game, networks: SmallNetworks) => Partial<Game>): Game => {
  const networks = smallNetworks();
  const game: Game = trio(networks, [encoderTurn, generatorTurn]);
  return { ...game, ...change(game, networks) };
};

const turnWith = (more: object) => (game: Game) => ({
  turns: [{ ...game.turns[0], ...more } as Turn, game.turns[1]!],
});

const networkWith =
  (more: (networks: SmallNetworks) => object) => (game: Game, networks: SmallNetworks) => ({
    networks: {
      ...game.networks,
      encoder: { ...game.networks['encoder']!, ...more(networks) },
    },
  });

describe('a game is refused', () => {
  test.each<[string, (game: Game, networks: SmallNetworks) => object, string]>([
    ['without a name', () => ({ name: '' }), 'game.name must be a string that is not empty'],
    [
      'with a misspelt name',
      () => ({ network: {} }),
      "game must have only the names name, settings, networks, batch, turns, generators, got 'network'",
    ],
    [
      'without networks',
      () => ({ networks: {} }),
      'game.networks must be at least one network by name, got an object',
    ],
    ['without a batch', () => ({ batch: {} }), 'game.batch must be the tensors of a batch by name'],
    [
      'without turns',
      () => ({ turns: [] }),
      'game.turns must be a list of at least one turn, got []',
    ],
    [
      'without generators',
      () => ({ generators: {} }),
      'game.generators must be at least one generator by name, got an object',
    ],
    [
      'with a generator that is none',
      (_, { encoder }) => ({ generators: { samples: encoder } }),
      'game.generators.samples must be a Generator, got an object',
    ],
    [
      'with a turn that updates an unknown network',
      turnWith({ updates: 'painter' }),
      "game.turns[0].updates must name networks of the game that have an optimizer ('generator', 'encoder'), got 'painter'",
    ],
    [
      'with a turn that updates a frozen network',
      turnWith({ updates: ['encoder', 'critic'] }),
      "game.turns[0].updates must name networks of the game that have an optimizer ('generator', 'encoder'), got 'critic', which is " +
        'frozen. Add an optimizer in game.networks, or leave it out',
    ],
    [
      'with a network updated twice by one turn',
      turnWith({ updates: ['encoder', 'encoder'] }),
      "game.turns[0].updates must be different names, got ['encoder', 'encoder']",
    ],
    [
      'with a turn that updates nothing',
      turnWith({ updates: [] }),
      'game.turns[0].updates must be at least one network, got []',
    ],
    [
      'with two turns of one name',
      turnWith({ name: 'generator' }),
      "turns must have different names, got 'generator' twice",
    ],
    [
      'with a first turn that takes no batch',
      turnWith({ batch: 'same' }),
      "game.turns[0].batch must be 'next' in the first turn, because there is no earlier batch, got 'same'",
    ],
    [
      'with a batch of another kind',
      turnWith({ batch: 'last' }),
      "game.turns[0].batch must be one of 'next', 'same'",
    ],
    [
      'with no times',
      turnWith({ times: 0 }),
      'game.turns[0].times must be a positive integer, got 0',
    ],
    [
      'with half a micro-batch',
      turnWith({ accumulate: 0.5 }),
      'game.turns[0].accumulate must be a positive integer, got 0.5',
    ],
    [
      'without terms',
      turnWith({ terms: undefined }),
      'game.turns[0].terms must be a function, got undefined',
    ],
    [
      'with a phase that is no function',
      turnWith({ when: true }),
      'game.turns[0].when must be a function, got true',
    ],
    [
      'with a misspelt setting of a turn',
      turnWith({ repeat: 2 }),
      "game.turns[0] must have only the names name, updates, times, batch, accumulate, when, terms, got 'repeat'",
    ],
    [
      'with an optimizer that no turn uses',
      (game: Game) => ({ turns: [game.turns[0]!] }),
      "a network with an optimizer must be updated by a turn, got 'generator', which none updates",
    ],
    [
      'with an optimizer of TensorFlow.js',
      networkWith(() => ({ optimizer: tf.train.sgd(0.1) })),
      'game.networks.encoder.optimizer must be an OptimizerSpec',
    ],
    [
      'with a network that is a bare model',
      networkWith(({ encoder }) => ({ network: encoder.model })),
      'game.networks.encoder.network must be a Generator, a Discriminator or a model with names',
    ],
    [
      'with an input that has no name',
      networkWith(({ encoder }) => ({ network: { ...encoder, inputs: {} } })),
      'game.networks.encoder.network.inputs must name each input of the model, 1 in all, got 0',
    ],
    [
      'with an output that is not there',
      networkWith(({ encoder }) => ({ network: { ...encoder, outputs: ['code', 'more'] } })),
      'game.networks.encoder.network.outputs must name each output of the model, 1 in all, got 2',
    ],
    [
      'with an input of no known kind',
      networkWith(({ encoder }) => ({
        network: { ...encoder, inputs: { samples: { kind: 'image' } } },
      })),
      "game.networks.encoder.network.inputs.samples.kind must be one of 'latents', 'condition', 'tensor', got 'image'",
    ],
    [
      'with a condition from the batch that the batch has not',
      networkWith(({ encoder }) => ({
        network: { ...encoder, inputs: { source: { kind: 'condition' } } },
      })),
      "game.batch must declare 'source', because the encoder reads it from the batch, got 'samples'. Add source: {}",
    ],
    [
      'with labels from nowhere',
      networkWith(({ encoder }) => ({
        network: {
          ...encoder,
          inputs: { labels: { kind: 'condition', classes: 3, source: 'normal' } },
        },
      })),
      "game.networks.encoder.network.inputs.labels.source must be one of 'batch', 'uniform', undefined, got 'normal'",
    ],
    [
      'with latents of no known distribution',
      networkWith(({ encoder }) => ({
        network: { ...encoder, inputs: { latents: { kind: 'latents', distribution: 'cauchy' } } },
      })),
      "game.networks.encoder.network.inputs.latents.distribution must be one of 'normal', 'uniform', undefined, got 'cauchy'",
    ],
    [
      'with one variable in two networks',
      networkWith(({ critic }) => ({ network: { ...critic, outputs: ['code'] } })),
      "networks must not share variables, got '0.dense/kernel' in 'encoder' and in 'critic'",
    ],
    [
      'with an average of a frozen network',
      (game: Game) => ({
        networks: { ...game.networks, critic: { ...game.networks['critic']!, ema: {} } },
      }),
      'game.networks.critic.ema must be left out for a network without an optimizer',
    ],
    [
      'with an average of no decay',
      networkWith(() => ({ ema: { decay: 1 } })),
      'game.networks.encoder.ema.decay must be at least 0 and less than 1, got 1',
    ],
  ])('%s, and nothing is left behind', (_, change, message) => {
    const game = changed(change);
    const tensors = tf.memory().numTensors;
    expect(() => new Trainer({ game })).toThrow(`Cannot create a Trainer: ${message}`);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  test('beside the everyday parts', () => {
    const game = changed(() => ({}));
    const both = { game, generator: mlpGenerator({ sampleShape: [2] }) };
    expect(() => new Trainer(both)).toThrow(
      "options must have only the names game, constraints, seed, got 'generator'",
    );
  });
});

describe('a step is refused', () => {
  const messageOf = async (game: Game, data: Dataset): Promise<string> => {
    using trainer = new Trainer({ game });
    const error: unknown = await trainer
      .fit(data, { batchSize: 4, steps: 1 })
      .catch((e: unknown) => e);
    return (error as Error).message;
  };

  test.each<[string, Turn['terms'], string]>([
    [
      'with a term that no named network affects',
      (pass) => ({
        code: tf.mean(pass.run('encoder', pass.batch)['code']!),
        other: tf.mean(pass.run('generator', pass.latents('generator'))['samples']!),
      }),
      "Cannot train: the encoder term 'other' must depend on the weights of the encoder, got one that does not",
    ],
    [
      'without a term',
      () => ({ code: undefined }),
      "Cannot train: terms of the turn 'encoder' must return at least one term in each step, got none",
    ],
    [
      'with terms that are a tensor',
      (pass): never => tf.mean<tf.Scalar>(pass.run('encoder', pass.batch)['code']!) as never,
      "Cannot train: terms of the turn 'encoder' must return scalars by name, got an instance of Tensor",
    ],
    [
      'with a term that is no scalar',
      (pass) => ({ code: pass.run('encoder', pass.batch)['code']! }),
      'Cannot train: the encoder loss must return a scalar, got a tensor of shape [4, 1]',
    ],
    [
      'with a network that is not there',
      (pass) => ({ code: pass.run('painter', {})['code'] }),
      "Cannot train: the network must be one of 'generator', 'encoder', 'critic', got 'painter'",
    ],
    [
      'with inputs of other names',
      (pass) => ({ code: pass.run('encoder', { pictures: pass.batch['samples']! })['code'] }),
      "Cannot train: run('encoder', …) must have a tensor for each of the inputs samples, got pictures",
    ],
    [
      'with an average that is not there',
      (pass) => ({ code: pass.run('encoder', pass.batch, { weights: 'ema' })['code'] }),
      "Cannot train: weights: 'ema' must be used with a network that has an average, got 'encoder', which has none",
    ],
    [
      'with a metric shown twice',
      (pass) => {
        pass.metric('p', tf.scalar(1));
        pass.metric('p', tf.scalar(1));
        return {};
      },
      "Cannot train: metric must be called with a name that is free in this update, got 'p' again",
    ],
    [
      'with a layer that is not there',
      (pass) => ({ code: pass.run('encoder', pass.batch, { taps: { x: '9.dense' } })['x'] }),
      "Cannot read features: layer must be a layer of the encoder, got '9.dense'. It has 0.dense",
    ],
  ])('%s', async (_, terms, message) => {
    expect(await messageOf(changed(turnWith({ terms })), points())).toContain(message);
  });

  test('with a batch that lacks a tensor, or has one of another kind', async () => {
    const labelled = (labels: object): Game =>
      changed(() => ({ batch: { samples: {}, labels: { shape: [], dtype: 'int32' }, ...labels } }));
    expect(await messageOf(labelled({}), points())).toContain(
      "Cannot train: a batch of the dataset 'points' must be { labels: a tensor }, got",
    );
    const rows = [[0, 1], [1, 0], [0, 0], [1, 1]]; // prettier-ignore
    const data = datasetFromArray(rows, { labels: [0, 1, 0, 1] });
    expect(await messageOf(labelled({ labels: { shape: [3] } }), data)).toContain('int32');
    expect(await messageOf(labelled({ labels: { shape: [3], dtype: 'int32' } }), data)).toContain(
      'must have labels of the shape [null, 3] and hold a sample, got [4]',
    );
  });
});

test('a discriminator that a game lacks is refused by name', () => {
  using trainer = new Trainer({ game: changed(() => ({})) });
  expect(() => trainer.discriminator).toThrow(
    "the game 'trio' must have a Discriminator by that name, got the networks generator, encoder, critic",
  );
  expect(trainer.generator).toBe(Object.values(trainer.game.generators)[0]);
});

test('conditions of fake samples other than those of their rows are refused by penalties that pair rows', async () => {
  const [source, samples] = [tf.input({ shape: [1] }), tf.input({ shape: [2] })];
  const joined = tf.layers.concatenate().apply([source, samples]) as tf.SymbolicTensor;
  const model = tf.model({
    inputs: [source, samples],
    outputs: tf.layers.dense({ units: 1 }).apply(joined) as tf.SymbolicTensor,
  });
  const critic: Network = {
    model,
    inputs: { source: { kind: 'condition', source: 'normal' }, samples: { kind: 'tensor' } },
    outputs: ['logits'],
  };
  const play = async (isPaired: boolean): Promise<unknown> => {
    const own: Game = {
      name: 'paired',
      networks: { critic: { network: critic, optimizer: adam() } },
      batch: { samples: {} },
      turns: [
        {
          name: 'critic',
          updates: 'critic',
          terms: (pass) => {
            const real = { source: tf.ones([4, 1]), samples: pass.batch['samples']! };
            const fake = {
              source: isPaired ? real.source : tf.zeros([4, 1]),
              samples: tf.zeros([4, 2]),
            };
            return {
              gp: pass.penalty(new GradientPenalty(), 'critic', { real, fake }),
            };
          },
        },
      ],
      generators: { samples: mlpGenerator({ sampleShape: [2] }) },
    };
    const trainer = new Trainer({ game: own });
    try {
      return await trainer.fit(points(), { batchSize: 4, steps: 1 });
    } finally {
      trainer.dispose();
    }
  };
  await expect(play(true)).resolves.toBeDefined();
  await expect(play(false)).rejects.toThrow(
    "the penalty 'gradientPenalty' pairs rows, so fake samples must have the source of the real ones",
  );
});

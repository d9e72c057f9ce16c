import * as tf from '@tensorflow/tfjs';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  checkGradientPenalty,
  Discriminator,
  type Gan,
  Generator,
  ring8,
  setOrthogonalWeights,
  SpectralNorm,
  Trainer,
  createMlpGan,
  type TrainerSnapshot,
} from 'tfjs-gan';
import { evaluate, featureExtractor, slicedWasserstein } from 'tfjs-gan/metrics';

const make = (): Gan =>
  createMlpGan({
    sampleShape: [2],
    latentSize: 2,
    hiddenUnits: [4],
    ema: {},
    constraints: [new SpectralNorm()],
  });

/** What frees weights behind the back of their networks, and how an error names it. */
const calls: readonly (readonly [call: string, free: (gan: Gan) => void])[] = [
  ['tf.disposeVariables()', () => tf.disposeVariables()],
  [
    'tf.engine().reset() or dispose() of a layer or weight',
    () => {
      tf.engine().reset();
    },
  ],
  [
    'model.dispose()',
    ({ generator, discriminator }) => {
      generator.model.dispose();
      discriminator.model.dispose();
    },
  ],
  [
    'tf.engine().reset() or dispose() of a layer or weight',
    ({ generator, discriminator }) => {
      generator.model.weights[0]!.dispose();
      discriminator.model.weights[0]!.dispose();
    },
  ],
];

const data = ring8({ size: 64 });
const few = { steps: 1, batchSize: 32 };

/** Every public call that needs the weights, by what its error says was to be done. */
const uses: readonly (readonly [
  action: string,
  network: string,
  use: (gan: Gan, snapshot: TrainerSnapshot) => unknown,
])[] = [
  ['train', 'the generator', ({ trainer }) => trainer.fit(data, few)],
  ['train', 'the generator', ({ trainer }) => trainer.steps(data, few)],
  ['take a snapshot', 'the generator', ({ trainer }) => trainer.snapshot()],
  ['restore', 'the generator', ({ trainer }, snapshot) => trainer.restore(snapshot)],
  ['sample', 'this Generator', ({ generator }) => generator.sample(1)],
  ['sample', 'this Generator', ({ generator }) => generator.sample(1, { averaged: false })],
  ['generate', 'this Generator', ({ generator }) => generator.generate(tf.zeros([1, 2]))],
  ['interpolate', 'this Generator', ({ generator }) => generator.interpolate(1, 2)],
  ['save', 'this Generator', ({ generator }) => generator.save('indexeddb://never')],
  [
    'score samples',
    'this Discriminator',
    ({ discriminator }) => discriminator.logits(tf.zeros([1, 2])),
  ],
  [
    'score samples',
    'this Discriminator',
    ({ discriminator }) => discriminator.probability(tf.zeros([1, 2])),
  ],
  [
    'create a Trainer',
    'the Generator',
    ({ generator, discriminator }) =>
      new Trainer({ generator, discriminator, ema: {}, constraints: [] }),
  ],
  ['create a Generator', 'model', ({ generator: { model } }) => new Generator({ model })],
  [
    'create a Discriminator',
    'model',
    ({ discriminator: { model } }) => new Discriminator({ model }),
  ],
  [
    'set orthogonal weights',
    'model',
    ({ discriminator: { model } }) => {
      setOrthogonalWeights(model);
    },
  ],
  [
    'check a critic',
    'the Discriminator',
    ({ discriminator }) => checkGradientPenalty(discriminator),
  ],
  [
    'evaluate',
    'this Generator',
    ({ generator }) => {
      const features = featureExtractor((samples) => samples, { name: 'as is', inputShape: [2] });
      const metrics = { moved: slicedWasserstein };
      return evaluate(generator, data, { features, samples: 32, seeds: 1, metrics });
    },
  ],
];

describe('after weights were freed from outside', () => {
  beforeEach(async () => {
    await tf.setBackend('cpu');
  });

  describe.each(calls)('by %s', (call, free) => {
    test.each(uses)('%s says so of %s', async (action, network, use) => {
      using gan = make();
      const snapshot = await gan.trainer.snapshot();
      free(gan);
      await tf.setBackend('cpu');
      const error: unknown = await Promise.resolve()
        .then(() => use(gan, snapshot))
        .catch((caught: unknown) => caught);
      expect((error as Error).message).toBe(
        `Cannot ${action}: ${network} was disposed: ${call} freed its weights. Create or load the network again; ` +
          'to free only what one run created, call dispose() of its Gan, networks and trainer',
      );
    });

    test('is disposed, and dispose() frees the rest without an error', async () => {
      const before = tf.memory().numTensors;
      const gan = make();
      await gan.trainer.fit(data, few);
      expect(gan.generator.isDisposed || gan.discriminator.isDisposed).toBe(false);
      free(gan);
      await tf.setBackend('cpu');
      expect(gan.generator.isDisposed && gan.discriminator.isDisposed).toBe(true);
      gan.dispose();
      expect(tf.memory().numTensors).toBeLessThanOrEqual(before);
    });

    test('in a callback ends the run with the same sentence, and nothing is left behind', async () => {
      using gan = make();
      const freeing = {
        onStepEnd: () => {
          free(gan);
        },
      };
      const run = gan.trainer.fit(data, { steps: 2, batchSize: 32, callbacks: [freeing] });
      await expect(run).rejects.toThrow(`the generator was disposed: ${call} freed its weights`);
    });
  });

  test('leaves the weights of layers alone that another model shares', () => {
    const shared = tf.layers.dense({ units: 2 });
    const [model, other] = [tf.input({ shape: [2] }), tf.input({ shape: [2] })].map((inputs) =>
      tf.model({ inputs, outputs: shared.apply(inputs) as tf.SymbolicTensor }),
    ) as [tf.LayersModel, tf.LayersModel];
    const generator = new Generator({ model, ownsModel: true });
    model.dispose();
    generator.dispose();
    expect(tf.tidy(() => (other.predict(tf.zeros([1, 2])) as tf.Tensor).shape)).toEqual([1, 2]);
    other.dispose();
  });

  test('a feature extractor names the call too', () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [2] })] });
    const extractor = featureExtractor(model, { name: 'dense' });
    tf.disposeVariables();
    expect(() => extractor.extract(tf.zeros([1, 2]))).toThrow(
      'Cannot extract features: the network was disposed: tf.disposeVariables() freed its weights.',
    );
  });
});

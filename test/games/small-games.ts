import * as tf from '@tensorflow/tfjs';
import {
  datasetFromArray,
  type Dataset,
  defineGame,
  Generator,
  type LatentInput,
  type Network,
  type Pass,
  sgd,
  type TensorInput,
  type Terms,
  type Turn,
  type Unconditional,
} from 'tfjs-gan';

/** A model with one dense layer and no offset, its kernel as given. */
export function linear(kernel: number[][]): tf.LayersModel {
  const units = kernel[0]!.length;
  const layer = tf.layers.dense({ units, useBias: false, inputShape: [kernel.length] });
  const model = tf.sequential({ layers: [layer] });
  tf.tidy(() => {
    model.setWeights([tf.tensor2d(kernel)]);
  });
  return model;
}

/** Every weight of a network as numbers. */
export function valuesOf({ model }: Pick<Network, 'model'>): number[] {
  return model.weights.flatMap((weight) => [...weight.read().dataSync()]);
}

/** 24 points on a line, each with its own number. */
export function points(count = 24): Dataset {
  const rows = Array.from({ length: count }, (_, i) => [i / count, 1 - i / count]);
  return datasetFromArray(rows, { name: 'points' });
}

export type Encoder = Network<{ samples: TensorInput }, 'code'>;

/** Three networks: a generator, an encoder, and a critic that is frozen. */
export function smallNetworks() {
  const latents: LatentInput = { kind: 'latents' };
  const generator = new Generator<Unconditional>({ model: linear([[0.5, -0.25]]) });
  const encoder: Encoder = {
    model: linear([[0.3], [0.7]]),
    inputs: { samples: { kind: 'tensor' } },
    outputs: ['code'],
  };
  const critic: Network<{ samples: TensorInput }, 'logits'> = {
    model: linear([[1], [-1]]),
    inputs: { samples: { kind: 'tensor' } },
    outputs: ['logits'],
  };
  return { generator, encoder, critic, latents };
}

export type SmallNetworks = ReturnType<typeof smallNetworks>;

/** The networks of {@link trio} as a game has them. */
export function trioNetworks({ generator, encoder, critic }: SmallNetworks) {
  return {
    generator: { network: generator, optimizer: sgd({ learningRate: 0.1 }) },
    encoder: { network: encoder, optimizer: sgd({ learningRate: 0.1 }) },
    critic: { network: critic },
  };
}

export type Trio = ReturnType<typeof trioNetworks>;
export type TrioPass = Pass<Trio, 'samples'>;

/** A game of three networks with the given turns. */
export function trio(networks: SmallNetworks, turns: readonly Turn<Trio, 'samples'>[]) {
  return defineGame<Trio, 'samples'>({
    name: 'trio',
    networks: trioNetworks(networks),
    batch: { samples: { shape: [2] } },
    turns,
    generators: { samples: networks.generator },
  });
}

/** The encoder learns to return 1 for real samples. */
export const encode = (pass: TrioPass): Terms => ({
  code: tf.mean(tf.squaredDifference(pass.run('encoder', pass.batch).code, 1)),
});

/** The generator learns to raise the frozen critic's logits. */
export const generate = (pass: TrioPass): Terms => {
  const { samples } = pass.run('generator', pass.latents('generator'));
  return { logits: tf.neg(tf.mean(pass.run('critic', { samples }).logits)) };
};

export const encoderTurn: Turn<Trio, 'samples'> = {
  name: 'encoder',
  updates: 'encoder',
  terms: encode,
};

export const generatorTurn: Turn<Trio, 'samples'> = {
  name: 'generator',
  updates: 'generator',
  terms: generate,
};

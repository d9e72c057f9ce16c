import * as tf from '@tensorflow/tfjs';
import { defineGame, type Pass } from '../../../src/games/game.ts';
import { LeastSquaresLoss } from '../../../src/losses/adversarial/least-squares.ts';
import type { Generator } from '../../../src/models/generator.ts';
import { adam } from '../../../src/optimizers/adam.ts';
import type { Judge, Translator } from './networks.ts';
import { l1 } from './terms.ts';

/** Places of a pool. */
const size = 50;

/**
 * Fake samples of now and before. While there are places, each is stored and returned; then half of them are, with equal
 * chance, swapped for a stored one. The count is a tensor, so nothing is read, and each sample draws two numbers always.
 */
export const pooled = (
  pass: Pick<Pass, 'slot' | 'random'>,
  name: string,
  fresh: tf.Tensor,
): tf.Tensor => {
  const random = pass.random(name);
  const images = pass.slot(`${name}/images`, () => tf.zeros([size, ...fresh.shape.slice(1)]));
  const count = pass.slot(`${name}/count`, () => tf.zeros([]));
  const returned = tf.unstack(fresh).map((sample) => {
    const [coin, place] = [random.uniform() < 0.5, random.integer(size)];
    const isFull = tf.greaterEqual(count.get(), size);
    const isSwapped = tf.logicalAnd(isFull, tf.scalar(coin, 'bool'));
    const at = tf.where(isFull, tf.scalar(place), count.get()).toInt();
    const stored = tf.gather(images.get(), at);
    const isWritten = tf.logicalOr(tf.logicalNot(isFull), isSwapped);
    const isThere = tf.logicalAnd(tf.equal(tf.range(0, size, 1, 'int32'), at), isWritten);
    const mask = tf.reshape(isThere, [size, ...sample.shape.map(() => 1)]);
    images.set(tf.where(mask, tf.expandDims(sample), images.get()));
    count.set(tf.minimum(tf.add(count.get(), 1), size));
    return tf.where(isSwapped, stored, sample);
  });
  return tf.stack(returned);
};

interface Parts {
  readonly aToB: Translator;
  readonly bToA: Translator;
  readonly onA: Judge;
  readonly onB: Judge;
  readonly shown: { readonly aToB: Generator; readonly bToA: Generator };
}

const networksOf = ({ aToB, bToA, onA, onB }: Parts) => {
  const optimizer = adam({ learningRate: 2e-4, beta1: 0.5 });
  return {
    aToB: { network: aToB, optimizer },
    bToA: { network: bToA, optimizer },
    onA: { network: onA, optimizer },
    onB: { network: onB, optimizer },
  };
};

type CyclePass = Pass<ReturnType<typeof networksOf>, 'a' | 'b'>;

/** The adversarial term, to the source and back, and the identity, for one direction; keeps the fake sample. */
const direction = (
  pass: CyclePass,
  [to, back, on]: ['aToB', 'bToA', 'onB'] | ['bToA', 'aToB', 'onA'],
) => {
  const [source, target] =
    to === 'aToB' ? [pass.batch.a, pass.batch.b] : [pass.batch.b, pass.batch.a];
  const fake = pass.run(to, { source }).samples;
  const cycle = pass.run(back, { source: fake }, { statistics: 'hold' }).samples;
  const same = pass.run(to, { source: target }, { statistics: 'hold' }).samples;
  pass.keep(to, fake);
  // The published loss of the generators has no ½; those of the discriminators have.
  const adversarial = tf.mul(
    2,
    new LeastSquaresLoss().generator(pass.run(on, { samples: fake }).logits),
  );
  return {
    [`adversarial/${to}`]: adversarial,
    [`cycle/${to}`]: tf.mul(10, l1(source, cycle)),
    [`identity/${to}`]: tf.mul(5, l1(target, same)),
  };
};

/** CycleGAN: both generators first, then both discriminators on this step's fake samples, after the pool. */
export const cycleGan = (parts: Parts) => {
  const loss = new LeastSquaresLoss();
  return defineGame({
    name: 'cycleGan',
    networks: networksOf(parts),
    batch: { a: {}, b: {} },
    turns: [
      {
        name: 'generators',
        updates: ['aToB', 'bToA'],
        terms: (pass) => ({
          ...direction(pass, ['aToB', 'bToA', 'onB']),
          ...direction(pass, ['bToA', 'aToB', 'onA']),
        }),
      },
      {
        name: 'discriminators',
        updates: ['onA', 'onB'],
        terms: (pass) => {
          const judged = (network: 'onA' | 'onB', real: tf.Tensor, fake: tf.Tensor): tf.Tensor => {
            const onReal = pass.run(network, { samples: real }).logits;
            const onFake = pass.run(network, { samples: pooled(pass, `pool/${network}`, fake) });
            return loss.discriminator(onReal, onFake.logits);
          };
          return {
            onA: judged('onA', pass.batch.a, pass.kept('bToA')),
            onB: judged('onB', pass.batch.b, pass.kept('aToB')),
          };
        },
      },
    ],
    generators: parts.shown,
  });
};

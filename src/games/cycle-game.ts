import type * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../core/schedules/schedule.ts';
import { describeScheduled, scheduledValue } from '../core/schedules/scheduled-number.ts';
import type { Loss } from '../losses/loss.ts';
import { penaltyWeights } from '../losses/penalties/penalty-options.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Translator } from '../models/translators/translator.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { prefixed } from './describe-parts.ts';
import type { EmaOptions, Game, Pass, Tensors } from './game.ts';
import { generatorLoss } from './generator-loss.ts';
import { pooled } from './image-pool.ts';
import { showAccuracy } from './show-accuracy.ts';
import { scaled } from './scaled-term.ts';
import { meanDistance } from './translation-terms.ts';

/** The parts of {@link cycleGame}. @internal */
export interface CycleParts {
  /** From the first set to the second, and back; their inputs are called `a` and `b`. */
  readonly generators: Readonly<Record<'aToB' | 'bToA', Translator>>;
  /** Of pictures of each set. */
  readonly discriminators: Readonly<Record<'a' | 'b', Discriminator>>;
  readonly loss: Loss;
  /** Weights of the terms of each generator. */
  readonly weights: Readonly<Record<CycleTerm, number | Schedule>>;
  /** Places of each pool of fake samples. */
  readonly poolSize: number;
  readonly optimizers: Readonly<Record<'generators' | 'discriminators', OptimizerSpec>>;
  readonly ema: EmaOptions | undefined;
}

/** What the loss of a generator consists of. */
type CycleTerm = 'adversarial' | 'cycle' | 'identity';

/** One of the two ways: from a set to another one, back, and who judges what is made. */
interface Direction {
  readonly to: 'aToB' | 'bToA';
  readonly back: 'aToB' | 'bToA';
  readonly judge: 'discriminatorA' | 'discriminatorB';
  readonly source: 'a' | 'b';
  readonly target: 'a' | 'b';
}

const directions: readonly [Direction, Direction] = [
  { to: 'aToB', back: 'bToA', judge: 'discriminatorB', source: 'a', target: 'b' },
  { to: 'bToA', back: 'aToB', judge: 'discriminatorA', source: 'b', target: 'a' },
];

/**
 * The game of CycleGAN: both generators are updated together, then both discriminators on this
 * step's fake samples, which pass the pools.
 *
 * @internal
 */
export function cycleGame(parts: CycleParts): Game {
  const { generators, discriminators, loss, weights, poolSize, optimizers, ema } = parts;
  const { aToB, bToA } = generators;
  return {
    name: 'cycleGan',
    settings: {
      ...prefixed('loss', { name: loss.name, ...loss.settings }),
      ...describeScheduled('adversarialWeight', weights.adversarial),
      ...describeScheduled('cycleWeight', weights.cycle),
      ...describeScheduled('identityWeight', weights.identity),
      poolSize,
    },
    networks: {
      aToB: { network: aToB.generator, optimizer: optimizers.generators, ema },
      bToA: { network: bToA.generator, optimizer: optimizers.generators, ema },
      discriminatorA: { network: discriminators.a, optimizer: optimizers.discriminators },
      discriminatorB: { network: discriminators.b, optimizer: optimizers.discriminators },
    },
    batch: { a: { shape: aToB.sourceShape }, b: { shape: bToA.sourceShape } },
    turns: [
      {
        name: 'generators',
        updates: ['aToB', 'bToA'],
        terms: (pass) => {
          const [there, back] = directions.map((way) => generatorTerms(pass, way, parts));
          return { ...there, ...back };
        },
      },
      {
        name: 'discriminators',
        updates: ['discriminatorA', 'discriminatorB'],
        terms: (pass) => {
          const terms = directions.map(({ to, judge, target }) => {
            const fresh = pooled(pass, `pool/${target}`, pass.kept(to), poolSize);
            const real = pass.run(judge, { samples: pass.batch[target]! })['logits']!;
            const fake = pass.run(judge, { samples: fresh })['logits']!;
            showAccuracy(pass, { real, fake }, loss, `accuracy/${target}`);
            return [`${loss.name}/${target}`, loss.discriminator(real, fake)] as const;
          });
          return Object.fromEntries(terms);
        },
      },
    ],
    generators: { aToB: aToB.generator, bToA: bToA.generator },
  };
}

/** The terms of one generator; keeps its fake samples for the discriminators. */
function generatorTerms(
  pass: Pass,
  { to, back, judge, source, target }: Direction,
  { loss, weights }: Pick<CycleParts, 'loss' | 'weights'>,
): Record<string, tf.Tensor | undefined> {
  const given = pass.batch[source]!;
  const wanted = pass.batch[target]!;
  const translate = (
    network: Direction['to'],
    input: 'a' | 'b',
    picture: tf.Tensor,
    options = {},
  ): tf.Tensor => {
    const inputs: Tensors<string> = { [input]: picture };
    return pass.run(network, inputs, options)['samples']!;
  };
  const weightOf = (term: CycleTerm): number =>
    scheduledValue(weights[term], pass.progress, penaltyWeights);
  const [adversarial, cycle, identity] = [
    weightOf('adversarial'),
    weightOf('cycle'),
    weightOf('identity'),
  ];
  const fake = translate(to, source, given);
  pass.keep(to, fake);
  const terms: Record<string, tf.Tensor | undefined> = {};
  if (adversarial > 0) {
    const onFake = pass.run(judge, { samples: fake })['logits']!;
    const onReal = (): tf.Tensor => pass.run(judge, { samples: wanted })['logits']!;
    const value = generatorLoss(loss, onFake, onReal);
    terms[`${loss.name}/${to}`] = scaled(value, adversarial);
  }
  if (cycle > 0) {
    const again = translate(back, target, fake, { statistics: 'hold' });
    terms[`cycle/${to}`] = scaled(meanDistance(given, again), cycle);
  }
  if (identity > 0) {
    const same = translate(to, source, wanted, { statistics: 'hold' });
    terms[`identity/${to}`] = scaled(meanDistance(wanted, same), identity);
  }
  return terms;
}

import * as tf from '@tensorflow/tfjs';
import { describeScheduled, scheduledValue } from '../core/schedules/scheduled-number.ts';
import { uniqueNames } from '../core/unique-part-names.ts';
import type { Loss } from '../losses/loss.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import type { Schedule } from '../core/schedules/schedule.ts';
import { type ConditionInput, isCondition, isOfBatch } from '../models/conditions.ts';
import type { Discriminator } from '../models/discriminator.ts';
import type { Generator } from '../models/generator.ts';
import { penaltyWeights } from '../losses/penalties/penalty-options.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import type { Transform } from '../transforms/transform.ts';
import { AppliedTransforms } from './applied-transforms.ts';
import { bestRows, topShares } from './best-rows.ts';
import { checkAdversarialParts } from './check-adversarial.ts';
import { tensorSpec } from './check-game.ts';
import { describeParts, prefixed } from './describe-parts.ts';
import { GamePenalties } from './game-penalties.ts';
import type { BatchSpec, EmaOptions, Game, Pass, Settings, Tensors } from './game.ts';
import { generatorLoss } from './generator-loss.ts';
import { type Head, headsOf, headTerms, showHeads } from './head-terms.ts';
import { scaled } from './scaled-term.ts';
import { boundaryOf, showAccuracy } from './show-accuracy.ts';

/** The parts of {@link adversarialGame}. */
export interface AdversarialParts {
  readonly generator: Generator;
  readonly discriminator: Discriminator<string, string>;
  readonly loss: Loss;
  readonly penalties: readonly Penalty[];
  readonly optimizers: Readonly<Record<'generator' | 'discriminator', OptimizerSpec>>;
  readonly updatesPerStep: Readonly<Record<'generator' | 'discriminator', number>>;
  /** Number of batches per update. */
  readonly accumulate: number;
  /** Weights of the losses of the discriminator's heads. */
  readonly auxiliaryWeights: Readonly<Record<'generator' | 'discriminator', number | Schedule>>;
  /** The share of fake samples that the generator's loss is taken over. */
  readonly topK: number | Schedule;
  /** Transforms of samples in front of the discriminator. */
  readonly transforms: readonly Transform[];
  readonly ema: EmaOptions | undefined;
}

/**
 * The game of a generator and a discriminator: the discriminator is updated, then the generator.
 *
 * The moving statistics of batch norm follow only each network's own updates: the generator's
 * statistics are held while fake samples are generated for the discriminator's update, and the
 * discriminator's while it scores samples for the generator's update.
 *
 * Each condition of the generator is also used by the discriminator: as an input, so that a sample
 * is scored with its condition; or as an output, a head that predicts the condition of samples,
 * including real ones whose condition is in the batch.
 *
 * @param parts - Networks, loss, penalties and how each network is updated.
 * @returns The game.
 * @throws RangeError if the networks do not fit each other.
 *
 * @internal
 */
export function adversarialGame(parts: AdversarialParts): Game {
  const { generator, discriminator, loss, optimizers, updatesPerStep, ema } = parts;
  const { accumulate, auxiliaryWeights } = parts;
  const transforms = new AppliedTransforms(parts.transforms);
  checkAdversarialParts(parts);
  const penalties = new GamePenalties(parts.penalties, [loss.name, 'regularizers'], parts);
  const conditions = Object.keys(discriminator.inputs).filter((name) => name !== 'samples');
  const heads = headsOf(discriminator.outputs, generator.inputs);
  const fakeInputs = (pass: Pass): Tensors<string> => ({
    ...pass.latents('generator'),
    ...pass.conditions('generator'),
  });
  /** A sample with its conditions: those of the generator, otherwise those of the batch. */
  const judged = (pass: Pass, samples: tf.Tensor, given: Tensors<string>): Tensors<string> => ({
    samples,
    ...Object.fromEntries(conditions.map((name) => [name, given[name] ?? pass.batch[name]!])),
  });
  /** The weighted losses of the heads in the loss of a network. */
  const auxiliary = (
    pass: Pass,
    network: 'generator' | 'discriminator',
    terms: Readonly<Record<string, tf.Tensor>>,
  ): Record<string, tf.Tensor | undefined> => {
    const weight = scheduledValue(auxiliaryWeights[network], pass.progress, penaltyWeights);
    return Object.fromEntries(
      Object.entries(terms).map(([name, term]) => [name, scaled(term, weight)]),
    );
  };
  return {
    name: 'adversarial',
    settings: settingsOf(parts, heads, penalties.settings),
    networks: {
      generator: { network: generator, optimizer: optimizers.generator, ema },
      discriminator: { network: discriminator, optimizer: optimizers.discriminator },
    },
    batch: batchOf(parts, conditions, heads),
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        times: updatesPerStep.discriminator,
        accumulate,
        terms: (pass) => {
          const given = fakeInputs(pass);
          const made = pass.run('generator', given, { detached: true });
          const real = judged(pass, pass.batch['samples']!, pass.batch);
          const fake = judged(pass, made['samples']!, given);
          const ofReal = pass.run('discriminator', transforms.seen(pass, real));
          const ofFake = pass.run('discriminator', transforms.seen(pass, fake));
          const [onReal, onFake] = [ofReal['logits']!, ofFake['logits']!];
          const value = loss.discriminator(onReal, onFake);
          showAccuracy(pass, { real: onReal, fake: onFake }, loss);
          transforms.observe(pass, () => ({
            margins: tf.sub(onReal, boundaryOf({ real: onReal, fake: onFake }, loss)),
            samples: pass.batch['samples']!.shape[0] ?? 0,
          }));
          const [read, guessed] = [
            { outputs: ofReal, conditions: pass.batch },
            { outputs: ofFake, conditions: given },
          ];
          showHeads(pass, heads, 'real', read);
          showHeads(pass, heads, 'fake', guessed);
          const ofHeads = {
            ...headTerms(heads, 'real', read),
            ...headTerms(heads, 'fake', guessed),
          };
          return {
            [loss.name]: value,
            ...auxiliary(pass, 'discriminator', ofHeads),
            ...penalties.terms(pass, 'discriminator', () => transforms.penalized(pass, real, fake)),
          };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        times: updatesPerStep.generator,
        accumulate,
        terms: (pass) => {
          const given = fakeInputs(pass);
          const made = pass.run('generator', given);
          const real = judged(pass, pass.batch['samples']!, pass.batch);
          const fake = judged(pass, made['samples']!, given);
          const ofFake = pass.run('discriminator', transforms.seen(pass, fake));
          const onFake = ofFake['logits']!;
          const best = bestRows(onFake, scheduledValue(parts.topK, pass.progress, topShares));
          // Losses of pairs need the partners of the fake samples that are left.
          const value = generatorLoss(loss, best(onFake), () =>
            best(pass.run('discriminator', transforms.seen(pass, real))['logits']!),
          );
          const ofHeads = headTerms(heads, 'fake', { outputs: ofFake, conditions: given });
          return {
            [loss.name]: value,
            ...auxiliary(pass, 'generator', ofHeads),
            ...penalties.terms(pass, 'generator', () => transforms.penalized(pass, real, fake)),
          };
        },
      },
    ],
    generators: { samples: generator },
  };
}

/**
 * The samples with all conditions that belong to real samples or that fake samples take from the
 * same rows.
 */
function batchOf(
  { generator }: AdversarialParts,
  given: readonly string[],
  heads: readonly Head[],
): BatchSpec {
  const fromRows = Object.entries(generator.inputs).flatMap(([name, input]) =>
    isCondition(input) && isOfBatch(input) ? [name] : [],
  );
  const told = heads.flatMap(({ condition, input }) =>
    input.kind === 'condition' && input.classes !== undefined ? [condition] : [],
  );
  const names = [...new Set([...given, ...fromRows, ...told])];
  return Object.fromEntries([
    ['samples', { shape: generator.outputShape }],
    ...names.map((name) => [name, tensorSpec(generator, name)] as const),
  ]);
}

/**
 * All settings that affect the game, except optimizers and averages, which belong to the networks.
 */
function settingsOf(
  { generator, loss, transforms, updatesPerStep, auxiliaryWeights, topK }: AdversarialParts,
  heads: readonly Head[],
  ofPenalties: Settings,
): Settings {
  const conditions = Object.entries(generator.inputs).flatMap(([name, input]) =>
    input.kind === 'condition' ? [prefixed(`conditions.${name}`, plain(input))] : [],
  );
  return {
    latentSize: generator.latentSize,
    latentDistribution: generator.latentDistribution,
    ...conditions.reduce((all, some) => ({ ...all, ...some }), {}),
    ...(heads.length > 0 && {
      heads: heads.map(({ output }) => output).join(', '),
      ...describeScheduled('auxiliaryWeights.generator', auxiliaryWeights.generator),
      ...describeScheduled('auxiliaryWeights.discriminator', auxiliaryWeights.discriminator),
    }),
    ...prefixed('loss', { name: loss.name, ...loss.settings }),
    ...ofPenalties,
    ...describeParts('transforms', transforms, ({ settings = {} }) => settings),
    ...(transforms.length > 0 && {
      'transforms.order': uniqueNames(transforms)
        .map(([name]) => name)
        .join(', '),
    }),
    ...(topK !== 1 && describeScheduled('topK', topK)),
    ...prefixed('updatesPerStep', updatesPerStep),
  };
}

/** The settings of a condition, with lists as text. */
function plain({ classes, categorical, ...input }: ConditionInput): Settings {
  return {
    ...(classes !== undefined && { classes }),
    ...(categorical !== undefined && { categorical: categorical.join(', ') }),
    ...('continuous' in input && { continuous: input.continuous }),
    source: input.source ?? (categorical === undefined ? 'batch' : 'prior'),
  };
}

import * as tf from '@tensorflow/tfjs';
import type { TableCodec } from '../../codecs/table/table-codec.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { describeScheduled, scheduledValue } from '../../core/schedules/scheduled-number.ts';
import type { Loss } from '../../losses/loss.ts';
import { penaltyWeights } from '../../losses/penalties/penalty-options.ts';
import type { Penalty } from '../../losses/penalties/penalty.ts';
import type { Discriminator } from '../../models/discriminator.ts';
import type { Generator } from '../../models/generator.ts';
import type { OptimizerSpec } from '../../optimizers/optimizer.ts';
import { prefixed } from '../describe-parts.ts';
import type { EmaOptions, Game, Pass, Settings, Tensors } from '../game.ts';
import { GamePenalties } from '../game-penalties.ts';
import { generatorLoss } from '../generator-loss.ts';
import { scaled } from '../scaled-term.ts';
import { TableSpans } from './table-spans.ts';

/** The parts of {@link ctganGame}. @internal */
export interface CtganParts {
  readonly codec: TableCodec;
  readonly generator: Generator;
  readonly discriminator: Discriminator<string, string>;
  readonly loss: Loss;
  readonly penalties: readonly Penalty[];
  readonly optimizers: Readonly<Record<'generator' | 'discriminator', OptimizerSpec>>;
  readonly updatesPerStep: Readonly<Record<'generator' | 'discriminator', number>>;
  readonly ema: EmaOptions | undefined;
  /** Rows that are judged together. */
  readonly pack: number;
  readonly temperature: number;
  /** Weight of the cross-entropy of requested choices. */
  readonly conditionWeight: number | Schedule;
}

/**
 * The game of CTGAN: the discriminator judges packs of rows with the conditions that they were
 * drawn or made for; the generator also lowers the cross-entropy of the choice that each row was
 * requested with.
 *
 * Real and fake rows of a place in the batch have one condition, as in the paper's algorithm 1.
 * Rows beyond a multiple of the pack are left out of the step.
 *
 * @see Xu et al., Modeling Tabular Data using Conditional GAN, 2019, section 4 and algorithm 1.
 * {@link https://arxiv.org/abs/1907.00503}
 *
 * @internal
 */
export function ctganGame(parts: CtganParts): Game {
  const { codec, generator, discriminator, loss, optimizers, updatesPerStep, ema, pack } = parts;
  const { conditionWeight } = parts;
  const spans = new TableSpans(codec.places);
  const isConditional = codec.conditionWidth > 0;
  const taken = [loss.name, 'condition', 'regularizers'];
  const penalties = new GamePenalties(parts.penalties, taken, parts);

  /** Rows behind each other, `pack` to one. */
  const packed = (rows: tf.Tensor): tf.Tensor => {
    const [, width = 0] = rows.shape;
    const count = packsOf(rows, pack);
    return tf.reshape(tf.slice(rows, 0, count * pack), [count, pack * width]);
  };
  const made = (pass: Pass, detached: boolean): { output: tf.Tensor; rows: tf.Tensor } => {
    const inputs = { ...pass.latents('generator'), ...pass.conditions('generator') };
    const options = detached ? ({ detached: true } as const) : {};
    const output = pass.run('generator', inputs, options)['samples']!;
    const rows = spans.activate(output, pass.random('gumbel'), parts.temperature);
    return { output, rows };
  };
  /** What the discriminator is given: real and fake packs, with one tensor of conditions. */
  const judged = (pass: Pass, rows: tf.Tensor): Record<'real' | 'fake', Tensors<string>> => {
    const condition = isConditional ? { condition: packed(pass.batch['condition']!) } : {};
    return {
      real: { samples: packed(pass.batch['samples']!), ...condition },
      fake: { samples: packed(rows), ...condition },
    };
  };
  const logits = (pass: Pass, inputs: Tensors<string>): tf.Tensor =>
    pass.run('discriminator', inputs)['logits']!;

  return {
    name: 'ctgan',
    settings: settingsOf(parts, penalties.settings),
    networks: {
      generator: { network: generator, optimizer: optimizers.generator, ema },
      discriminator: { network: discriminator, optimizer: optimizers.discriminator },
    },
    batch: {
      samples: { shape: [codec.width] },
      ...(isConditional && { condition: { shape: [codec.conditionWidth] } }),
    },
    turns: [
      {
        name: 'discriminator',
        updates: 'discriminator',
        times: updatesPerStep.discriminator,
        terms: (pass) => {
          const on = judged(pass, made(pass, true).rows);
          const value = loss.discriminator(logits(pass, on.real), logits(pass, on.fake));
          return { [loss.name]: value, ...penalties.terms(pass, 'discriminator', () => on) };
        },
      },
      {
        name: 'generator',
        updates: 'generator',
        times: updatesPerStep.generator,
        terms: (pass) => {
          const { output, rows } = made(pass, false);
          const on = judged(pass, rows);
          const onFake = logits(pass, on.fake);
          const value = generatorLoss(loss, onFake, () => logits(pass, on.real));
          const condition = pass.batch['condition'];
          const weight = scheduledValue(conditionWeight, pass.progress, penaltyWeights);
          if (condition !== undefined) {
            pass.metric('condition/fake', () => spans.requestedShare(rows, condition));
          }
          return {
            [loss.name]: value,
            ...(condition !== undefined && {
              condition: scaled(spans.crossEntropy(output, condition), weight),
            }),
            ...penalties.terms(pass, 'generator', () => on),
          };
        },
      },
    ],
    generators: { rows: generator },
  };
}

/** The number of whole packs. */
function packsOf(rows: tf.Tensor, pack: number): number {
  const count = Math.floor((rows.shape[0] ?? 0) / pack);
  if (count > 0) return count;
  throw new RangeError(
    `Cannot train: batchSize must be at least ${pack}, as so many rows are judged together, got ${rows.shape[0]}. ` +
      'Raise it, or create the GAN with a lower pack',
  );
}

/**
 * Everything that changes what the game computes, but optimizers and average, which are the
 * networks'.
 */
function settingsOf(parts: CtganParts, ofPenalties: Settings): Settings {
  const { codec, generator, loss, pack, temperature, conditionWeight, updatesPerStep } = parts;
  return {
    latentSize: generator.latentSize,
    'table.width': codec.width,
    'table.checksum': codec.checksum,
    pack,
    temperature,
    ...describeScheduled('conditionWeight', conditionWeight),
    ...prefixed('loss', { name: loss.name, ...loss.settings }),
    ...ofPenalties,
    ...prefixed('updatesPerStep', updatesPerStep),
  };
}

import { freeingOnError } from '../freeing.ts';
import { checkPositive, checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { deriveSeed } from '../../core/random.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkScheduled } from '../../core/schedules/scheduled-number.ts';
import type { TableDataset } from '../../data/table/table-dataset.ts';
import { checkLoss } from '../../games/check-adversarial.ts';
import { ctganGame } from '../../games/table/ctgan-game.ts';
import { WassersteinLoss } from '../../losses/adversarial/wasserstein.ts';
import { GradientPenalty } from '../../losses/penalties/gradient-penalty.ts';
import { penaltyWeights } from '../../losses/penalties/penalty-options.ts';
import { ctganDiscriminator, ctganGenerator } from '../../models/table/ctgan-networks.ts';
import { TableGenerator } from '../../models/table/table-generator.ts';
import { adam } from '../../optimizers/adam.ts';
import { checkOptimizers, checkPenalties, checkUpdates } from '../../training/check-parts.ts';
import { Trainer } from '../../training/trainer.ts';
import type { PresetTrainerOptions } from '../assemble-gan.ts';
import { fillIn } from '../fill-in.ts';
import { checkTable, checkUnits } from './check-table.ts';
import { TableGan } from './table-gan.ts';

/**
 * Settings of {@link createCtgan}.
 *
 * @example The losses of R3GAN in place of those of the paper
 * ```ts
 * const table = tableDataset(Array.from({ length: 100 }, (_, i) => ({ grade: i % 5, passed: i % 5 > 1 })));
 * const loss = new RelativisticLoss();
 * const penalties = [new R1Penalty({ weight: 1 }), new R2Penalty({ weight: 1 })];
 * const options: CreateCtganOptions = { table, loss, penalties, generatorUnits: [16], discriminatorUnits: [16] };
 * const gan = createCtgan(options);
 * await gan.trainer.fit(table, { steps: 1, batchSize: 50 });
 * gan.dispose();
 * ```
 */
export type CreateCtganOptions = Pick<
  PresetTrainerOptions,
  'loss' | 'penalties' | 'constraints' | 'optimizers' | 'updatesPerStep' | 'ema' | 'seed'
> & {
  /** The table to learn; its columns determine the shapes of the networks. */
  readonly table: TableDataset;
  /**
   * Size of the latent vectors.
   *
   * @defaultValue `128`
   */
  readonly latentSize?: number | undefined;
  /**
   * Widths of the generator's residual layers.
   *
   * @defaultValue `[256, 256]`
   */
  readonly generatorUnits?: readonly number[] | undefined;
  /**
   * Widths of the discriminator's layers.
   *
   * @defaultValue `[256, 256]`
   */
  readonly discriminatorUnits?: readonly number[] | undefined;
  /**
   * Rows per pack that the discriminator classifies (PacGAN). Rows of a batch beyond a multiple of
   * it are dropped.
   *
   * @defaultValue `10`
   */
  readonly pack?: number | undefined;
  /**
   * Temperature τ of the Gumbel-softmax: the lower, the closer its outputs are to one-hot.
   *
   * @defaultValue `0.2`
   */
  readonly temperature?: number | undefined;
  /**
   * Weight of the cross-entropy of the requested value in the generator's loss: a number of at
   * least 0, or a schedule. At 0, only the discriminator teaches the generator to follow its
   * conditions.
   *
   * @defaultValue `1`
   */
  readonly conditionWeight?: number | Schedule | undefined;
};

/**
 * CTGAN in one call: a conditional GAN for tables with categorical and numeric columns.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | numbers | mode-specific normalization: a mixture of up to 10 Gaussians per column | paper, section 4.2 |
 * | conditions | a uniformly drawn column, a value by log frequency, a row with that value | section 4.3 |
 * | generator | 2 × [relu(batch norm(dense 256)), input], tanh and Gumbel-softmax τ 0.2 | section 4.4 |
 * | discriminator | packs of 10 rows, 2 × (dense 256, leaky ReLU 0.2, dropout 0.5) | section 4.4 |
 * | loss | Wasserstein with gradient penalty 10 on packs; cross-entropy of the requested value | section 4.3, algorithm 1 |
 * | optimizer | Adam, learning rate 0.0002, β₁ 0.5, β₂ 0.9 | section 5.1; β as in WGAN-GP's code |
 * | batch | 500 in the paper: pass `batchSize` to `fit` | section 5.1 |
 *
 * Beyond the paper, frequent and missing values of numeric columns are conditions too. In training,
 * the metric `condition/fake` is the mean probability of the requested value in fake rows: near 1,
 * the generator follows its conditions.
 *
 * A generator may reproduce rows of the data, without differential privacy: `tableReport` measures
 * how close rows are.
 *
 * @param options - The table, widths, and overrides for any part of the training.
 * @returns The generator, the discriminator and their trainer; `dispose()` frees all except the
 *   table.
 * @throws TypeError if the table is not a `TableDataset`; RangeError if it has no column to learn,
 *   or a number is out of range.
 *
 * @example Penguins
 * ```ts no-run
 * const { readFile } = await import('node:fs/promises');
 * const table = tableDataset(await readFile('penguins.csv'));
 * const gan = createCtgan({ table });
 * await gan.trainer.fit(table, { epochs: 300, batchSize: 100 });
 * const rows = await gan.sample(1000, { where: { species: 'Adelie', mass: { min: 4000 } }, seed: 1 });
 * await gan.generator.save('file://penguins');
 * ```
 *
 * @see Xu et al., Modeling Tabular Data using Conditional GAN, 2019.
 *   {@link https://arxiv.org/abs/1907.00503}
 */
export function createCtgan(options: CreateCtganOptions): TableGan {
  const action = 'create a CTGAN';
  const parts = { constraints: undefined, ema: undefined, optimizers: undefined };
  const settings = withDefaults(action, options, {
    ...parts,
    table: undefined,
    latentSize: 128,
    generatorUnits: [256, 256],
    discriminatorUnits: [256, 256],
    pack: 10,
    temperature: 0.2,
    conditionWeight: 1,
    loss: new WassersteinLoss(),
    penalties: [new GradientPenalty({ weight: 10 })],
    updatesPerStep: undefined,
    seed: 42,
  });
  const { table, pack, temperature, conditionWeight, seed, loss, ema, constraints } = settings;
  checkTable(action, table);
  checkPositiveInteger(action, 'latentSize', settings.latentSize);
  checkPositiveInteger(action, 'pack', pack);
  checkPositive(action, 'temperature', temperature);
  checkScheduled(action, 'conditionWeight', conditionWeight, penaltyWeights);
  checkSeed(action, seed);
  checkUnits(action, 'generatorUnits', settings.generatorUnits);
  checkUnits(action, 'discriminatorUnits', settings.discriminatorUnits);
  const optimizer = adam({ learningRate: 2e-4, beta1: 0.5, beta2: 0.9 });
  const both = { generator: optimizer, discriminator: optimizer };
  const optimizers = checkOptimizers(fillIn(both, settings.optimizers));
  const penalties = checkPenalties(settings.penalties);
  const updatesPerStep = checkUpdates(settings.updatesPerStep);
  const { codec } = table;
  return freeingOnError((built) => {
    const generator = built(
      ctganGenerator(codec, { ...settings, seed: deriveSeed(seed, 'generator') }),
    );
    const discriminator = built(
      ctganDiscriminator(codec, { ...settings, seed: deriveSeed(seed, 'discriminator') }),
    );
    checkLoss(loss, discriminator);
    const networks = { codec, generator, discriminator };
    const rules = { loss, penalties, optimizers, updatesPerStep, ema };
    const game = ctganGame({ ...networks, ...rules, pack, temperature, conditionWeight });
    const trainer = new Trainer({ game, constraints, seed });
    return new TableGan({
      generator: new TableGenerator(generator, codec),
      discriminator,
      trainer,
    });
  });
}

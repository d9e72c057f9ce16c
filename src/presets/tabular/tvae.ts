import { disposeWeights } from '../../models/build-model.ts';
import {
  checkNonNegative,
  checkPositiveInteger,
  checkSeed,
  withDefaults,
} from '../../core/checks.ts';
import { deriveSeed } from '../../core/random.ts';
import type { TableDataset } from '../../data/table/table-dataset.ts';
import { tvaeGame } from '../../games/table/tvae-game.ts';
import { TableGenerator } from '../../models/table/table-generator.ts';
import { tvaeDecoder, tvaeEncoder } from '../../models/table/tvae-networks.ts';
import { adam } from '../../optimizers/adam.ts';
import { checkOptimizer } from '../../optimizers/check-optimizer.ts';
import type { OptimizerSpec } from '../../optimizers/optimizer.ts';
import { Trainer } from '../../training/trainer.ts';
import type { PresetTrainerOptions } from '../assemble-gan.ts';
import { freeingOnError } from '../freeing.ts';
import { checkTable, checkUnits } from './check-table.ts';
import { TableVae } from './table-vae.ts';

/**
 * Settings of {@link createTvae}.
 *
 * @example Narrow networks for a small table
 * ```ts
 * const table = tableDataset(Array.from({ length: 100 }, (_, i) => ({ grade: i % 5, passed: i % 5 > 1 })));
 * const options: CreateTvaeOptions = { table, units: [32], latentSize: 8 };
 * const vae = createTvae(options);
 * await vae.trainer.fit(table, { steps: 1, batchSize: 50 });
 * vae.dispose();
 * ```
 */
export type CreateTvaeOptions = Pick<PresetTrainerOptions, 'ema' | 'seed'> & {
  /** The table to learn; its columns determine the shapes of the networks. */
  readonly table: TableDataset;
  /**
   * Size of the latent vectors.
   *
   * @defaultValue `128`
   */
  readonly latentSize?: number | undefined;
  /**
   * Widths of the hidden layers of the encoder, and of the decoder.
   *
   * @defaultValue `[128, 128]`
   */
  readonly units?: readonly number[] | undefined;
  /**
   * Weight of the reconstruction against the divergence of the latents; at least 0. At 1 the loss
   * is the evidence lower bound.
   *
   * @defaultValue `2`
   */
  readonly lossFactor?: number | undefined;
  /**
   * The optimizer of both networks.
   *
   * @defaultValue Adam, learning rate 0.001
   */
  readonly optimizer?: OptimizerSpec | undefined;
};

/**
 * TVAE in one call: a variational autoencoder for tables, the plain alternative to `createCtgan`.
 *
 * A step is cheaper than CTGAN's and its loss can be read, but it has no conditions: `where` is met
 * by rejection alone, so a rare value costs many draws. Compare the two by `tableReport`.
 *
 * | setting | value | source |
 * | --- | --- | --- |
 * | rows | as for `createCtgan`; batches follow the frequencies of the data | paper, section 4.2 |
 * | networks | encoder and decoder of 2 × (dense 128, ReLU), 128 latents | section 4.5 |
 * | loss | 2 · reconstruction + KL divergence; numbers: a normal distribution with a learned deviation in 0.01…1 per column; choices: cross-entropy | section 4.5, its code |
 * | optimizer | Adam, learning rate 0.001, weight decay 10⁻⁵ | its code |
 * | batch | 500 in the paper: pass `batchSize` to `fit` | section 5.1 |
 *
 * Rows are sampled from the decoder's distributions; the paper's code takes the most likely choices
 * instead, which makes rare ones rarer.
 *
 * A generator may reproduce rows of the data, without differential privacy: `tableReport` measures
 * how close rows are.
 *
 * @param options - The table, widths, and overrides.
 * @returns The decoder and the trainer; `dispose()` frees all except the table.
 * @throws TypeError if the table is not a `TableDataset`; RangeError if it has no column to learn,
 *   or a number is out of range.
 *
 * @example Penguins
 * ```ts no-run
 * const { readFile } = await import('node:fs/promises');
 * const table = tableDataset(await readFile('penguins.csv'));
 * const vae = createTvae({ table });
 * await vae.trainer.fit(table, { epochs: 300, batchSize: 100 });
 * const rows = await vae.sample(1000, { seed: 1 });
 * await vae.generator.save('file://penguins');
 * ```
 *
 * @see Xu et al., Modeling Tabular Data using Conditional GAN, 2019, section 4.5.
 *   {@link https://arxiv.org/abs/1907.00503}
 */
export function createTvae(options: CreateTvaeOptions): TableVae {
  const action = 'create a TVAE';
  const settings = withDefaults(action, options, {
    table: undefined,
    latentSize: 128,
    units: [128, 128],
    lossFactor: 2,
    optimizer: adam({ learningRate: 1e-3, beta1: 0.9, beta2: 0.999 }),
    ema: undefined,
    seed: 42,
  });
  const { table, latentSize, units, lossFactor, optimizer, ema, seed } = settings;
  checkTable(action, table);
  checkPositiveInteger(action, 'latentSize', latentSize);
  checkNonNegative(action, 'lossFactor', lossFactor);
  checkSeed(action, seed);
  checkUnits(action, 'units', units);
  checkOptimizer(action, 'optimizer', optimizer);
  const { codec } = table;
  const sizes = { latentSize, units };
  return freeingOnError((built) => {
    const encoder = tvaeEncoder(codec, { ...sizes, seed: deriveSeed(seed, 'encoder') });
    const freeEncoder = (): void => {
      disposeWeights(encoder.model);
    };
    built({ dispose: freeEncoder });
    const generator = built(tvaeDecoder(codec, { ...sizes, seed: deriveSeed(seed, 'generator') }));
    const optimizers = { encoder: optimizer, generator: optimizer };
    const game = tvaeGame({ codec, encoder, generator, optimizers, ema, lossFactor });
    const trainer = new Trainer({ game, seed });
    return new TableVae({ generator: new TableGenerator(generator, codec), trainer, freeEncoder });
  });
}

import { formatValue } from '../../core/format.ts';
import { cosineDecay } from '../../core/schedules/cosine-decay.ts';
import { linearDecay } from '../../core/schedules/linear-decay.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Generator } from '../../models/generator.ts';
import type { ImageShape } from '../../models/image-shape.ts';
import type { TableGenerator } from '../../models/table/table-generator.ts';
import { adam } from '../../optimizers/adam.ts';
import type { PresetTrainerOptions } from '../../presets/assemble-gan.ts';
import { createDcgan } from '../../presets/dcgan.ts';
import { createMlpGan } from '../../presets/mlp-gan.ts';
import { createR3gan } from '../../presets/r3gan.ts';
import { createSngan } from '../../presets/sngan.ts';
import { createCtgan } from '../../presets/tabular/ctgan.ts';
import { createWganGp } from '../../presets/wgan-gp.ts';
import { Gan } from '../../training/gan.ts';
import type { Trainer } from '../../training/trainer.ts';
import { adaptiveAugment } from '../../transforms/adaptive-augment.ts';
import { diffAugment } from '../../transforms/diff-augment.ts';
import { importDefault } from '../config/read-config.ts';
import { readData, readTable } from '../data/read-data.ts';
import { UsageError } from '../usage-error.ts';
import type { RunSettings } from './run-settings.ts';

/** The data, the networks and their trainer. */
export interface BuiltRun {
  readonly dataset: Dataset;
  readonly trainer: Trainer;
  /** What the run leaves behind. */
  readonly generator: Generator | TableGenerator;
  dispose(): void;
}

/** Reads the data and creates the networks that the settings of a run describe. */
export async function buildRun(settings: RunSettings): Promise<BuiltRun> {
  if (settings.preset === 'ctgan') {
    const table = await readTable(settings.data);
    const { seed, latentSize, learningRate, baseFilters } = settings;
    if (learningRate !== undefined || baseFilters !== undefined) {
      throw new UsageError(
        `Cannot train: --${learningRate === undefined ? 'base-filters' : 'learning-rate'} must be used with pictures or arrays, got a table`,
      );
    }
    const gan = createCtgan({ table, seed, latentSize });
    return {
      dataset: table,
      trainer: gan.trainer,
      generator: gan.generator,
      dispose: () => gan.dispose(),
    };
  }
  const dataset = await readData(settings.data);
  const gan = await createGan(settings);
  return { dataset, trainer: gan.trainer, generator: gan.generator, dispose: () => gan.dispose() };
}

/**
 * Half-life, in samples, of the average at the end of a run: about the twentieth of a run of some
 * minutes.
 */
const endHalfLife = 5000;

/** The networks and the trainer that the settings of a run describe, other than those of a table. */
export async function createGan(settings: RunSettings): Promise<Gan> {
  return settings.gan === undefined ? createPreset(settings) : ownGan(settings.gan, settings);
}

/** The networks that the function `gan` of a module of settings creates. */
async function ownGan(file: string, settings: RunSettings): Promise<Gan> {
  const { sampleShape, classes, seed } = settings;
  const config = (await importDefault(file)) as
    { readonly gan?: (request: object) => unknown } | undefined;
  const create = config?.gan;
  const made: unknown =
    typeof create === 'function'
      ? await create({ sampleShape, classes, seed, transforms: transformsOf(settings) })
      : undefined;
  if (made instanceof Gan) return made;
  throw new Error(
    `Cannot train: gan of '${file}' must return what a preset such as createDcgan of 'tfjs-gan' returns, got ${formatValue(made)}`,
  );
}

function createPreset(settings: RunSettings): Gan {
  const { preset, sampleShape = [], classes, baseFilters, latentSize, seed } = settings;
  const transforms = transformsOf(settings);
  // At the start of a run the average would keep the untrained weights.
  const ema = { halfLife: cosineDecay({ from: 0, to: endHalfLife }) };
  const shared = {
    seed,
    latentSize,
    ema,
    transforms,
    ...(classes === undefined ? {} : { classes }),
  };
  if (preset === 'mlp') {
    if (baseFilters !== undefined)
      throw new UsageError(
        'Cannot train: --base-filters must be used with networks for images, got mlp',
      );
    return createMlpGan({ ...shared, sampleShape, optimizers: quickOptimizers(settings, 2e-4) });
  }
  const images = { ...shared, imageShape: sampleShape as unknown as ImageShape, baseFilters };
  if (preset === 'dcgan') {
    return createDcgan({ ...images, optimizers: quickOptimizers(settings, 2e-3) });
  }
  if (settings.learningRate !== undefined) {
    throw new UsageError(
      `Cannot train: --learning-rate must be used with dcgan or mlp, got ${preset}, whose rates belong together`,
    );
  }
  if (preset === 'wgan-gp') return createWganGp(images);
  if (preset === 'sngan') return createSngan(images);
  return createR3gan({ ...images, ema: undefined });
}

/**
 * Adam with a rate that falls to 0 in the second half, however long the run is:
 * docs/results/mnist.md has the effect.
 */
function quickOptimizers(
  { learningRate }: RunSettings,
  usual: number,
): PresetTrainerOptions['optimizers'] {
  const optimizer = adam({
    learningRate: linearDecay({ from: learningRate ?? usual, hold: 0.5 }),
    beta1: 0.5,
  });
  return { generator: optimizer, discriminator: optimizer };
}

/**
 * Translation and cutout: of gray pictures, and of colors that matter, the policy `color` would
 * change too much.
 */
function transformsOf({ augment }: RunSettings): PresetTrainerOptions['transforms'] {
  if (augment === 'none') return undefined;
  return augment === 'diff'
    ? [diffAugment({ policy: ['translation', 'cutout'] })]
    : [adaptiveAugment()];
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConsistencyPenalty,
  createDcgan,
  createMlpGan,
  diffAugment,
  FeatureMatching,
  HingeLoss,
  HistoricalAveraging,
  LecamPenalty,
  linearDecay,
  OrthogonalPenalty,
} from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { catchWarnings } from '../support/catch-warnings.ts';
import { hasPythonModule } from './python.ts';
import {
  ContinuedRuns,
  expectContinued,
  type PreparedRun,
  type Recipe,
  train,
} from './torch-training.ts';

const images = {
  imageShape: [8, 8, 1],
  baseFilters: 4,
  latentSize: 6,
  normalization: { generator: 'batch', discriminator: 'none' },
} as const;

/** A running mean of all rows, and random numbers for all rows. */
const shared = 'with LeCam, consistency of both sides and transforms';

/** Runs with penalties that are no gradients of the discriminator. */
const recipes: Readonly<Record<string, Recipe>> = {
  [shared]: {
    create: () =>
      createDcgan({
        ...images,
        loss: new HingeLoss(),
        transforms: [diffAugment({ policy: ['color'] })],
        penalties: [
          new LecamPenalty({ decay: 0.9 }),
          new ConsistencyPenalty({ augment: diffAugment(), sides: 'both', weight: 1 }),
        ],
      }),
    sampleShape: [8, 8, 1],
  },
  'with orthogonal filters of both networks': {
    create: () =>
      createDcgan({
        ...images,
        penalties: [
          new OrthogonalPenalty({ weight: linearDecay({ from: 0.1 }) }),
          new OrthogonalPenalty({ target: 'discriminator', entries: 'all', weight: 0.01 }),
        ],
      }),
    sampleShape: [8, 8, 1],
  },
  'with averages of the past weights of both networks': {
    create: () =>
      createMlpGan({
        sampleShape: [6],
        hiddenUnits: [12, 16],
        latentSize: 4,
        penalties: [
          new HistoricalAveraging({ weight: linearDecay({ from: 0.5 }) }),
          new HistoricalAveraging({ target: 'discriminator', every: 2, weight: 0.1 }),
        ],
      }),
    sampleShape: [6],
  },
  'with matched features and a late LeCam': {
    create: () =>
      createMlpGan({
        sampleShape: [6],
        hiddenUnits: [12, 16],
        latentSize: 4,
        penalties: [new FeatureMatching({ every: 2 }), new LecamPenalty({ every: 4 })],
      }),
    sampleShape: [6],
  },
};

describe.skipIf(!hasPythonModule('torch'))('train.py with penalties (needs python3-torch)', () => {
  let runs: ContinuedRuns;
  /** A run that two processes continue. */
  let ofTwo: PreparedRun | undefined;
  catchWarnings();

  beforeAll(async () => {
    await wasmTrain({ threads: 1 }).activate();
    ({
      runs,
      copies: [ofTwo],
    } = await ContinuedRuns.of(recipes, shared));
  });
  afterAll(async () => {
    await runs.remove();
  });

  test.each(Object.keys(recipes))('continues a run %s as a trainer does', async (name) => {
    expect(runs.errorOf(name)).toBeNull();
    await expectContinued(runs.run(name));
  });

  test('continues it as a trainer does on two processes', async () => {
    const { code, stderr } = await train(ofTwo!, { processes: 2 });
    expect(code, stderr).toBe(0);
    await expectContinued(ofTwo!);
  });
});

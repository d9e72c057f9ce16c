import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ConsistencyPenalty,
  createDcgan,
  createMlpGan,
  diffAugment,
  FeatureMatching,
  HingeLoss,
  LecamPenalty,
  linearDecay,
  OrthogonalPenalty,
} from 'tfjs-gan';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { catchWarnings } from '../support/catch-warnings.ts';
import { hasPythonModule, runPython } from './python.ts';
import {
  argumentsOf,
  copyRun,
  expectSameBooks,
  expectSameState,
  prepareRun,
  type PreparedRun,
  type Recipe,
  restored,
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
  let root: string;
  const runs: PreparedRun[] = [];
  let ended: Readonly<Record<string, string | null>> = {};
  /** A run that two processes continue. */
  let ofTwo: PreparedRun;
  catchWarnings();

  beforeAll(async () => {
    await wasmTrain({ threads: 1 }).activate();
    root = await mkdtemp(join(tmpdir(), 'tfjs-gan-torch-penalties-'));
    for (const recipe of Object.values(recipes)) {
      const run = await prepareRun(join(root, 'runs', String(runs.length)), recipe);
      await writeFile(join(run.folder, 'arguments.json'), JSON.stringify(argumentsOf(run)));
      runs.push(run);
    }
    ofTwo = await copyRun(runs[Object.keys(recipes).indexOf(shared)]!, join(root, 'two'));
    ended = JSON.parse(runPython('run_training.py', join(root, 'runs'))) as typeof ended;
  });
  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  async function expectSame(run: PreparedRun): Promise<void> {
    const got = await restored(run);
    expectSameState(run.expected, got, 1e-6);
    expectSameBooks(run.expected, got);
  }

  test.each(Object.keys(recipes).map((name, i) => [name, i] as const))(
    'continues a run %s as a trainer does',
    async (_, i) => {
      expect(ended[i]).toBeNull();
      await expectSame(runs[i]!);
    },
  );

  test('continues it as a trainer does on two processes', async () => {
    const { code, stderr } = await train(ofTwo, { processes: 2 });
    expect(code, stderr).toBe(0);
    await expectSame(ofTwo);
  });
});

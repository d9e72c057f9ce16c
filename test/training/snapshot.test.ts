import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  CheckpointError,
  clipGradients,
  createMlpGan,
  Discriminator,
  type Gan,
  GradientPenalty,
  mlpGenerator,
  OrthogonalPenalty,
  R1Penalty,
  ring8,
  SpectralNorm,
  Trainer,
  type TrainerOptions,
  type TrainerSnapshot,
  useBackend,
  WeightClipping,
} from 'tfjs-gan';
import { blobs, timeless, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

describe.each(['cpu', 'wasm-train'] as const)('snapshot and restore on %s', (backend) => {
  test.each([
    ['at the end of an epoch', 5],
    ['in the middle of an epoch', 7],
    ['before the first step', 0],
  ])('continue bit-for-bit %s, in a Gan made anew', async (_when, steps) => {
    await useBackend(backend);
    const make = () => tinyDcgan({ updatesPerStep: { discriminator: 2 } });
    const undisturbed = make();
    await undisturbed.trainer.fit(blobs(), { until: { epochs: 3 }, batchSize: 4 });

    const first = make();
    await first.trainer.fit(blobs(), { steps, batchSize: 4 });
    // Through JSON and back, as a file would.
    const snapshot = revive(JSON.stringify(await first.trainer.snapshot()));
    await first.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    first.dispose();

    const second = make();
    await second.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const tensors = tf.memory().numTensors;
    await second.trainer.restore(snapshot);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(second.trainer.step).toBe(steps);
    await second.trainer.fit(blobs(), { until: { epochs: 3 }, batchSize: 4 });

    expect(weightsOf(second)).toEqual(weightsOf(undisturbed));
    expect(timeless(second.trainer.history.steps)).toEqual(
      timeless(undisturbed.trainer.history.steps),
    );
    expect(second.trainer.history.epochs).toHaveLength(3);
    const [a, b] = [await second.trainer.snapshot(), await undisturbed.trainer.snapshot()];
    expect({ ...a, history: 0 }).toEqual({ ...b, history: 0 });
    undisturbed.dispose();
    second.dispose();
    await useBackend('cpu');
  });
});

test('a restored trainer draws the masks of dropout that come next', async () => {
  const make = (): Pick<Gan, 'generator' | 'discriminator' | 'trainer'> => {
    const model = tf.sequential({
      layers: [
        tf.layers.dropout({ rate: 0.5, inputShape: [2] }),
        tf.layers.dense({ units: 1, kernelInitializer: 'ones' }),
      ],
    });
    const networks = {
      generator: mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [4] }),
      discriminator: new Discriminator({ model, ownsModel: true }),
    };
    return { ...networks, trainer: new Trainer({ ...networks, seed: 5 }) };
  };
  const [undisturbed, other] = [make(), make()];
  await undisturbed.trainer.fit(ring8({ size: 32 }), { steps: 2, batchSize: 4 });
  await other.trainer.restore(await undisturbed.trainer.snapshot());
  for (const { trainer } of [undisturbed, other]) {
    await trainer.fit(ring8({ size: 32 }), { steps: 2, batchSize: 4 });
  }
  expect(weightsOf(other)).toEqual(weightsOf(undisturbed));
  for (const game of [undisturbed, other]) {
    for (const part of [game.trainer, game.generator, game.discriminator]) part.dispose();
  }
});

describe('snapshot', () => {
  test('taken while a step is under way waits for it to be whole', async () => {
    using gan = tinyDcgan();
    const run = gan.trainer.fit(blobs(), { steps: 3, batchSize: 4 });
    const snapshots: TrainerSnapshot[] = [];
    for (let i = 0; i < 5; i += 1) snapshots.push(await gan.trainer.snapshot());
    await run;
    using other = tinyDcgan();
    for (const snapshot of snapshots) {
      await other.trainer.restore(snapshot);
      await other.trainer.fit(blobs(), { until: { steps: 3 }, batchSize: 4 });
      expect(weightsOf(other)).toEqual(weightsOf(gan));
    }
  });
});

describe('restore', () => {
  test('refuses other settings, with the list, and changes nothing', async () => {
    using gan = tinyDcgan();
    await gan.trainer.fit(blobs(), { steps: 2, batchSize: 4 });
    const snapshot = await gan.trainer.snapshot();
    using other = tinyDcgan({
      seed: 7,
      optimizers: { generator: adam({ learningRate: 1e-3 }) },
    });
    const before = weightsOf(other);
    const error: unknown = await other.trainer.restore(snapshot).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as CheckpointError).differences).toEqual([
      'seed: was 42, is 7',
      'optimizers.generator.learningRate: was 0.0002, is 0.001',
    ]);
    expect((error as CheckpointError).message).toContain('seed: was 42, is 7');
    expect(weightsOf(other)).toEqual(before);
    expect(other.trainer.step).toBe(0);

    await other.trainer.restore(snapshot, {
      allow: ['seed', 'optimizers.generator.learningRate'],
    });
    expect(weightsOf(other)).toEqual(weightsOf(gan));
  });

  const [between, atReal] = [new GradientPenalty(), new R1Penalty()];
  const [norm, clipping] = [new SpectralNorm(), new WeightClipping()];
  const clipped = (...kinds: Parameters<typeof clipGradients>[1][]): Partial<TrainerOptions> => ({
    optimizers: { generator: kinds.reduce(clipGradients, adam()) },
  });
  test.each<[string, string, Partial<TrainerOptions>, Partial<TrainerOptions>]>([
    [
      'penalties.order.discriminator: was gradientPenalty, r1, is r1, gradientPenalty',
      'penalties.order.discriminator',
      { penalties: [between, atReal] },
      { penalties: [atReal, between] },
    ],
    [
      'constraints.order.discriminator: was spectralNorm, weightClipping, is weightClipping, spectralNorm',
      'constraints.order.discriminator',
      { constraints: [norm, clipping] },
      { constraints: [clipping, norm] },
    ],
    [
      'optimizers.generator.clip.order: was norm, globalNorm, is globalNorm, norm',
      'optimizers.generator.clip.order',
      clipped({ norm: 1 }, { globalNorm: 2 }),
      clipped({ globalNorm: 2 }, { norm: 1 }),
    ],
  ])('refuses another order: %s', async (line, setting, one, other) => {
    const [first, second] = [one, other].map((options) =>
      createMlpGan({ sampleShape: [2], hiddenUnits: [4], ...options }),
    ) as [Gan, Gan];
    const snapshot = await first.trainer.snapshot();
    const error: unknown = await second.trainer
      .restore(snapshot)
      .catch((caught: unknown) => caught);
    expect((error as CheckpointError).differences).toEqual([line]);
    await second.trainer.restore(snapshot, { allow: [setting] });
    first.dispose();
    second.dispose();
  });

  test('takes another order if it decides nothing', async () => {
    const onGenerator = new OrthogonalPenalty();
    const make = (penalties: TrainerOptions['penalties']): Gan =>
      createMlpGan({ sampleShape: [2], hiddenUnits: [4], penalties });
    const first = make([atReal, onGenerator, new R1Penalty({ weight: 0 })]);
    const second = make([onGenerator, atReal, new R1Penalty({ weight: 0 })]);
    await first.trainer.fit(ring8({ size: 8 }), { steps: 1, batchSize: 4 });
    await second.trainer.restore(await first.trainer.snapshot());
    expect(weightsOf(second)).toEqual(weightsOf(first));
    // One that is left out is recognized by its own settings, and the order of the others stays.
    const [whole, part] = [make([atReal, between, onGenerator]), make([between, onGenerator])];
    const missing = ['target', 'weight', 'every'].map((name) => `penalties.r1.${name}`);
    await whole.trainer.fit(ring8({ size: 8 }), { steps: 1, batchSize: 4 });
    await part.trainer.restore(await whole.trainer.snapshot(), { allow: missing });
    expect(weightsOf(part)).toEqual(weightsOf(whole));
    for (const gan of [first, second, whole, part]) gan.dispose();
  });

  test('names the weights that do not fit', async () => {
    const gan = tinyDcgan();
    const snapshot = await gan.trainer.snapshot();
    const wider = tinyDcgan({ baseFilters: 3 });
    await expect(wider.trainer.restore(snapshot)).rejects.toThrow(
      'generator weight 0.dense/kernel: was [4, 32], is [4, 48]',
    );
    const mlp = createMlpGan({ sampleShape: [8, 8, 1], latentSize: 4, hiddenUnits: [3] });
    await expect(mlp.trainer.restore(snapshot)).rejects.toThrow('is none');
    for (const made of [gan, wider, mlp]) made.dispose();
  });

  test.each<[string, (snapshot: Draft) => void, string]>([
    [
      'values that are cut short',
      (snapshot) => {
        const [array] = Object.values(snapshot.networks.generator);
        if (array !== undefined) array.values = array.values.slice(1);
      },
      'must have 128 values for the shape [4, 32], got 127. It may be truncated',
    ],
    [
      'a random state of another kind',
      (snapshot) => {
        snapshot.random.latents = [1, 2, 3];
      },
      'random.latents of the snapshot must be as returned by trainer.snapshot(), got [1, 2, 3]',
    ],
    [
      'no cursor',
      (snapshot) => {
        delete snapshot.cursor;
      },
      'cursor of the snapshot must be as returned by trainer.snapshot(), got undefined',
    ],
    [
      'no optimizers',
      (snapshot) => {
        delete snapshot.optimizers;
      },
      'optimizers of the snapshot must be as returned by trainer.snapshot(), got undefined',
    ],
    [
      'sums of a history that are none',
      (snapshot) => {
        Object.assign(snapshot.history, { sums: { seconds: 1, epoch: { number: 1 } } });
      },
      'history of the snapshot must be as returned by trainer.snapshot(), got an object',
    ],
    [
      'a way through JSON',
      (snapshot) => {
        Object.assign(snapshot, JSON.parse(JSON.stringify(snapshot)));
      },
      'JSON does not preserve typed arrays: copy a snapshot with structuredClone',
    ],
  ])('refuses %s and changes nothing', async (_name, damage, message) => {
    using gan = tinyDcgan();
    const snapshot = structuredClone(await gan.trainer.snapshot()) as unknown as Draft;
    damage(snapshot);
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 4 });
    const before = await gan.trainer.snapshot();
    const restoring = gan.trainer.restore(snapshot as unknown as TrainerSnapshot);
    await expect(restoring).rejects.toThrow(message);
    await expect(restoring).rejects.toBeInstanceOf(CheckpointError);
    expect(await gan.trainer.snapshot()).toEqual(before);
  });

  test('refuses a snapshot of a newer form politely', async () => {
    using gan = tinyDcgan();
    const snapshot = { ...(await gan.trainer.snapshot()), format: 2 } as unknown as TrainerSnapshot;
    await expect(gan.trainer.restore(snapshot)).rejects.toThrow(
      'Cannot restore: the snapshot must be of format 1, got 2. A higher number was written by a newer version',
    );
    await expect(gan.trainer.restore(undefined as never)).rejects.toThrow('got undefined');
  });
});

/** Reads a snapshot back, with its arrays as arrays. */
function revive(text: string): TrainerSnapshot {
  return JSON.parse(text, (key, value: unknown) =>
    key === 'values' ? Float32Array.from(Object.values(value as Record<string, number>)) : value,
  ) as TrainerSnapshot;
}

/** A snapshot that can be damaged. */
interface Draft {
  networks: Record<'generator', Record<string, { values: Float32Array }>>;
  random: Record<'latents', number[]>;
  history: object;
  cursor?: unknown;
  optimizers?: unknown;
}

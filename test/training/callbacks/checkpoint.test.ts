import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  checkpoint,
  CheckpointError,
  type CheckpointFiles,
  type CheckpointStore,
  type Gan,
  memoryStore,
  type StepInfo,
  useBackend,
} from 'tfjs-gan';
import { catchWarnings } from '../../support/catch-warnings.ts';
import { blobs, timeless, tinyDcgan, weightsOf } from '../../support/tiny-gan.ts';
import '../../support/on-cpu.ts';

const warn = catchWarnings();
const said = (): string => warn.mock.calls.flat().join('\n');

/** Trains a tiny Gan that writes after every step. */
async function trained(store: CheckpointStore, steps: number, keep = 3): Promise<Gan> {
  const gan = tinyDcgan();
  const callbacks = [checkpoint(store, { every: { steps: 1 }, keep })];
  await gan.trainer.fit(blobs(), { steps, batchSize: 4, callbacks });
  return gan;
}

/** Changes one file of one checkpoint; undefined takes it away. */
async function harm(
  store: CheckpointStore,
  name: string,
  file: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
): Promise<void> {
  const { [file]: bytes, ...rest } = (await store.read(name))!;
  const changed = change(bytes!);
  await store.remove(name);
  await store.write(name, changed === undefined ? rest : { ...rest, [file]: changed });
}

const sorted = async (store: CheckpointStore): Promise<string[]> =>
  [...(await store.list())].sort();

describe.each(['cpu', 'wasm-train'] as const)('checkpoint and restore on %s', (backend) => {
  test.each([
    ['mid-epoch', 7],
    ['at the end of an epoch', 10],
  ])('continue bit-for-bit %s', async (_when, steps) => {
    await useBackend(backend);
    const undisturbed = tinyDcgan();
    await undisturbed.trainer.fit(blobs(), { until: { epochs: 2 }, batchSize: 4 });

    const store = memoryStore();
    (await trained(store, steps)).dispose();
    const again = tinyDcgan();
    const tensors = tf.memory().numTensors;
    expect(await again.trainer.restore(store)).toBe(true);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(again.trainer.step).toBe(steps);
    const callbacks = [checkpoint(store)];
    await again.trainer.fit(blobs(), { until: { epochs: 2 }, batchSize: 4, callbacks });

    expect(weightsOf(again)).toEqual(weightsOf(undisturbed));
    expect(timeless(again.trainer.history.steps)).toEqual(
      timeless(undisturbed.trainer.history.steps),
    );
    const [a, b] = [await again.trainer.snapshot(), await undisturbed.trainer.snapshot()];
    expect({ ...a, history: 0 }).toEqual({ ...b, history: 0 });
    undisturbed.dispose();
    again.dispose();
    await useBackend('cpu');
  });
});

describe('checkpoint', () => {
  test('writes in its rhythm and at the end, and keeps the newest', async () => {
    const store = memoryStore();
    using gan = tinyDcgan();
    const every = { steps: 4 };
    const callbacks = [checkpoint(store, { every, keep: 2 })];
    await gan.trainer.fit(blobs(), { steps: 9, batchSize: 4, callbacks });
    expect(await sorted(store)).toEqual(['0002-step-8', '0003-step-9']);
    // A run without a step has nothing to write.
    await gan.trainer.fit(blobs(), { steps: 0, batchSize: 4, callbacks });
    await gan.trainer.fit(blobs(), { epochs: 1, batchSize: 4, callbacks });
    expect(await sorted(store)).toEqual(['0003-step-9', '0004-step-10']);
  });

  test('goes by epochs and by the clock', async () => {
    const [byEpoch, byMinute] = [memoryStore(), memoryStore()];
    using gan = tinyDcgan();
    const callbacks = [
      checkpoint(byEpoch, { every: { epochs: 1 }, keep: Infinity }),
      checkpoint(byMinute, { every: { minutes: 1e-9 }, keep: Infinity }),
    ];
    await gan.trainer.fit(blobs(), { steps: 11, batchSize: 4, callbacks });
    expect(await byEpoch.list()).toEqual(['0001-step-10', '0002-step-11']);
    expect(await byMinute.list()).toHaveLength(11);
  });

  test('keeps the best as well, over a restart, and restores it', async () => {
    const store = memoryStore();
    const scores = [5, 3, 4, NaN, 2.5, 9, 2.75, 8, 8, 8];
    const options = {
      every: { steps: 1 },
      keep: 1,
      best: { value: (step: StepInfo) => scores[step.number - 1] ?? 9, mode: 'min' },
    } as const;
    const gan = tinyDcgan();
    const fit = (of: Gan, until: number): Promise<unknown> =>
      of.trainer.fit(blobs(), {
        until: { steps: until },
        batchSize: 4,
        callbacks: [checkpoint(store, options)],
      });
    await fit(gan, 4);
    expect(await sorted(store)).toEqual(['0002-step-2', '0004-step-4']);
    const other = tinyDcgan();
    await other.trainer.restore(store);
    await fit(other, 7);
    expect(await sorted(store)).toEqual(['0005-step-5', '0007-step-7']);
    const third = tinyDcgan();
    await third.trainer.restore(store, { which: 'best' });
    expect(third.trainer.step).toBe(5);
    // The run continues from there; what was written last counts as the newest.
    await fit(third, 6);
    expect(await sorted(store)).toEqual(['0005-step-5', '0008-step-6']);
    for (const made of [gan, other, third]) made.dispose();
  });

  test('says if no best one is kept', async () => {
    const store = memoryStore();
    using gan = await trained(store, 1);
    await expect(gan.trainer.restore(store, { which: 'best' })).rejects.toThrow(
      `Cannot restore from ${store.name}: it must keep a best checkpoint, got 0001-step-1 which names none. ` +
        'Write with checkpoint(store, { best: … })',
    );
  });

  test('refuses a store of another run before the first step', async () => {
    const store = memoryStore();
    (await trained(store, 2)).dispose();
    using other = tinyDcgan();
    const callbacks = [checkpoint(store)];
    await expect(other.trainer.fit(blobs(), { steps: 1, batchSize: 4, callbacks })).rejects.toThrow(
      `Cannot checkpoint: ${store.name} must be empty, or what the trainer was restored from, got the checkpoints of ` +
        'another run (the newest is 0002-step-2). Call await trainer.restore(store) first, or choose another place',
    );
    expect(other.trainer.step).toBe(0);
    expect(await store.list()).toHaveLength(2);
    // And gives it back: the run it belongs to can continue.
    await other.trainer.restore(store);
    await other.trainer.fit(blobs(), { steps: 1, batchSize: 4, callbacks });
    expect(await store.list()).toHaveLength(3);
  });

  test('ends the run if it cannot write, with all else unharmed', async () => {
    const store = memoryStore();
    let full = false;
    const disk: CheckpointStore = {
      ...store,
      write: async (name: string, files: CheckpointFiles) => {
        if (full)
          throw new Error("Cannot write a checkpoint: 'x' must be writable, got a full disk", {
            cause: Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }),
          });
        await store.write(name, files);
        full = true;
      },
    };
    using gan = tinyDcgan();
    const callbacks = [checkpoint(disk, { every: { steps: 2 } })];
    const run = gan.trainer.fit(blobs(), { steps: 6, batchSize: 4, callbacks });
    await expect(run).rejects.toBeInstanceOf(CheckpointError);
    await expect(run).rejects.toThrow(
      "Cannot write a checkpoint: 'x' must be writable, got a full disk. 0001-step-2 is intact, and the state of training " +
        'at step 4 is intact: free disk space and continue',
    );
    full = false;
    await gan.trainer.fit(blobs(), { until: { steps: 6 }, batchSize: 4, callbacks });
    using undisturbed = tinyDcgan();
    await undisturbed.trainer.fit(blobs(), { steps: 6, batchSize: 4 });
    expect(weightsOf(gan)).toEqual(weightsOf(undisturbed));
  });

  test.each<[string, Error, string]>([
    [
      'a full quota of a browser',
      new Error('got a full quota', { cause: new DOMException('', 'QuotaExceededError') }),
      'got a full quota. Nothing was written before it, and the state of training at step 1 is intact: free disk space and continue',
    ],
    [
      'no permission',
      new Error('got no permission', {
        cause: Object.assign(new Error('permission denied'), { code: 'EACCES' }),
      }),
      'got no permission. Nothing was written before it, and the state of training at step 1 is intact: remove the cause and continue',
    ],
    [
      'a text that is too long',
      new RangeError('Invalid string length'),
      'Invalid string length. Nothing was written before it, and the state of training at step 1 is intact: remove the cause and continue',
    ],
  ])('advises to make room only if there is none: %s', async (_what, error, message) => {
    const store = { ...memoryStore(), write: () => Promise.reject(error) };
    using gan = tinyDcgan();
    const callbacks = [checkpoint(store)];
    const run = gan.trainer.fit(blobs(), { steps: 1, batchSize: 4, callbacks });
    await expect(run).rejects.toThrow(new CheckpointError(message));
  });

  test.each([
    [{ keep: 0 }, 'Cannot checkpoint: keep must be a positive integer, got 0'],
    [{ every: { minutes: 0 } }, 'every.minutes must be a positive number, got 0'],
    [
      { best: { value: () => 0, mode: 'smaller' } },
      "best.mode must be one of 'min', 'max', got 'smaller'",
    ],
  ])('refuses %o', (options, message) => {
    expect(() => checkpoint(memoryStore(), options as never)).toThrow(message);
  });

  test('refuses what is no store', () => {
    expect(() => checkpoint('runs/a' as never)).toThrow(
      "Cannot checkpoint: store must be a CheckpointStore, got 'runs/a'. Create one with directoryStore('runs/a') " +
        'of tfjs-gan/node, or memoryStore()',
    );
  });
});

describe('restore from a store', () => {
  test('returns false if it is empty, and changes nothing', async () => {
    using gan = tinyDcgan();
    const before = weightsOf(gan);
    expect(await gan.trainer.restore(memoryStore())).toBe(false);
    expect(weightsOf(gan)).toEqual(before);
  });

  const flip = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 4 : byte));

  test.each<[string, string, (bytes: Uint8Array) => Uint8Array | undefined, string]>([
    [
      'a flipped bit',
      'weights.safetensors',
      flip,
      'weights.safetensors does not have the checksum',
    ],
    ['a flipped bit', 'state.json', flip, 'state.json does not have the checksum'],
    ['a flipped bit', 'SHA256SUMS', flip, 'in SHA256SUMS'],
    ['a cut', 'weights.safetensors', (b) => b.subarray(0, 99), 'does not have the checksum'],
    ['a cut', 'state.json', (b) => b.subarray(0, 99), 'does not have the checksum'],
    [
      'a cut',
      'SHA256SUMS',
      (b) => b.subarray(0, 70),
      'SHA256SUMS does not have a checksum for each',
    ],
    ['a loss', 'weights.safetensors', () => undefined, 'weights.safetensors is missing'],
    ['a loss', 'state.json', () => undefined, 'state.json is missing'],
    ['a loss', 'SHA256SUMS', () => undefined, 'SHA256SUMS is missing'],
    ['zeros', 'state.json', (b) => b.fill(0), 'state.json does not have the checksum'],
    ['emptiness', 'SHA256SUMS', () => new Uint8Array(0), 'does not have a checksum for each'],
  ])('skips %s of the newest %s and says so', async (_kind, file, change, why) => {
    const store = memoryStore();
    (await trained(store, 3)).dispose();
    await harm(store, '0003-step-3', file, change);
    using gan = tinyDcgan();
    expect(await gan.trainer.restore(store)).toBe(true);
    expect(gan.trainer.step).toBe(2);
    expect(said()).toContain(
      `restored 0002-step-2 of ${store.name}, because newer checkpoints are damaged:\n  0003-step-3: `,
    );
    expect(said()).toContain(why);
    const callbacks = [checkpoint(store, { keep: 1 })];
    await gan.trainer.fit(blobs(), { until: { steps: 4 }, batchSize: 4, callbacks });
    expect(await store.list()).toEqual(['0004-step-4']);
    using undisturbed = tinyDcgan();
    await undisturbed.trainer.fit(blobs(), { steps: 4, batchSize: 4 });
    expect(weightsOf(gan)).toEqual(weightsOf(undisturbed));
  });

  test('names each if all are damaged, and changes nothing', async () => {
    const store = memoryStore();
    (await trained(store, 2)).dispose();
    for (const name of await store.list()) await harm(store, name, 'state.json', () => undefined);
    using gan = tinyDcgan();
    const before = weightsOf(gan);
    const restoring = gan.trainer.restore(store);
    await expect(restoring).rejects.toBeInstanceOf(CheckpointError);
    await expect(restoring).rejects.toThrow(
      `Cannot restore from ${store.name}: at least one checkpoint must be intact, got these:\n` +
        '  0002-step-2: state.json is missing\n  0001-step-1: state.json is missing',
    );
    expect(weightsOf(gan)).toEqual(before);
  });

  test('refuses another configuration with the list, unless it is allowed by name', async () => {
    const store = memoryStore();
    (await trained(store, 1)).dispose();
    using other = tinyDcgan({ seed: 7 });
    await expect(other.trainer.restore(store)).rejects.toThrow('seed: was 42, is 7');
    expect(other.trainer.step).toBe(0);
    await other.trainer.restore(store, { allow: ['seed'] });
    expect(other.trainer.step).toBe(1);
  });

  test('warns of another backend', async () => {
    const store = memoryStore();
    (await trained(store, 1)).dispose();
    await useBackend('wasm-train');
    const gan = tinyDcgan();
    await gan.trainer.restore(store);
    expect(said()).toBe(
      `tfjs-gan: 0001-step-1 of ${store.name} was computed on cpu. wasm-train continues from there, but not bit-for-bit`,
    );
    gan.dispose();
    await useBackend('cpu');
  });
});

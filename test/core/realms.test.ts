import { runInNewContext } from 'node:vm';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test, vi } from 'vitest';
import {
  datasetFromArray,
  datasetFromIdx,
  datasetFromTfData,
  checkpoint,
  type CheckpointStore,
  decodeSafetensors,
  encodeSafetensors,
  memoryStore,
  parseIdx,
} from 'tfjs-gan';
import { frechetDistance } from 'tfjs-gan/metrics';
import { directoryStore, fileHandler } from 'tfjs-gan/node';
import { decodePng, encodePng } from '../../src/io/png.ts';
import { goOnWithout } from '../../src/platforms/node/callbacks/go-on-without.ts';
import { fromWire, toWire } from '../../src/platforms/worker/wire-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { blobs, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

/** The classes of a frame or of a test environment: of the same names as ours, and others. */
const realm = runInNewContext('globalThis') as typeof globalThis;

/** The same value, made in another realm. */
function foreign<T>(value: T): T {
  const other = realm as unknown as Record<string, new (from: unknown) => T>;
  if (ArrayBuffer.isView(value)) {
    return new other[Object.prototype.toString.call(value).slice(8, -1)]!(value);
  }
  if (value instanceof ArrayBuffer) return foreign(new Uint8Array(value)).buffer;
  if (Array.isArray(value))
    return realm.Array.from(value, (member: unknown) => foreign(member)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => [key, foreign(member as unknown)]);
  return realm.Object.fromEntries(members) as T;
}

const idx = new Uint8Array([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 128, 64]);
const wideIdx = new Uint8Array([
  0, 0, 0x0d, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0, 0, 0, 0,
]);
const labels = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 2]);
const picture = {
  width: 2,
  height: 1,
  channels: 3,
  data: new Uint8Array([0, 1, 2, 253, 254, 255]),
};
const arrays = { kernel: { shape: [2], values: new Float32Array([0.5, -1]) } };
const pixels = Uint8Array.from({ length: 128 }, (_, i) => i);

/** The first batch of a dataset, as numbers. */
async function firstBatch(dataset: ReturnType<typeof datasetFromArray>): Promise<unknown> {
  for await (const { samples, labels } of dataset.batches({ batchSize: 1, seed: 3 })) {
    const seen = [samples.arraySync(), labels?.arraySync(), dataset.valueRange];
    tf.dispose([samples, labels ?? []]);
    return seen;
  }
  return undefined;
}

/** Each entry that takes bytes or numbers, and what it returns for `make(value)`. */
const entries: Record<string, (make: <T>(value: T) => T) => unknown> = {
  'datasetFromArray of Uint8Array': (make) =>
    firstBatch(datasetFromArray(make(pixels), { sampleShape: make([8, 8, 1]) })),
  'datasetFromArray of Uint8ClampedArray': (make) =>
    firstBatch(datasetFromArray(make(Uint8ClampedArray.from(pixels)), { sampleShape: [8, 8, 1] })),
  'datasetFromArray of Float32Array': (make) =>
    firstBatch(datasetFromArray(make(new Float32Array([0.1, 0.2])), { sampleShape: [2] })),
  'datasetFromArray of Float64Array': (make) =>
    firstBatch(datasetFromArray(make(new Float64Array([0.1, 0.2])), { sampleShape: [2] })),
  'datasetFromArray of rows': (make) =>
    firstBatch(
      datasetFromArray(make([new Uint8Array([1, 2]), new Uint8Array([3, 4])]), {
        labels: make(new Int32Array([1, 0])),
      }),
    ),
  'datasetFromArray of numbers': (make) =>
    firstBatch(
      datasetFromArray(
        make([
          [1, 2],
          [3, 4],
        ]),
      ),
    ),
  'datasetFromTfData of typed arrays': async (make) => {
    const stream = tf.data.array([0]).map(() => make({ xs: new Uint8Array([1, 2]), ys: [1] }));
    return (await datasetFromTfData(stream, { sampleShape: [2] })).sampleShape;
  },
  datasetFromIdx: (make) => firstBatch(datasetFromIdx({ images: make(idx), labels: make(labels) })),
  'datasetFromIdx of an IDX array': (make) =>
    firstBatch(datasetFromIdx({ images: make(parseIdx(idx)) })),
  'parseIdx of Uint8Array': (make) => parseIdx(make(idx)),
  'parseIdx of ArrayBuffer': (make) => parseIdx(make(wideIdx.buffer)),
  encodePng: (make) => encodePng(make(picture) as never),
  decodePng: (make) => decodePng(make(encodePng(picture as never))),
  encodeSafetensors: (make) => encodeSafetensors(make(arrays)),
  decodeSafetensors: (make) => decodeSafetensors(make(encodeSafetensors(arrays))),
  frechetDistance: (make) =>
    frechetDistance(
      make([
        [0, 1],
        [1, 0],
        [1, 1],
      ]),
      make([
        [0, 0],
        [1, 0],
        [0, 1],
      ]),
    ),
};

describe('values of another realm', () => {
  test.each(Object.entries(entries))('are as good as our own for %s', async (_, entry) => {
    expect(await entry(foreign)).toEqual(await entry((value) => value));
  });

  test('are none of our classes here, or this file shows nothing', () => {
    expect(foreign(pixels)).not.toBeInstanceOf(Uint8Array);
    expect(foreign(pixels.buffer)).not.toBeInstanceOf(ArrayBuffer);
  });

  test('restore a trainer as a snapshot, bit-for-bit', async () => {
    const [first, second] = [tinyDcgan({ seed: 1 }), tinyDcgan({ seed: 1 })];
    await first.trainer.fit(blobs(), { steps: 2, batchSize: 8 });
    await second.trainer.restore(foreign(await first.trainer.snapshot()));
    for (const gan of [first, second]) await gan.trainer.fit(blobs(), { steps: 3, batchSize: 8 });
    expect(weightsOf(second)).toEqual(weightsOf(first));
    for (const gan of [first, second]) gan.dispose();
  });

  test.each<[string, (folder: string) => CheckpointStore]>([
    ['memoryStore', () => memoryStore()],
    ['directoryStore', (folder) => directoryStore(folder)],
  ])('go through checkpoints of %s', async (_, make) => {
    const store = make(await temporaryFolder());
    const through: CheckpointStore = {
      ...store,
      claim: () => store.claim(),
      read: async (name) => foreign(await store.read(name)),
      write: (name, files) => store.write(name, foreign(files)),
    };
    const [first, second] = [tinyDcgan({ seed: 1 }), tinyDcgan({ seed: 1 })];
    await first.trainer.restore(foreign(await second.trainer.snapshot()));
    await first.trainer.fit(blobs(), {
      steps: 2,
      batchSize: 8,
      callbacks: foreign([{}]).concat([checkpoint(through, { every: { steps: 2 } })]),
    });
    expect(await second.trainer.restore(through)).toBe(true);
    expect(weightsOf(second)).toEqual(weightsOf(first));
    for (const gan of [first, second]) gan.dispose();
  });

  test('are saved as the weights of a model, in one piece or several', async () => {
    const handler = fileHandler(await temporaryFolder());
    const weightSpecs = [{ name: 'kernel', shape: [2], dtype: 'float32' as const }];
    for (const weightData of [new Float32Array([1, 2]).buffer, [new Float32Array([1, 2]).buffer]]) {
      await handler.save({ modelTopology: {}, weightSpecs, weightData: foreign(weightData) });
      const { weightData: read } = await handler.load();
      expect([...new Float32Array(read as ArrayBuffer)]).toEqual([1, 2]);
    }
  });

  test('that were not awaited are distinguished from data', async () => {
    using gan = tinyDcgan();
    const promise = realm.Promise.resolve() as never;
    await expect(gan.trainer.restore(promise)).rejects.toThrow(
      /Wait for it: await trainer\.snapshot/,
    );
    await expect(gan.trainer.fit(promise, { steps: 1 })).rejects.toThrow(/await/);
  });
});

describe('errors of another realm', () => {
  test('keep message, class and cause on their way out of a worker', () => {
    const error = new realm.RangeError('too far', { cause: new realm.Error('why') });
    const again = fromWire(toWire(error));
    expect(again).toBeInstanceOf(RangeError);
    expect(again).toMatchObject({ message: 'too far', cause: { message: 'why' } });
  });

  test('of the file system do not end a run that can do without the file', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const full = Object.assign(new realm.Error('no room'), { syscall: 'write' });
    const guarded = goOnWithout({ onStepEnd: () => Promise.reject(full) });
    await expect(guarded.onStepEnd?.({} as never, {} as never)).resolves.toBeUndefined();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/no room\. Training continues/)]]);
    warn.mockRestore();
  });
});

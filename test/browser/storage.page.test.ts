import { afterEach, describe, expect, test, vi } from 'vitest';
import { checkpoint, CheckpointError } from 'tfjs-gan';
import { indexedDbStore } from 'tfjs-gan/browser';
import { checkpointStoreContract } from '../contracts/checkpoint-store-contract.ts';
import { blobs, tinyDcgan, weightsOf } from '../support/tiny-gan.ts';
import '../support/on-cpu.ts';

let made = 0;

/** A name that no other test uses. */
function freshName(): string {
  made += 1;
  return `test-${made}`;
}

afterEach(async () => {
  const waiting = (await indexedDB.databases()).map(
    ({ name }) =>
      new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase(name!);
        request.onsuccess = () => resolve();
        request.onblocked = () => reject(new Error(`${name} is still open`));
      }),
  );
  await Promise.all(waiting);
});

checkpointStoreContract('indexedDbStore', async () => indexedDbStore(freshName()));

/** A database as some other code of the origin creates it. */
async function makeDatabase(name: string, fill: (database: IDBDatabase) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => fill(request.result);
    request.onerror = () => reject(new Error('cannot open'));
    request.onsuccess = () => {
      request.result.close();
      resolve();
    };
  });
}

describe('indexedDbStore', () => {
  test('continues bit-for-bit, keeps the newest and the best', async () => {
    const train = async (store: ReturnType<typeof indexedDbStore>, until: number) => {
      const gan = tinyDcgan();
      const restored = await gan.trainer.restore(store);
      const best = { value: () => -gan.trainer.step, mode: 'max' } as const;
      await gan.trainer.fit(blobs(), {
        until: { steps: until },
        batchSize: 8,
        callbacks: [checkpoint(store, { every: { steps: 1 }, keep: 2, best })],
      });
      const weights = weightsOf(gan);
      gan.dispose();
      return { restored, weights };
    };
    const [parts, whole] = [indexedDbStore(freshName()), indexedDbStore(freshName())];
    expect((await train(parts, 2)).restored).toBe(false);
    const second = await train(parts, 5);
    expect(second.restored).not.toBe(false);
    expect(second.weights).toEqual((await train(whole, 5)).weights);
    expect(await whole.list()).toEqual(['0001-step-1', '0004-step-4', '0005-step-5']);
  });

  test('creates no database by looking', async () => {
    const store = indexedDbStore(freshName());
    expect(await store.list()).toEqual([]);
    expect(await indexedDB.databases()).toEqual([]);
  });

  test('is refused to a second tab, and free when the first is gone', async () => {
    const name = freshName();
    const tab = document.createElement('iframe');
    document.body.append(tab);
    const page = tab.contentWindow!;
    await new Promise<void>((taken) => {
      void page.navigator.locks.request(`tfjs-gan/${name}`, () => {
        taken();
        return new Promise(() => undefined);
      });
    });
    const store = indexedDbStore(name);
    await expect(store.claim()).rejects.toThrow(
      `Cannot checkpoint: IndexedDB 'tfjs-gan/${name}' must be free, got one that another tab or worker writes to. ` +
        'Wait for it to end, or choose another name',
    );
    tab.remove();
    await expect
      .poll(async () =>
        store.claim().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  test('is refused to a second run of the page, and free when the first has ended', async () => {
    const name = freshName();
    const release = await indexedDbStore(name).claim();
    await expect(indexedDbStore(name).claim()).rejects.toThrow(
      `Cannot checkpoint: IndexedDB 'tfjs-gan/${name}' must be free, got one that another run of this page writes to. ` +
        'Wait for it to end, or choose another name',
    );
    await release();
    await (
      await indexedDbStore(name).claim()
    )();
  });

  test('refuses a database of other code, and a name that is empty', async () => {
    const [strange, keyed] = [freshName(), freshName()];
    await makeDatabase(`tfjs-gan/${strange}`, (database) => database.createObjectStore('notes'));
    for (const act of [
      () => indexedDbStore(strange).list(),
      () => indexedDbStore(strange).claim(),
      () => indexedDbStore(strange).write('0001-step-1', {}),
    ]) {
      await expect(act()).rejects.toThrow(
        new CheckpointError(
          `Cannot look for checkpoints: IndexedDB 'tfjs-gan/${strange}' must hold those of tfjs-gan, ` +
            "got object stores named ['notes']. Choose another name",
        ),
      );
    }
    await makeDatabase(`tfjs-gan/${keyed}`, (database) =>
      database.createObjectStore('checkpoints').add({}, 'mine'),
    );
    await expect(indexedDbStore(keyed).list()).rejects.toThrow("got another key ('mine')");
    expect(() => indexedDbStore('')).toThrow(
      "Cannot open a database of checkpoints: name must not be empty, got ''",
    );
    await expect(indexedDbStore(freshName()).read('newest')).rejects.toThrow(
      "Cannot find a checkpoint: its name must be like 0007-step-350, got 'newest'",
    );
  });

  test('skips a checkpoint that is damaged', async () => {
    const name = freshName();
    const store = indexedDbStore(name);
    const gan = tinyDcgan();
    await gan.trainer.fit(blobs(), { steps: 1, batchSize: 8, callbacks: [checkpoint(store)] });
    const whole = (await store.read('0001-step-1'))!;
    const cut = { ...whole, 'weights.safetensors': whole['weights.safetensors']!.slice(0, 100) };
    await store.write('0002-step-2', cut);
    await new Promise<void>((resolve) => {
      const request = indexedDB.open(`tfjs-gan/${name}`);
      request.onsuccess = () => {
        const transaction = request.result.transaction('checkpoints', 'readwrite');
        transaction.objectStore('checkpoints').add('no files', '0003-step-3');
        transaction.oncomplete = () => {
          request.result.close();
          resolve();
        };
      };
    });
    const again = tinyDcgan();
    expect(await again.trainer.restore(store)).toBeTruthy();
    expect(again.trainer.step).toBe(1);
    gan.dispose();
    again.dispose();
  });

  test('says what the browser refuses', async () => {
    const add = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw new DOMException('no room', 'QuotaExceededError');
    });
    const name = freshName();
    try {
      await expect(indexedDbStore(name).write('0001-step-1', {})).rejects.toThrow(
        `Cannot write a checkpoint: IndexedDB 'tfjs-gan/${name}' must be usable, got a full disk or a full quota of this site`,
      );
    } finally {
      add.mockRestore();
    }
    expect(await indexedDbStore(name).list()).toEqual([]);
  });
});

import { CheckpointError, DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';
import { isError, isUint8Array, messageOf } from '../../core/realms.ts';
import type { CheckpointFiles, CheckpointStore } from '../../training/state/checkpoint-store.ts';
import {
  checkCheckpointName,
  parseCheckpointName,
} from '../../training/state/checkpoints/checkpoint-name.ts';
import { completed, objectStore, openDatabase, resultOf } from './open-database.ts';

/**
 * Keeps checkpoints in the browser, in the IndexedDB database `tfjs-gan/<name>` of the page's
 * origin.
 *
 * Each checkpoint is written in one transaction, so closing the tab leaves no partial one. While a
 * run writes, no other run can, in this tab or another; the lock of a closed tab is released. A
 * browser that runs out of disk space may delete a site's data, unless the site has called
 * `navigator.storage.persist()`.
 *
 * @param name - Name of the run.
 * @returns The store.
 * @throws RangeError if the name is empty.
 *
 * @example Resume after a reload of the page
 * ```ts no-run
 * const run = indexedDbStore('digits');
 * if (await trainer.restore(run)) console.log(`continuing from step ${trainer.step}`);
 * await trainer.fit(dataset, { until: { epochs: 50 }, callbacks: [checkpoint(run)] });
 * ```
 */
export function indexedDbStore(name: string = 'default'): CheckpointStore {
  if (typeof name !== 'string' || name === '') {
    throw new RangeError(
      `Cannot open a database of checkpoints: name must not be empty, got ${formatValue(name)}`,
    );
  }
  const database = `tfjs-gan/${name}`;
  return {
    name: `IndexedDB '${database}'`,
    list: () => list(database),
    read: async (checkpoint) => read(database, checkCheckpointName(checkpoint)),
    write: async (checkpoint, files) => write(database, checkCheckpointName(checkpoint), files),
    remove: async (checkpoint) => remove(database, checkCheckpointName(checkpoint)),
    claim: () => claim(database),
  };
}

async function list(database: string): Promise<string[]> {
  const keys = await inStore('look for checkpoints', database, 'readonly', (store) =>
    store.getAllKeys(),
  );
  if (keys === undefined) return [];
  const names = keys.filter((key): key is string => isCheckpointName(key));
  if (names.length > 0 || keys.length === 0) return names;
  throw foreign(database, `another key (${formatValue(keys[0])})`);
}

async function read(database: string, checkpoint: string): Promise<CheckpointFiles | undefined> {
  const files: unknown = await inStore('read a checkpoint', database, 'readonly', (store) =>
    store.get(checkpoint),
  );
  if (files === undefined || isFiles(files)) return files;
  throw new DataFormatError(
    'checkpoint',
    `Cannot read a checkpoint: ${checkpoint} in IndexedDB '${database}' must hold files, got ${formatValue(files)}`,
  );
}

async function write(database: string, checkpoint: string, files: CheckpointFiles): Promise<void> {
  const action = 'write a checkpoint';
  // Copies, because a view into a larger or shared buffer would be stored with the whole buffer, or
  // be refused.
  const copies = Object.entries(files).map(([file, bytes]) => [file, new Uint8Array(bytes)]);
  try {
    await inStore(
      action,
      database,
      'readwrite',
      (store) => store.add(Object.fromEntries(copies), checkpoint),
      'make',
    );
  } catch (error) {
    const { cause } = error as Error;
    if (!isError(cause) || cause.name !== 'ConstraintError') throw error;
    throw new RangeError(
      `Cannot ${action}: its name must be free, got '${checkpoint}', which is in IndexedDB '${database}'`,
      { cause },
    );
  }
}

async function remove(database: string, checkpoint: string): Promise<void> {
  await inStore('remove a checkpoint', database, 'readwrite', (store) => store.delete(checkpoint));
}

async function claim(database: string): Promise<() => Promise<void>> {
  // For the errors of a database that is not ours.
  await list(database);
  const locks = (navigator as { locks?: LockManager }).locks;
  if (locks === undefined) {
    throw new CheckpointError(
      `Cannot checkpoint: IndexedDB '${database}' must be lockable, got a page without navigator.locks. ` +
        'Load it over https, or from localhost',
    );
  }
  let release: (() => void) | undefined;
  let finished: Promise<unknown> | undefined;
  const taken = await new Promise<boolean>((resolve, reject) => {
    finished = locks.request(database, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<void>((done) => (release = done));
    });
    finished.catch(reject);
  });
  if (!taken) {
    const who = (await isOwn(locks, database))
      ? 'another run of this page'
      : 'another tab or worker';
    throw new CheckpointError(
      `Cannot checkpoint: IndexedDB '${database}' must be free, got one that ${who} writes to. ` +
        'Wait for it to end, or choose another name',
    );
  }
  return async () => {
    release?.();
    await finished;
  };
}

/** Whether this page itself holds a lock: another attempt by the same page has the same client. */
async function isOwn(locks: LockManager, name: string): Promise<boolean> {
  const own = `${name}/whose`;
  return locks.request(own, async () => {
    const { held = [] } = await locks.query();
    const clientOf = (lock: string): string | undefined =>
      held.find((info) => info.name === lock)?.clientId;
    return clientOf(name) === clientOf(own);
  });
}

/**
 * Runs one operation in its own transaction.
 *
 * @returns The result; undefined if the database does not exist and must not be created.
 * @throws CheckpointError if the database is not ours, Error if the browser refuses.
 */
async function inStore<T>(
  action: string,
  database: string,
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest<T>,
  whenMissing: 'make' | 'look' = 'look',
): Promise<T | undefined> {
  let opened: IDBDatabase | undefined;
  try {
    opened = await openDatabase(database, whenMissing);
    if (opened === undefined) return undefined;
    const names = [...opened.objectStoreNames];
    if (names.length !== 1 || names[0] !== objectStore) {
      throw foreign(database, `object stores named ${formatValue(names)}`);
    }
    // Some browsers report a write as done before it is on the disk, unless this is set.
    const transaction = opened.transaction(objectStore, mode, { durability: 'strict' });
    const done = completed(transaction);
    const [result] = await Promise.all([resultOf(act(transaction.objectStore(objectStore))), done]);
    return result;
  } catch (cause) {
    if (cause instanceof CheckpointError) throw cause;
    throw new Error(
      `Cannot ${action}: IndexedDB '${database}' must be usable, got ${reasonOf(cause)}`,
      { cause },
    );
  } finally {
    opened?.close();
  }
}

const reasons: Readonly<Record<string, string>> = {
  QuotaExceededError: 'a full disk or a full quota of this site',
  InvalidStateError: 'a browser that does not store data here (a private window?)',
  SecurityError: 'no permission to store data',
};

function reasonOf(error: unknown): string {
  if (typeof indexedDB === 'undefined') return 'no IndexedDB in this runtime';
  return (isError(error) ? reasons[error.name] : undefined) ?? messageOf(error);
}

function foreign(database: string, what: string): CheckpointError {
  return new CheckpointError(
    `Cannot look for checkpoints: IndexedDB '${database}' must hold those of tfjs-gan, got ${what}. Choose another name`,
  );
}

function isCheckpointName(key: unknown): boolean {
  return typeof key === 'string' && parseCheckpointName(key) !== undefined;
}

function isFiles(value: unknown): value is CheckpointFiles {
  return typeof value === 'object' && value !== null && Object.values(value).every(isUint8Array);
}

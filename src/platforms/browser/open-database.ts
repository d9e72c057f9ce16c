/** The single object store of a checkpoint database. @internal */
export const objectStore = 'checkpoints';

/**
 * Opens a checkpoint database.
 *
 * @param name - Its name.
 * @param mode - Whether to create it if it does not exist.
 * @returns The database, or undefined if it does not exist and must not be created.
 *
 * @internal
 */
export async function openDatabase(
  name: string,
  mode: 'make' | 'look',
): Promise<IDBDatabase | undefined> {
  const request = indexedDB.open(name);
  let isMissing = false;
  request.onupgradeneeded = () => {
    if (mode === 'make') {
      request.result.createObjectStore(objectStore);
    } else {
      // Opening creates a database, unless the upgrade transaction is aborted.
      isMissing = true;
      request.transaction?.abort();
    }
  };
  try {
    return await resultOf(request);
  } catch (error) {
    if (isMissing) return undefined;
    throw error;
  }
}

/** Result of a request to IndexedDB. @internal */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(errorOf(request.error));
  });
}

/** Waits until a transaction is complete. @internal */
export function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(errorOf(transaction.error));
  });
}

function errorOf(error: DOMException | null): Error {
  return error ?? new Error('it was aborted');
}

/** The one object store of a database of checkpoints. @internal */
export const objectStore = 'checkpoints';

/**
 * Opens a database of checkpoints.
 *
 * @param name - Its name.
 * @param mode - Whether to make it where there is none.
 * @returns The database, or undefined where there is none and none is to be made.
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
      // Opening makes a database, unless what makes it is given up.
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

/** What a request to IndexedDB gives. @internal */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(errorOf(request.error));
  });
}

/** Waits until a transaction has taken place, whole. @internal */
export function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(errorOf(transaction.error));
  });
}

function errorOf(error: DOMException | null): Error {
  return error ?? new Error('it was given up');
}

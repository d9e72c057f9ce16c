/** An object that must be disposed. */
interface Disposable {
  dispose(): void;
}

/**
 * Creates an object from several networks. If that fails, the networks already created are
 * disposed.
 *
 * @param make - Passes each network to `built` as soon as it exists.
 *
 * @internal
 */
export function freeingOnError<T>(make: (built: <D extends Disposable>(one: D) => D) => T): T {
  const networks: Disposable[] = [];
  try {
    return make((one) => {
      networks.push(one);
      return one;
    });
  } catch (error) {
    for (const network of networks) network.dispose();
    throw error;
  }
}

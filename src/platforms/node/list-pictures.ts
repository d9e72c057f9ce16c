import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { DataFormatError } from '../../core/errors.ts';
import { isMissing, reasonOf } from './write-file.ts';

/** A picture in a folder. @internal */
export interface LabeledFile {
  readonly file: string;
  readonly label: number;
}

/** The pictures of a folder, in the order of their names. @internal */
export interface ListedFiles {
  readonly files: readonly LabeledFile[];
  /** The subfolders, by label. */
  readonly classNames?: readonly string[];
}

/**
 * Finds the pictures of a folder, or of its subfolders.
 *
 * @param others - Whether pictures of kinds that are not read are an error, or listed with the
 *   rest.
 *
 * @internal
 */
export async function listPictures(
  action: string,
  path: string,
  { labels, others }: { readonly labels: 'none' | 'subfolders'; readonly others: 'throw' | 'list' },
): Promise<ListedFiles> {
  const top = await list(action, path);
  if (labels === 'none') {
    const files = picturesOf(action, path, top.files, others);
    if (files.length > 0) return { files: files.map((file) => ({ file, label: 0 })) };
    const cure =
      top.folders.length === 0 ? '' : `. Pass labels: 'subfolders' for those in its subfolders`;
    throw new Error(`Cannot ${action}: it must hold PNG or JPEG files, got none${cure}`);
  }
  const groups = await Promise.all(
    top.folders.map(async (name) => {
      const folder = join(path, name);
      const { files } = await list(action, folder);
      return { name, files: picturesOf(action, folder, files, others) };
    }),
  );
  const empty = groups.find(({ files }) => files.length === 0);
  if (groups.length === 0 || empty !== undefined) {
    const got = empty === undefined ? 'no subfolder' : `none in '${empty.name}'`;
    throw new Error(`Cannot ${action}: its subfolders must hold PNG or JPEG files, got ${got}`);
  }
  return {
    files: groups.flatMap(({ files }, label) => files.map((file) => ({ file, label }))),
    classNames: groups.map(({ name }) => name),
  };
}

/**
 * Files and folders that are not hidden, in the order of their names' code units on every system.
 */
async function list(action: string, path: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of await entriesOf(action, path)) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    const kind = entry.isSymbolicLink() ? await targetOf(action, join(path, name)) : entry;
    (kind.isDirectory() ? folders : files).push(name);
  }
  return { files: files.sort(), folders: folders.sort() };
}

async function entriesOf(action: string, path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const got = isMissing(error) ? 'no such folder' : reasonOf(error);
    throw new Error(`Cannot ${action}: '${path}' must be a folder, got ${got}`, { cause: error });
  }
}

/**
 * The target of a link. A broken link may have been an image or a whole class, so it is an error.
 */
async function targetOf(action: string, link: string): Promise<Stats> {
  try {
    return await stat(link);
  } catch (error) {
    const got = isMissing(error) ? 'a broken link' : reasonOf(error);
    throw new Error(
      `Cannot ${action}: '${link}' must lead to a file or a folder, got ${got}. Fix or remove the link`,
      { cause: error },
    );
  }
}

const readKinds = ['.png', '.jpg', '.jpeg', '.jpe', '.jfif'];

const otherKinds = ['.webp', '.gif', '.bmp', '.tif', '.tiff', '.avif', '.heic', '.heif'];

/** The files with the names of pictures. */
function picturesOf(
  action: string,
  folder: string,
  names: readonly string[],
  others: 'throw' | 'list',
): string[] {
  const has = (name: string, some: readonly string[]): boolean =>
    some.includes(extname(name).toLowerCase());
  const other = names.find((name) => has(name, otherKinds));
  if (other !== undefined && others === 'throw') {
    throw new DataFormatError(
      'picture',
      `Cannot ${action}: all images must be PNG or JPEG files, got '${join(folder, other)}'. ` +
        'Convert it, for example with ImageMagick: magick mogrify -format png FILE, and move the original away',
    );
  }
  const kinds = others === 'list' ? [...readKinds, ...otherKinds] : readKinds;
  return names.filter((name) => has(name, kinds)).map((name) => join(folder, name));
}

import { formatValue } from '../../core/format.ts';
import {
  checkFolderOptions,
  folderDataset,
  type ImageFolder,
  type ImageFolderOptions,
} from '../pictures/image-folder.ts';
import { decodeBlob } from './decode-blob.ts';

/**
 * Settings of {@link imageFiles}.
 *
 * @example Each folder that a user chose is a class
 * ```ts no-run
 * const input = document.querySelector<HTMLInputElement>('input[webkitdirectory]')!;
 * const options: ImageFilesOptions = { imageShape: [32, 32, 3], resize: true, labels: 'subfolders' };
 * const animals = await imageFiles(input.files ?? [], options);
 * console.log(animals.classNames);
 * ```
 */
export type ImageFilesOptions = ImageFolderOptions;

/**
 * Images of files, in the order of their names.
 *
 * @example What its labels stand for
 * ```ts no-run
 * const files = document.querySelector<HTMLInputElement>('input[webkitdirectory]')!.files ?? [];
 * const shapes: ImageFiles = await imageFiles(files, { imageShape: [16, 16, 1], labels: 'subfolders', resize: true });
 * console.log(shapes.size, shapes.classNames);
 * ```
 */
export type ImageFiles = ImageFolder;

/**
 * A dataset of picture files in a page: those that a user chose or dropped, or blobs that were
 * fetched.
 *
 * The browser decodes them, so whatever it can show can be read: PNG, JPEG, WebP, AVIF. Photographs
 * are turned upright. Files are sorted by name, folders included; blobs without a name stay in
 * their order, before those. Hidden files and those that are no pictures by their type are left
 * out, as a folder has them.
 *
 * With `labels: 'subfolders'`, the class of a file is the folder it lies in; a picture beside the
 * folder of others is an error. Files have folders if the user chose one:
 * `<input type="file" webkitdirectory>`.
 *
 * The rest is as in `imageFolder` of `tfjs-gan/node`. A canvas keeps little of a color that is
 * almost transparent, so with 4 channels such colors differ from those of Node by some levels.
 *
 * - Memory: one byte a value for all images, or two batches with `onDemand`. Nothing needs
 *   disposing.
 *
 * @param files - A `FileList`, or any files and blobs.
 * @param options - Shape, labels and what to do with other sizes.
 * @returns The dataset.
 * @throws RangeError if an image has another size, a file has no class, or an option is out of
 *   range; DataFormatError if the browser cannot read a file; TypeError if something else than
 *   files is passed, or an option is unknown; Error if none is a picture.
 *
 * @example Pictures that a user dropped on the page
 * ```ts no-run
 * document.body.addEventListener('drop', async (event) => {
 *   event.preventDefault();
 *   const pictures = await imageFiles(event.dataTransfer!.files, { imageShape: [32, 32, 3], resize: true });
 *   console.log(`${pictures.size} pictures`);
 * });
 * ```
 */
export async function imageFiles(
  files: Iterable<Blob>,
  options: ImageFilesOptions,
): Promise<ImageFiles> {
  const action = 'read image files';
  const settings = checkFolderOptions(action, options);
  const { pictures, classNames } = listFiles(action, files, settings.labels);
  const listed = {
    name: 'image files',
    files: pictures,
    classNames,
    nameOf: ({ name }: NamedBlob) => name,
    decode: ({ name, blob }: NamedBlob) => decodeBlob(action, name, blob),
  };
  return folderDataset(action, listed, settings);
}

interface NamedBlob {
  /** With its folders, if they are known. */
  readonly name: string;
  readonly blob: Blob;
}

interface Listed {
  readonly pictures: readonly { readonly file: NamedBlob; readonly label: number }[];
  readonly classNames?: readonly string[] | undefined;
}

function listFiles(action: string, files: Iterable<Blob>, labels: 'none' | 'subfolders'): Listed {
  const given: unknown[] = isIterable(files) ? [...files] : [files];
  const named = given.map((file): NamedBlob => {
    if (!(file instanceof Blob)) {
      throw new TypeError(
        `Cannot ${action}: files must be a list of File or Blob, got ${formatValue(file)}`,
      );
    }
    return { name: nameOf(file), blob: file };
  });
  const pictures = named
    .filter(({ name, blob }) => {
      const isHidden = name.split('/').some((part) => part.startsWith('.'));
      return !isHidden && (blob.type === '' || blob.type.startsWith('image/'));
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  if (pictures.length === 0) {
    throw new Error(`Cannot ${action}: files must hold pictures, got none of ${named.length}`);
  }
  if (labels === 'none') return { pictures: pictures.map((file) => ({ file, label: 0 })) };
  const folders = pictures.map(({ name }) => {
    const parts = name.split('/');
    const folder = parts.at(-2);
    if (folder !== undefined) return folder;
    throw new RangeError(
      `Cannot ${action}: labels: 'subfolders' requires files with folders, got '${name}'. ` +
        'Let the user choose a folder: <input type="file" webkitdirectory>',
    );
  });
  // `animals/cover.png` beside `animals/cat/1.png` would be a class of its own, `animals`.
  const above = new Set(pictures.flatMap(({ name }) => parentsOf(folderOf(name))));
  const beside = pictures.find(({ name }) => above.has(folderOf(name)));
  if (beside !== undefined) {
    throw new RangeError(
      `Cannot ${action}: labels: 'subfolders' requires folders with either pictures or folders, got '${beside.name}' beside a ` +
        'folder of pictures. Move it into a folder of its class, or leave it out of files',
    );
  }
  const classNames = [...new Set(folders)].sort();
  return {
    pictures: pictures.map((file, i) => ({ file, label: classNames.indexOf(folders[i] ?? '') })),
    classNames,
  };
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function parentsOf(folder: string): string[] {
  return folder === '' ? [] : [folderOf(folder), ...parentsOf(folderOf(folder))];
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function nameOf(blob: Blob): string {
  if (!(blob instanceof File)) return '';
  return blob.webkitRelativePath === '' ? blob.name : blob.webkitRelativePath;
}

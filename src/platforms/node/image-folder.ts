import type { Dirent, Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import { DataFormatError } from '../../core/errors.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { ValueRange } from '../../core/value-range.ts';
import { datasetFromArray } from '../../data/from-array.ts';
import type { InMemoryDataset } from '../../data/in-memory.ts';
import { convertPicture } from '../../io/convert-picture.ts';
import type { Colour, Picture } from '../../io/picture.ts';
import { decodePng } from '../../io/png.ts';
import { resizePicture } from '../../io/resize-picture.ts';
import { checkPath } from './check-path.ts';
import { isMissing, reasonOf } from './write-file.ts';

/**
 * Settings of {@link imageFolder}.
 *
 * @example Logos of any size on black, the first thousand of them
 * ```ts
 * await saveImageGrid('logos/a.png', images);
 * const options: ImageFolderOptions = { imageShape: [16, 16, 3], resize: true, background: 0, limit: 1_000 };
 * const logos = await imageFolder('logos', options);
 * console.log(logos.sampleShape); // [ 16, 16, 3 ]
 * ```
 */
export interface ImageFolderOptions {
  /** What every image becomes, `[height, width, channels]`, with 1 channel for grey or 3 for colour. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /**
   * `'subfolders'` takes the images of each direct subfolder as one class, numbered in the order of their names.
   *
   * @defaultValue `'none'`: the images directly in the folder
   */
  readonly labels?: 'none' | 'subfolders' | undefined;
  /**
   * Whether to scale images of other sizes until they cover `imageShape`, and to cut what stands over at both sides.
   *
   * @defaultValue `false`: they are an error
   */
  readonly resize?: boolean | undefined;
  /**
   * What shows through transparent pixels.
   *
   * @defaultValue `255`, white
   */
  readonly background?: Colour | undefined;
  /**
   * The range of the values a batch gives.
   *
   * @defaultValue `[-1, 1]`
   */
  readonly valueRange?: ValueRange | undefined;
  /**
   * How many images to take, from the first.
   *
   * @defaultValue all
   */
  readonly limit?: number | undefined;
}

/**
 * The images of a folder, in the order of their names.
 *
 * @example What its labels stand for
 * ```ts
 * for (const name of ['circles', 'squares']) await saveImageGrid(`shapes/${name}/1.png`, images);
 * const shapes: ImageFolder = await imageFolder('shapes', { imageShape: [8, 8, 1], labels: 'subfolders', resize: true });
 * console.log(shapes.size, shapes.classNames); // 2 [ 'circles', 'squares' ]
 * ```
 */
export interface ImageFolder extends InMemoryDataset {
  /** The subfolders, by label; `undefined` without labels. */
  readonly classNames?: readonly string[] | undefined;
}

/**
 * A dataset of the PNG files in a folder.
 *
 * Grey becomes colour and colour becomes grey as `imageShape` asks; transparency is laid on `background`. The order is
 * that of the names, the same on every system. All images are held in memory, one byte a value.
 *
 * @param path - The folder, as a path or a `file:` address.
 * @param options - Shape, labels and what to do with other sizes.
 * @returns The dataset.
 * @throws RangeError where an image has another size; DataFormatError where a file is damaged or no PNG; Error where
 *   the folder holds none.
 *
 * @example Faces by name
 * ```ts no-run
 * const faces = await imageFolder('faces', {
 *   imageShape: [64, 64, 3],
 *   labels: 'subfolders',
 *   resize: true,
 * });
 * console.log(faces.size, faces.classNames);
 * ```
 */
export async function imageFolder(
  path: string | URL,
  options: ImageFolderOptions,
): Promise<ImageFolder> {
  const folder = checkPath('read the images of a folder', path, 'path');
  const asked = `read the images of '${folder}'`;
  checkOptions(asked, options);
  const { imageShape, valueRange, limit } = options;
  checkImageShape(asked, imageShape);
  if (limit !== undefined) checkPositiveInteger(asked, 'limit', limit);
  const { files, classNames } = await listFiles(asked, folder, options.labels ?? 'none');
  const taken = files.slice(0, limit);
  const imageSize = imageShape.reduce((product, side) => product * side, 1);
  const pixels = new Uint8Array(taken.length * imageSize);
  for (const [i, { file }] of taken.entries()) {
    pixels.set((await readImage(asked, file, options)).data, i * imageSize);
  }
  const dataset = datasetFromArray(pixels, {
    name: basename(resolve(folder)),
    sampleShape: imageShape,
    valueRange,
    ...(classNames && { labels: taken.map(({ label }) => label), classes: classNames.length }),
  });
  return { ...dataset, classNames };
}

interface LabelledFile {
  readonly file: string;
  readonly label: number;
}

async function listFiles(
  asked: string,
  path: string,
  labels: NonNullable<ImageFolderOptions['labels']>,
): Promise<{ files: readonly LabelledFile[]; classNames?: readonly string[] }> {
  const top = await list(asked, path);
  if (labels === 'none') {
    const files = pngsOf(asked, path, top.files);
    if (files.length > 0) return { files: files.map((file) => ({ file, label: 0 })) };
    const cure =
      top.folders.length === 0 ? '' : `. Pass labels: 'subfolders' for those in its subfolders`;
    throw new Error(`Cannot ${asked}: it must hold PNG files, got none${cure}`);
  }
  if (labels !== 'subfolders') {
    throw new RangeError(
      `Cannot ${asked}: labels must be 'none' or 'subfolders', got ${formatValue(labels)}`,
    );
  }
  const groups = await Promise.all(
    top.folders.map(async (name) => {
      const folder = join(path, name);
      return { name, files: pngsOf(asked, folder, (await list(asked, folder)).files) };
    }),
  );
  const empty = groups.find(({ files }) => files.length === 0);
  if (groups.length === 0 || empty !== undefined) {
    const got = empty === undefined ? 'no subfolder' : `none in '${empty.name}'`;
    throw new Error(`Cannot ${asked}: its subfolders must hold PNG files, got ${got}`);
  }
  return {
    files: groups.flatMap(({ files }, label) => files.map((file) => ({ file, label }))),
    classNames: groups.map(({ name }) => name),
  };
}

/** Files and folders that are not hidden, in the order of their names' code units on every system. */
async function list(asked: string, path: string): Promise<{ files: string[]; folders: string[] }> {
  const files: string[] = [];
  const folders: string[] = [];
  for (const entry of await entriesOf(asked, path)) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    const kind = entry.isSymbolicLink() ? await targetOf(asked, join(path, name)) : entry;
    (kind.isDirectory() ? folders : files).push(name);
  }
  return { files: files.sort(), folders: folders.sort() };
}

async function entriesOf(asked: string, path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const got = isMissing(error) ? 'no such folder' : reasonOf(error);
    throw new Error(`Cannot ${asked}: '${path}' must be a folder, got ${got}`, { cause: error });
  }
}

/** What a link leads to. A broken one may be an image or a whole class, so it is not passed over. */
async function targetOf(asked: string, link: string): Promise<Stats> {
  try {
    return await stat(link);
  } catch (error) {
    const got = isMissing(error) ? 'a link to nothing' : reasonOf(error);
    throw new Error(
      `Cannot ${asked}: '${link}' must lead to a file or a folder, got ${got}. Mend or remove the link`,
      { cause: error },
    );
  }
}

const otherImages = ['.jpg', '.jpeg', '.webp', '.gif', '.bmp', '.tif', '.tiff', '.avif', '.heic'];

function pngsOf(asked: string, folder: string, names: readonly string[]): string[] {
  const other = names.find((name) => otherImages.includes(extname(name).toLowerCase()));
  if (other !== undefined) {
    throw new DataFormatError(
      'PNG',
      `Cannot ${asked}: all images must be PNG files, got '${join(folder, other)}'. ` +
        'Convert it, for example with ImageMagick: magick mogrify -format png *.*, and move the originals away',
    );
  }
  return names.filter((name) => extname(name).toLowerCase() === '.png').map((n) => join(folder, n));
}

async function readImage(
  asked: string,
  file: string,
  { imageShape, resize = false, background = 255 }: ImageFolderOptions,
): Promise<Picture> {
  const [height, width, channels] = imageShape;
  let picture: Picture;
  try {
    picture = decodePng(await readFile(file));
  } catch (error) {
    if (error instanceof DataFormatError) {
      const message = `Cannot ${asked}: '${file}' must be a sound PNG. ${error.message}`;
      throw new DataFormatError('PNG', message, { cause: error });
    }
    throw new Error(`Cannot ${asked}: '${file}' must be readable, got ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const converted = convertPicture(picture, channels === 1 ? 1 : 3, background);
  if (resize) return resizePicture(converted, width, height);
  if (picture.width === width && picture.height === height) return converted;
  throw new RangeError(
    `Cannot ${asked}: '${file}' must have the ${height}×${width} pixels of imageShape (height×width), ` +
      `got ${picture.height}×${picture.width}. Pass resize: true to have it scaled and cut`,
  );
}

function checkImageShape(asked: string, imageShape: ImageFolderOptions['imageShape']): void {
  const ok = Array.isArray(imageShape) && imageShape.length === 3;
  if (!ok || (imageShape[2] !== 1 && imageShape[2] !== 3)) {
    throw new RangeError(
      `Cannot ${asked}: imageShape must be [height, width, 1 or 3], ` +
        `got ${Array.isArray(imageShape) ? formatShape(imageShape) : formatValue(imageShape)}`,
    );
  }
  imageShape.forEach((side, axis) => checkPositiveInteger(asked, `imageShape[${axis}]`, side));
}

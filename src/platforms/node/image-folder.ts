import type { Dirent, Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { checkOneOf, checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import { DataFormatError } from '../../core/errors.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { isError } from '../../core/realms.ts';
import type { ValueRange } from '../../core/value-range.ts';
import { datasetFromArray } from '../../data/from-array.ts';
import type { InMemoryDataset } from '../../data/in-memory.ts';
import { convertPicture } from '../../io/convert-picture.ts';
import type { Color, Picture } from '../../io/picture.ts';
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
  /** What every image becomes, `[height, width, channels]`, with 1 channel for gray or 3 for color. */
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
  readonly background?: Color | undefined;
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
  /**
   * What to do about an image that cannot be used: damaged, unreadable, of another size, or no PNG. `'skip'` leaves it
   * out, warns once, and lists it in `skipped`.
   *
   * @defaultValue `'throw'`
   */
  readonly onError?: 'throw' | 'skip' | undefined;
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
  /** The files that `onError: 'skip'` left out, and why. */
  readonly skipped: readonly {
    /** Path of the file. */
    readonly file: string;
    /** Why it cannot be used. */
    readonly error: Error;
  }[];
}

/**
 * A dataset of the PNG files in a folder.
 *
 * Gray becomes color and color becomes gray as `imageShape` asks; transparency is laid on `background`. The order is
 * that of the names, the same on every system. All images are held in memory, one byte a value.
 *
 * @param path - The folder, as a path or a `file:` address.
 * @param options - Shape, labels and what to do with other sizes.
 * @returns The dataset.
 * @throws RangeError where an image has another size; DataFormatError where a file is damaged or no PNG; Error where
 *   the folder holds none, or none that can be used.
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
 *
 * @example Leave out images of another size
 * ```ts
 * await saveImageGrid('photos/small.png', tf.slice(images, 0, 1), { padding: 0 });
 * await saveImageGrid('photos/wide.png', tf.slice(images, 0, 2), { padding: 0 });
 * const photos = await imageFolder('photos', { imageShape: [8, 8, 1], onError: 'skip' });
 * console.log(photos.size, photos.skipped[0]?.file); // 1 photos/wide.png
 * ```
 */
export async function imageFolder(
  path: string | URL,
  options: ImageFolderOptions,
): Promise<ImageFolder> {
  const folder = checkPath('read the images of a folder', path, 'path');
  const action = `read the images of '${folder}'`;
  checkOptions(action, options);
  const { imageShape, valueRange, limit, onError = 'throw' } = options;
  checkImageShape(action, imageShape);
  if (limit !== undefined) checkPositiveInteger(action, 'limit', limit);
  checkOneOf(action, 'onError', onError, ['throw', 'skip']);
  const { files, classNames } = await listFiles(action, folder, options);
  const imageSize = imageShape.reduce((product, side) => product * side, 1);
  const most = Math.min(files.length, limit ?? Infinity);
  const pixels = new Uint8Array(most * imageSize);
  const taken: LabeledFile[] = [];
  const skipped: { file: string; error: Error }[] = [];
  for (const labeled of files) {
    if (taken.length === most) break;
    try {
      const { data } = await readImage(action, labeled.file, options);
      pixels.set(data, taken.length * imageSize);
      taken.push(labeled);
    } catch (error) {
      if (onError === 'throw' || !isError(error)) throw error;
      skipped.push({ file: labeled.file, error });
    }
  }
  reportSkipped(action, folder, skipped, taken.length);
  const dataset = datasetFromArray(pixels.subarray(0, taken.length * imageSize), {
    name: basename(resolve(folder)),
    sampleShape: imageShape,
    valueRange,
    ...(classNames && { labels: taken.map(({ label }) => label), classes: classNames.length }),
  });
  return { ...dataset, classNames, skipped };
}

/** Names that a warning lists. */
const mostNames = 5;

function reportSkipped(
  action: string,
  path: string,
  skipped: ImageFolder['skipped'],
  taken: number,
): void {
  const [first] = skipped;
  if (first === undefined) return;
  if (taken === 0) {
    throw new Error(
      `Cannot ${action}: at least one image must be usable, got none of ${skipped.length}. ${first.error.message}`,
      { cause: first.error },
    );
  }
  const names = skipped.slice(0, mostNames).map(({ file }) => `'${file}'`);
  if (skipped.length > mostNames) names.push(`${skipped.length - mostNames} more`);
  console.warn(
    `tfjs-gan: skipped ${skipped.length} of ${skipped.length + taken} images of '${path}': ${names.join(', ')}. ` +
      'The skipped of the dataset says why',
  );
}

interface LabeledFile {
  readonly file: string;
  readonly label: number;
}

async function listFiles(
  action: string,
  path: string,
  { labels = 'none', onError }: ImageFolderOptions,
): Promise<{ files: readonly LabeledFile[]; classNames?: readonly string[] }> {
  const top = await list(action, path);
  if (labels === 'none') {
    const files = imagesOf(action, path, top.files, onError);
    if (files.length > 0) return { files: files.map((file) => ({ file, label: 0 })) };
    const cure =
      top.folders.length === 0 ? '' : `. Pass labels: 'subfolders' for those in its subfolders`;
    throw new Error(`Cannot ${action}: it must hold PNG files, got none${cure}`);
  }
  if (labels !== 'subfolders') {
    throw new RangeError(
      `Cannot ${action}: labels must be 'none' or 'subfolders', got ${formatValue(labels)}`,
    );
  }
  const groups = await Promise.all(
    top.folders.map(async (name) => {
      const folder = join(path, name);
      return { name, files: imagesOf(action, folder, (await list(action, folder)).files, onError) };
    }),
  );
  const empty = groups.find(({ files }) => files.length === 0);
  if (groups.length === 0 || empty !== undefined) {
    const got = empty === undefined ? 'no subfolder' : `none in '${empty.name}'`;
    throw new Error(`Cannot ${action}: its subfolders must hold PNG files, got ${got}`);
  }
  return {
    files: groups.flatMap(({ files }, label) => files.map((file) => ({ file, label }))),
    classNames: groups.map(({ name }) => name),
  };
}

/** Files and folders that are not hidden, in the order of their names' code units on every system. */
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

/** What a link leads to. A broken one may be an image or a whole class, so it is not passed over. */
async function targetOf(action: string, link: string): Promise<Stats> {
  try {
    return await stat(link);
  } catch (error) {
    const got = isMissing(error) ? 'a link to nothing' : reasonOf(error);
    throw new Error(
      `Cannot ${action}: '${link}' must lead to a file or a folder, got ${got}. Mend or remove the link`,
      { cause: error },
    );
  }
}

const otherImages = ['.jpg', '.jpeg', '.webp', '.gif', '.bmp', '.tif', '.tiff', '.avif', '.heic'];

/** The PNG files; where errors are skipped, other images as well, to be listed with them. */
function imagesOf(
  action: string,
  folder: string,
  names: readonly string[],
  onError: ImageFolderOptions['onError'],
): string[] {
  const extensions = onError === 'skip' ? ['.png', ...otherImages] : ['.png'];
  const has = (name: string, some: readonly string[]): boolean =>
    some.includes(extname(name).toLowerCase());
  const other = names.find((name) => has(name, otherImages));
  if (other !== undefined && onError !== 'skip') {
    throw new DataFormatError(
      'PNG',
      `Cannot ${action}: all images must be PNG files, got '${join(folder, other)}'. ` +
        'Convert it, for example with ImageMagick: magick mogrify -format png *.*, and move the originals away',
    );
  }
  return names.filter((name) => has(name, extensions)).map((name) => join(folder, name));
}

async function readImage(
  action: string,
  file: string,
  { imageShape, resize = false, background = 255 }: ImageFolderOptions,
): Promise<Picture> {
  const [height, width, channels] = imageShape;
  let picture: Picture;
  try {
    picture = decodePng(await readFile(file));
  } catch (error) {
    if (error instanceof DataFormatError) {
      const message = `Cannot ${action}: '${file}' must be a sound PNG. ${error.message}`;
      throw new DataFormatError('PNG', message, { cause: error });
    }
    throw new Error(`Cannot ${action}: '${file}' must be readable, got ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const converted = convertPicture(picture, channels === 1 ? 1 : 3, background);
  if (resize) return resizePicture(converted, width, height);
  if (picture.width === width && picture.height === height) return converted;
  throw new RangeError(
    `Cannot ${action}: '${file}' must have the ${height}×${width} pixels of imageShape (height×width), ` +
      `got ${picture.height}×${picture.width}. Pass resize: true to have it scaled and cut`,
  );
}

function checkImageShape(action: string, imageShape: ImageFolderOptions['imageShape']): void {
  const ok = Array.isArray(imageShape) && imageShape.length === 3;
  if (!ok || (imageShape[2] !== 1 && imageShape[2] !== 3)) {
    throw new RangeError(
      `Cannot ${action}: imageShape must be [height, width, 1 or 3], ` +
        `got ${Array.isArray(imageShape) ? formatShape(imageShape) : formatValue(imageShape)}`,
    );
  }
  imageShape.forEach((side, axis) => checkPositiveInteger(action, `imageShape[${axis}]`, side));
}

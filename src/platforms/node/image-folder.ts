import { basename, resolve } from 'node:path';
import { checkOneOf, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { isError } from '../../core/realms.ts';
import { checkValueRange, imageRange, type ValueRange } from '../../core/value-range.ts';
import type { Dataset } from '../../data/dataset.ts';
import {
  allocatePixels,
  datasetInMemory,
  datasetOnDemand,
  type PictureFiles,
} from '../../data/files-dataset.ts';
import type { OnDemandDataset } from '../../data/on-demand.ts';
import { fitPicture, type FitPlan, fitPlan } from '../../io/fit-picture.ts';
import type { Color } from '../../io/picture.ts';
import type { ResizeOptions } from '../../io/resize-picture.ts';
import { checkPath } from './check-path.ts';
import { type LabeledFile, listPictures } from './list-pictures.ts';
import { readPicture } from './read-picture.ts';

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
  /**
   * What every image becomes, `[height, width, channels]`: 1 channel for gray, 3 for color, 4 for color with opacity.
   */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /**
   * `'subfolders'` takes the images of each direct subfolder as one class, numbered in the order of their names.
   *
   * @defaultValue `'none'`: the images directly in the folder
   */
  readonly labels?: 'none' | 'subfolders' | undefined;
  /**
   * Whether to bring images of other sizes to that of `imageShape`, and how: `true` scales them until they cover it, and
   * cuts what stands over at both sides.
   *
   * @defaultValue `false`: they are an error
   */
  readonly resize?: boolean | ResizeOptions | undefined;
  /**
   * What shows through transparent pixels, if `imageShape` has 1 or 3 channels.
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
   * Whether to read the files of each batch when it is due, rather than all at once: for more images than memory holds.
   * Order and values are the same, bit for bit. A file that cannot be used is an error when its turn comes.
   *
   * @defaultValue `false`
   */
  readonly onDemand?: boolean | undefined;
  /**
   * What to do about an image that cannot be used: damaged, unreadable, of another size, or of another kind. `'skip'`
   * leaves it out, warns once, and lists it in `skipped`. With `onDemand`, all files are then looked at once before.
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
export interface ImageFolder extends Dataset {
  /** How many images there are. */
  readonly size: number;
  /** The range of the values of a batch. */
  readonly valueRange?: ValueRange | undefined;
  /** The subfolders, by label; `undefined` without labels. */
  readonly classNames?: readonly string[] | undefined;
  /** The files that `onError: 'skip'` left out, and why. */
  readonly skipped: readonly {
    /** Path of the file. */
    readonly file: string;
    /** Why it cannot be used. */
    readonly error: Error;
  }[];
  /**
   * The images from `start` up to, not including, `end`, in the order of their names. Nothing is copied. Negative positions
   * count from the end.
   *
   * @param start - Position of the first image.
   * @param end - Position after the last image; the end of the dataset if left out.
   * @returns A dataset of its own, with the same classes.
   * @throws RangeError if no image is left.
   */
  slice(start: number, end?: number): ImageFolder;
}

/**
 * A dataset of the PNG and JPEG files in a folder, told apart by their first bytes.
 *
 * Photographs are turned upright. Gray becomes color and color becomes gray as `imageShape` asks; transparency is laid on
 * `background`, or kept as a fourth channel. The order is that of the names, the same on every system.
 *
 * - Memory: one byte a value for all images, or two batches with `onDemand`. Nothing needs disposing.
 *
 * @param path - The folder, as a path or a `file:` address.
 * @param options - Shape, labels and what to do with other sizes.
 * @returns The dataset.
 * @throws RangeError if an image has another size; DataFormatError if a file is damaged or of another kind; Error if the
 *   folder holds none, or none that can be used.
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
  const settings = checkSettings(action, options);
  const { labels, limit, onDemand, onError } = settings;
  const others = onError === 'skip' ? 'list' : 'throw';
  const listed = await listPictures(action, folder, { labels, others });
  const pictures: PictureFiles<string> = {
    ...listed,
    name: basename(resolve(folder)),
    imageShape: settings.imageShape,
    valueRange: settings.valueRange,
    read: (file) => readPixels(action, file, settings.plan),
  };
  const most = Math.min(listed.files.length, limit ?? Infinity);
  const { dataset, skipped } =
    onDemand && onError === 'throw'
      ? {
          dataset: datasetOnDemand({ ...pictures, files: listed.files.slice(0, most) }),
          skipped: [],
        }
      : await readAll(action, pictures, { most, onDemand, onError });
  reportSkipped(folder, skipped, dataset.size);
  return asFolder(dataset, { classNames: listed.classNames, skipped });
}

/** The options, checked. */
interface Settings {
  readonly imageShape: ImageFolderOptions['imageShape'];
  readonly plan: FitPlan;
  readonly labels: 'none' | 'subfolders';
  readonly valueRange: ValueRange;
  readonly limit: number | undefined;
  readonly onDemand: boolean;
  readonly onError: 'throw' | 'skip';
}

function checkSettings(action: string, options: ImageFolderOptions): Settings {
  const settings = withDefaults(action, options, {
    imageShape: undefined,
    labels: 'none',
    resize: false,
    background: 255,
    valueRange: imageRange,
    limit: undefined,
    onDemand: false,
    onError: 'throw',
  });
  const plan = fitPlan(action, settings);
  checkOneOf(action, 'labels', settings.labels, ['none', 'subfolders']);
  checkValueRange(action, 'valueRange', settings.valueRange);
  if (settings.limit !== undefined) checkPositiveInteger(action, 'limit', settings.limit);
  checkOneOf(action, 'onDemand', settings.onDemand, [true, false]);
  checkOneOf(action, 'onError', settings.onError, ['throw', 'skip']);
  return { ...settings, plan };
}

async function readPixels(action: string, file: string, plan: FitPlan): Promise<Uint8Array> {
  return fitPicture(action, `'${file}'`, await readPicture(action, file), plan).data;
}

/** Reads all files, and keeps their pixels unless they are to be read on demand. */
async function readAll(
  action: string,
  pictures: PictureFiles<string>,
  { most, onDemand, onError }: Pick<Settings, 'onDemand' | 'onError'> & { readonly most: number },
): Promise<{ dataset: OnDemandDataset; skipped: ImageFolder['skipped'] }> {
  const imageSize = pictures.imageShape.reduce((product, side) => product * side, 1);
  const pixels = onDemand ? undefined : allocatePixels(action, most, imageSize);
  const files: LabeledFile[] = [];
  const skipped: { file: string; error: Error }[] = [];
  for (const labeled of pictures.files) {
    if (files.length === most) break;
    try {
      const data = await pictures.read(labeled.file);
      pixels?.set(data, files.length * imageSize);
      files.push(labeled);
    } catch (error) {
      if (onError === 'throw' || !isError(error)) throw error;
      skipped.push({ file: labeled.file, error });
    }
  }
  if (files.length === 0) {
    const cause = skipped[0]?.error;
    throw new Error(
      `Cannot ${action}: at least one image must be usable, got none of ${skipped.length}. ${cause?.message}`,
      { cause },
    );
  }
  const taken = { ...pictures, files };
  const dataset =
    pixels === undefined
      ? datasetOnDemand(taken)
      : datasetInMemory(taken, pixels.subarray(0, files.length * imageSize));
  return { dataset, skipped };
}

function asFolder(
  dataset: OnDemandDataset,
  known: Pick<ImageFolder, 'classNames' | 'skipped'>,
): ImageFolder {
  return {
    ...dataset,
    ...known,
    slice: (start, end) => asFolder(dataset.slice(start, end), known),
  };
}

/** Names that a warning lists. */
const mostNames = 5;

function reportSkipped(path: string, skipped: ImageFolder['skipped'], taken: number): void {
  if (skipped.length === 0) return;
  const names = skipped.slice(0, mostNames).map(({ file }) => `'${file}'`);
  if (skipped.length > mostNames) names.push(`${skipped.length - mostNames} more`);
  console.warn(
    `tfjs-gan: skipped ${skipped.length} of ${skipped.length + taken} images of '${path}': ${names.join(', ')}. ` +
      'The skipped of the dataset says why',
  );
}

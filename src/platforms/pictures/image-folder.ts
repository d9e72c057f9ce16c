import { checkOneOf, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { isError } from '../../core/realms.ts';
import { checkValueRange, imageRange, type ValueRange } from '../../core/value-range.ts';
import { fitPicture, type FitPlan, fitPlan } from '../../io/fit-picture.ts';
import type { Color, Picture } from '../../io/picture.ts';
import type { ResizeOptions } from '../../io/resize-picture.ts';
import type { Dataset } from '../../data/dataset.ts';
import {
  allocatePixels,
  datasetInMemory,
  datasetOnDemand,
  type PictureFiles,
} from '../../data/files-dataset.ts';
import type { OnDemandDataset } from '../../data/on-demand.ts';

/**
 * Settings of `imageFolder` and `imageFiles`.
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
   * What every image becomes, `[height, width, channels]`: 1 channel for gray, 3 for color, 4 for
   * color with opacity.
   */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /**
   * `'subfolders'` takes the folder of each image as its class, numbered in the order of their
   * names: in Node the direct subfolders, in a page the folders that the user chose by
   * `<input type="file" webkitdirectory>`.
   *
   * @defaultValue `'none'`: the images directly in the folder, or all files
   */
  readonly labels?: 'none' | 'subfolders' | undefined;
  /**
   * Whether to bring images of other sizes to that of `imageShape`, and how: `true` scales them
   * until they cover it, and cuts what stands over at both sides.
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
   * Whether to read the files of each batch when it is due, rather than all at once: for more
   * images than memory holds. Order and values are the same, bit-for-bit. A file that cannot be
   * used is an error when its turn comes.
   *
   * @defaultValue `false`
   */
  readonly onDemand?: boolean | undefined;
  /**
   * What to do about an image that cannot be used: damaged, unreadable, of another size, or of
   * another kind. `'skip'` leaves it out and lists it in `skipped`; in Node it warns once. With
   * `onDemand`, all files are then looked at once before.
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
    /** Path of the file; in a page its name, with its folders if they are known. */
    readonly file: string;
    /** Why it cannot be used. */
    readonly error: Error;
  }[];
  /**
   * The images from `start` up to, not including, `end`, in the order of their names. Nothing is
   * copied. Negative positions count from the end.
   *
   * @param start - Position of the first image.
   * @param end - Position after the last image; the end of the dataset if left out.
   * @returns A dataset of its own, with the same classes.
   * @throws RangeError if no image is left.
   */
  slice(start: number, end?: number): ImageFolder;
}

/** {@link ImageFolderOptions}, checked. @internal */
export interface ImageFolderSettings extends Pick<ImageFolderOptions, 'imageShape'> {
  readonly plan: FitPlan;
  readonly labels: 'none' | 'subfolders';
  readonly valueRange: ValueRange;
  readonly limit: number | undefined;
  readonly onDemand: boolean;
  readonly onError: 'throw' | 'skip';
}

/** @internal */
export function checkFolderOptions(
  action: string,
  options: ImageFolderOptions,
): ImageFolderSettings {
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

/** Pictures before they are read, each known to its platform by an `F`. @internal */
export interface ListedImages<F> extends Pick<PictureFiles<F>, 'name' | 'files' | 'classNames'> {
  readonly nameOf: (file: F) => string;
  readonly decode: (file: F) => Promise<Picture>;
}

/**
 * The dataset of listed pictures. Unless they are read on demand and any failure is an error, all
 * are looked at once.
 *
 * @internal
 */
export async function folderDataset<F>(
  action: string,
  { name, files, classNames, nameOf, decode }: ListedImages<F>,
  { imageShape, valueRange, plan, limit, onDemand, onError }: ImageFolderSettings,
): Promise<ImageFolder> {
  const read = async (file: F): Promise<Uint8Array> =>
    fitPicture(action, `'${nameOf(file)}'`, await decode(file), plan).data;
  const pictures = { name, classNames, imageShape, valueRange, read };
  const most = Math.min(files.length, limit ?? Infinity);
  if (onDemand && onError === 'throw') {
    const dataset = datasetOnDemand({ ...pictures, files: files.slice(0, most) });
    return asFolder(dataset, { classNames, skipped: [] });
  }
  const imageSize = imageShape.reduce((product, side) => product * side, 1);
  const pixels = onDemand ? undefined : allocatePixels(action, most, imageSize);
  const taken: (typeof files)[number][] = [];
  const skipped: { file: string; error: Error }[] = [];
  for (const labeled of files) {
    if (taken.length === most) break;
    try {
      const data = await read(labeled.file);
      pixels?.set(data, taken.length * imageSize);
      taken.push(labeled);
    } catch (error) {
      if (onError === 'throw' || !isError(error)) throw error;
      skipped.push({ file: nameOf(labeled.file), error });
    }
  }
  if (taken.length === 0) {
    const cause = skipped[0]?.error;
    throw new Error(
      `Cannot ${action}: at least one image must be usable, got none of ${skipped.length}. ${cause?.message}`,
      { cause },
    );
  }
  const used = { ...pictures, files: taken };
  const dataset =
    pixels === undefined
      ? datasetOnDemand(used)
      : datasetInMemory(used, pixels.subarray(0, taken.length * imageSize));
  return asFolder(dataset, { classNames, skipped });
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

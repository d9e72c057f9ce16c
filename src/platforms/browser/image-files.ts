import { checkOneOf, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { isError } from '../../core/realms.ts';
import { checkValueRange, imageRange, type ValueRange } from '../../core/value-range.ts';
import type { Dataset } from '../../data/dataset.ts';
import { allocatePixels, datasetInMemory, datasetOnDemand } from '../../data/files-dataset.ts';
import type { OnDemandDataset } from '../../data/on-demand.ts';
import { fitPicture, type FitPlan, fitPlan } from '../../io/fit-picture.ts';
import type { Color } from '../../io/picture.ts';
import type { ResizeOptions } from '../../io/resize-picture.ts';
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
export interface ImageFilesOptions {
  /**
   * What every image becomes, `[height, width, channels]`: 1 channel for gray, 3 for color, 4 for color with opacity.
   */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /**
   * `'subfolders'` takes the folder that each file lies in as its class, numbered in the order of their names. Files have
   * folders if the user chose one: `<input type="file" webkitdirectory>`.
   *
   * @defaultValue `'none'`
   */
  readonly labels?: 'none' | 'subfolders' | undefined;
  /**
   * Whether to bring images of other sizes to that of `imageShape`, and how; `true` covers it, and cuts what stands over.
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
   * Whether to read the files of each batch when it is due, rather than all at once.
   *
   * @defaultValue `false`
   */
  readonly onDemand?: boolean | undefined;
  /**
   * What to do about a file that cannot be used. `'skip'` leaves it out and lists it in `skipped`.
   *
   * @defaultValue `'throw'`
   */
  readonly onError?: 'throw' | 'skip' | undefined;
}

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
export interface ImageFiles extends Dataset {
  /** How many images there are. */
  readonly size: number;
  /** The range of the values of a batch. */
  readonly valueRange?: ValueRange | undefined;
  /** The folders, by label; `undefined` without labels. */
  readonly classNames?: readonly string[] | undefined;
  /** The files that `onError: 'skip'` left out, and why. */
  readonly skipped: readonly {
    /** Name of the file, with its folders if they are known. */
    readonly file: string;
    /** Why it cannot be used. */
    readonly error: Error;
  }[];
  /**
   * The images from `start` up to, not including, `end`. Nothing is copied. Negative positions count from the end.
   *
   * @param start - Position of the first image.
   * @param end - Position after the last image; the end of the dataset if left out.
   * @returns A dataset of its own, with the same classes.
   * @throws RangeError if no image is left.
   */
  slice(start: number, end?: number): ImageFiles;
}

/**
 * A dataset of picture files in a page: those that a user chose or dropped, or blobs that were fetched.
 *
 * The browser decodes them, so whatever it can show can be read: PNG, JPEG, WebP, AVIF. Photographs are turned upright.
 * Files are sorted by name, folders included; blobs without a name stay in their order, before those. Hidden files and
 * those that are no pictures by their type are left out, as a folder has them.
 *
 * The rest is as in `imageFolder` of `tfjs-gan/node`. A canvas keeps little of a color that is almost transparent, so with 4
 * channels such colors differ from those of Node by some levels.
 *
 * - Memory: one byte a value for all images, or two batches with `onDemand`. Nothing needs disposing.
 *
 * @param files - A `FileList`, or any files and blobs.
 * @param options - Shape, labels and what to do with other sizes.
 * @returns The dataset.
 * @throws RangeError if an image has another size; DataFormatError if the browser cannot read a file; TypeError if something
 *   else than files is passed; Error if none is a picture.
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
  const settings = checkSettings(action, options);
  const { labels, onDemand, onError } = settings;
  const { pictures, classNames } = listFiles(action, files, labels);
  const content = {
    name: 'image files',
    imageShape: settings.imageShape,
    valueRange: settings.valueRange,
    classNames,
    read: async ({ name, blob }: NamedBlob) =>
      fitPicture(action, `'${name}'`, await decodeBlob(action, name, blob), settings.plan).data,
  };
  const most = Math.min(pictures.length, settings.limit ?? Infinity);
  if (onDemand && onError === 'throw') {
    const dataset = datasetOnDemand({ ...content, files: pictures.slice(0, most) });
    return asFiles(dataset, { classNames, skipped: [] });
  }
  const imageSize = content.imageShape.reduce((product, side) => product * side, 1);
  const pixels = onDemand ? undefined : allocatePixels(action, most, imageSize);
  const taken: (typeof pictures)[number][] = [];
  const skipped: { file: string; error: Error }[] = [];
  for (const picture of pictures) {
    if (taken.length === most) break;
    try {
      pixels?.set(await content.read(picture.file), taken.length * imageSize);
      taken.push(picture);
    } catch (error) {
      if (onError === 'throw' || !isError(error)) throw error;
      skipped.push({ file: picture.file.name, error });
    }
  }
  if (taken.length === 0) {
    const cause = skipped[0]?.error;
    throw new Error(
      `Cannot ${action}: at least one image must be usable, got none of ${skipped.length}. ${cause?.message}`,
      { cause },
    );
  }
  const used = { ...content, files: taken };
  const dataset =
    pixels === undefined
      ? datasetOnDemand(used)
      : datasetInMemory(used, pixels.subarray(0, taken.length * imageSize));
  return asFiles(dataset, { classNames, skipped });
}

interface Settings {
  readonly imageShape: ImageFilesOptions['imageShape'];
  readonly plan: FitPlan;
  readonly labels: 'none' | 'subfolders';
  readonly valueRange: ValueRange;
  readonly limit: number | undefined;
  readonly onDemand: boolean;
  readonly onError: 'throw' | 'skip';
}

function checkSettings(action: string, options: ImageFilesOptions): Settings {
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
  const classNames = [...new Set(folders)].sort();
  return {
    pictures: pictures.map((file, i) => ({ file, label: classNames.indexOf(folders[i] ?? '') })),
    classNames,
  };
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function nameOf(blob: Blob): string {
  if (!(blob instanceof File)) return '';
  return blob.webkitRelativePath === '' ? blob.name : blob.webkitRelativePath;
}

function asFiles(
  dataset: OnDemandDataset,
  known: Pick<ImageFiles, 'classNames' | 'skipped'>,
): ImageFiles {
  return {
    ...dataset,
    ...known,
    slice: (start, end) => asFiles(dataset.slice(start, end), known),
  };
}

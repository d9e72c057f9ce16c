import { basename, extname, join, resolve } from 'node:path';
import { checkOneOf, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { checkValueRange, imageRange, type ValueRange } from '../../core/value-range.ts';
import type { Dataset } from '../../data/dataset.ts';
import {
  allocatePixels,
  datasetInMemory,
  datasetOnDemand,
  type PictureFiles,
} from '../../data/files-dataset.ts';
import type { ImageFolderOptions } from '../pictures/image-folder.ts';
import type { OnDemandDataset } from '../../data/on-demand.ts';
import { paired } from '../../data/paired.ts';
import { fitPicture, type FitPlan, fitPlan } from '../../io/fit-picture.ts';
import type { Picture } from '../../io/picture.ts';
import { checkPath } from './check-path.ts';
import { listPictures } from './list-pictures.ts';
import { readPicture } from './read-picture.ts';

/**
 * Settings of {@link imagePairs}.
 *
 * @example Labels on the right half, photographs on the left, as in the facades of pix2pix
 * ```ts
 * await saveImageGrid('facades/1.png', tf.slice(images, 0, 2), { padding: 0 });
 * const options: ImagePairsOptions = { imageShape: [8, 8, 1], layout: 'halves', source: 'right' };
 * const facades = await imagePairs('facades', options);
 * console.log(facades.size, facades.sampleShape, facades.tensors?.['source']); // 1 [ 8, 8, 1 ] [ 8, 8, 1 ]
 * ```
 */
export interface ImagePairsOptions extends Pick<
  ImageFolderOptions,
  'resize' | 'background' | 'valueRange' | 'limit' | 'onDemand'
> {
  /** Shape of the samples, `[height, width, channels]`, with 1, 3 or 4 channels. */
  readonly imageShape: readonly [height: number, width: number, channels: number];
  /**
   * Shape of the sources.
   *
   * @defaultValue `imageShape`
   */
  readonly sourceShape?: readonly [height: number, width: number, channels: number] | undefined;
  /**
   * `'folders'`: two subfolders with files of the same names. `'halves'`: each file is a pair, left
   * and right.
   *
   * @defaultValue `'folders'`
   */
  readonly layout?: 'folders' | 'halves' | undefined;
  /**
   * Location of the source images: the name of a subfolder, or `'left'` or `'right'`.
   *
   * @defaultValue `'A'`, or `'left'`
   */
  readonly source?: string | undefined;
  /**
   * Location of the target images: the name of the other subfolder, or the other half.
   *
   * @defaultValue `'B'`, or the half that is not `source`
   */
  readonly samples?: string | undefined;
}

/**
 * Pairs of pictures, in the order of their names.
 *
 * @example Hold ten pairs back
 * ```ts no-run
 * const pairs: ImagePairs = await imagePairs('maps', { imageShape: [64, 64, 3], resize: true });
 * const [training, heldOut] = [pairs.slice(0, -10), pairs.slice(-10)];
 * ```
 */
export interface ImagePairs extends Dataset {
  /** Number of pairs. */
  readonly size: number;
  /**
   * The pairs from `start` up to, not including, `end`. Nothing is copied. Negative positions count
   * from the end.
   *
   * @param start - Position of the first pair.
   * @param end - Position after the last pair; the end of the dataset if omitted.
   * @returns A new dataset.
   * @throws RangeError if no pair is left.
   */
  slice(start: number, end?: number): ImagePairs;
}

/**
 * Creates a dataset of pairs for image-to-image GANs, from two folders or from files with both
 * images side by side.
 *
 * Batches have `source`, the input image, and `samples`, the target, as
 * `paired({ source, samples })` of two datasets. For unpaired images, combine two `imageFolder`
 * datasets with `unpaired`.
 *
 * - Memory: one byte per value, or two batches with `onDemand`. Nothing to dispose.
 *
 * @param path - The folder, as a path or a `file:` URL.
 * @param options - Shapes, and the layout of the pairs.
 * @returns The dataset.
 * @throws RangeError if an image has another size, halves have an odd width, or an option or `path`
 *   is out of range; TypeError if an option is unknown or of another type; DataFormatError if an
 *   image is damaged or has an unknown format; Error if a folder is missing or empty, or an image
 *   has no partner.
 *
 * @example Outlines in one folder, shoes in the other, mirrored alike
 * ```ts no-run
 * const pairs = await imagePairs('edges2shoes', {
 *   imageShape: [64, 64, 3],
 *   sourceShape: [64, 64, 1],
 *   source: 'edges',
 *   samples: 'shoes',
 *   resize: true,
 * });
 * const training = augmented(pairs, { flip: true });
 * ```
 */
export async function imagePairs(
  path: string | URL,
  options: ImagePairsOptions,
): Promise<ImagePairs> {
  const folder = checkPath('read pairs of images', path, 'path');
  const action = `read the pairs of images of '${folder}'`;
  const settings = checkSettings(action, options);
  const pairs = await listPairs(action, folder, settings);
  const { limit = pairs.length, onDemand } = settings;
  const sides = sidesOf(action, folder, pairs.slice(0, limit), settings);
  return onDemand
    ? asPairs(datasetOnDemand(sides.samples), datasetOnDemand(sides.source))
    : readAll(action, sides);
}

interface Settings extends Required<Pick<ImagePairsOptions, 'imageShape' | 'layout'>> {
  readonly layout: 'folders' | 'halves';
  readonly sourceShape: ImagePairsOptions['imageShape'];
  readonly plans: { readonly source: FitPlan; readonly samples: FitPlan };
  /** Names of subfolders or halves. */
  readonly source: string;
  readonly samples: string;
  readonly valueRange: ValueRange;
  readonly limit: number | undefined;
  readonly onDemand: boolean;
}

function checkSettings(action: string, options: ImagePairsOptions): Settings {
  const settings = withDefaults(action, options, {
    imageShape: undefined,
    sourceShape: undefined,
    layout: 'folders',
    source: undefined,
    samples: undefined,
    resize: false,
    background: 255,
    valueRange: imageRange,
    limit: undefined,
    onDemand: false,
  });
  const { imageShape, sourceShape = imageShape, layout, limit } = settings;
  const plans = {
    samples: fitPlan(action, settings),
    source: fitPlan(action, { ...settings, imageShape: sourceShape }),
  };
  checkOneOf(action, 'layout', layout, ['folders', 'halves']);
  checkValueRange(action, 'valueRange', settings.valueRange);
  if (limit !== undefined) checkPositiveInteger(action, 'limit', limit);
  checkOneOf(action, 'onDemand', settings.onDemand, [true, false]);
  return { ...settings, ...namesOf(action, settings), sourceShape, plans };
}

/** Locations of source and samples. */
function namesOf(
  action: string,
  { layout, source, samples }: Pick<ImagePairsOptions, 'layout' | 'source' | 'samples'>,
): Pick<Settings, 'source' | 'samples'> {
  if (layout === 'halves') {
    const left = source ?? (samples === 'left' ? 'right' : 'left');
    const right = samples ?? (left === 'left' ? 'right' : 'left');
    checkOneOf(action, 'source', left, ['left', 'right']);
    checkOneOf(action, 'samples', right, ['left', 'right']);
    if (left !== right) return { source: left, samples: right };
  } else {
    const names = { source: source ?? 'A', samples: samples ?? 'B' };
    if (names.source !== names.samples) return names;
  }
  throw new RangeError(
    `Cannot ${action}: source and samples must be two places, got ${formatValue(source ?? samples)} for both`,
  );
}

interface Pair {
  readonly source: string;
  readonly samples: string;
}

async function listPairs(
  action: string,
  folder: string,
  { layout, source, samples }: Settings,
): Promise<readonly Pair[]> {
  const listing = { labels: 'none', others: 'throw' } as const;
  if (layout === 'halves') {
    const { files } = await listPictures(action, folder, listing);
    return files.map(({ file }) => ({ source: file, samples: file }));
  }
  const byName = async (name: string): Promise<ReadonlyMap<string, string>> => {
    const { files } = await listPictures(action, join(folder, name), listing);
    const named = new Map<string, string>();
    for (const { file } of files) {
      const key = basename(file, extname(file));
      const other = named.get(key);
      if (other !== undefined) {
        throw new Error(
          `Cannot ${action}: a folder must have one picture of a name, got '${other}' and '${file}'`,
        );
      }
      named.set(key, file);
    }
    return named;
  };
  const [sources, targets] = [await byName(source), await byName(samples)];
  const alone =
    [...sources].find(([name]) => !targets.has(name)) ??
    [...targets].find(([name]) => !sources.has(name));
  if (alone !== undefined) {
    throw new Error(
      `Cannot ${action}: each picture must have a partner of the same name in the other folder, ` +
        `'${source}' or '${samples}', got '${alone[1]}' alone (the folders hold ${sources.size} and ${targets.size}). ` +
        'Remove it, or join two of imageFolder by unpaired({ a, b })',
    );
  }
  return [...sources].map(([name, file]) => ({ source: file, samples: targets.get(name) ?? '' }));
}

/** The two datasets of the pairs, before files are read. */
function sidesOf(
  action: string,
  folder: string,
  pairs: readonly Pair[],
  settings: Settings,
): { readonly source: PictureFiles<string>; readonly samples: PictureFiles<string> } {
  const { layout, plans, valueRange, imageShape, sourceShape } = settings;
  const readFrom =
    layout === 'halves' ? readOnce(action) : (file: string) => readPicture(action, file);
  const sideOf = (name: keyof Pair): PictureFiles<string> => ({
    name: basename(resolve(folder)),
    files: pairs.map((pair) => ({ file: pair[name], label: 0 })),
    imageShape: name === 'source' ? sourceShape : imageShape,
    valueRange,
    async read(file) {
      const picture = await readFrom(file);
      const part = layout === 'halves' ? halfOf(action, file, picture, settings[name]) : picture;
      const what = layout === 'halves' ? `the ${settings[name]} half of '${file}'` : `'${file}'`;
      return fitPicture(action, what, part, plans[name]).data;
    },
  });
  return { source: sideOf('source'), samples: sideOf('samples') };
}

function halfOf(action: string, file: string, picture: Picture, side: string): Picture {
  const { width, height, channels, data } = picture;
  if (width % 2 === 1) {
    throw new RangeError(
      `Cannot ${action}: '${file}' must have an even width, as its halves are a pair, got ${width}. ` +
        `Pass layout: 'folders' if the pictures lie in two folders`,
    );
  }
  const row = (width / 2) * channels;
  const half = new Uint8Array(row * height);
  for (let y = 0; y < height; y += 1) {
    const start = (2 * y + (side === 'right' ? 1 : 0)) * row;
    half.set(data.subarray(start, start + row), y * row);
  }
  return { width: width / 2, height, channels, data: half };
}

/** Reads all pairs sequentially. */
async function readAll(
  action: string,
  sides: { readonly source: PictureFiles<string>; readonly samples: PictureFiles<string> },
): Promise<ImagePairs> {
  const sizeOf = ({ imageShape }: PictureFiles<string>): number =>
    imageShape.reduce((product, side) => product * side, 1);
  const both = [sides.samples, sides.source].map((side) => ({
    side,
    size: sizeOf(side),
    pixels: allocatePixels(action, side.files.length, sizeOf(side)),
  }));
  for (let i = 0; i < sides.samples.files.length; i += 1) {
    for (const { side, size, pixels } of both) {
      pixels.set(await side.read(side.files[i]?.file ?? ''), i * size);
    }
  }
  const [samples, source] = both.map(({ side, pixels }) => datasetInMemory(side, pixels));
  return asPairs(samples!, source!);
}

/** Reads each file once for both halves. */
function readOnce(action: string): (file: string) => Promise<Picture> {
  let last: { readonly file: string; readonly picture: Promise<Picture> } | undefined;
  return (file) => {
    if (last?.file !== file) last = { file, picture: readPicture(action, file) };
    return last.picture;
  };
}

function asPairs(samples: OnDemandDataset, source: OnDemandDataset): ImagePairs {
  return {
    ...paired({ samples, source }),
    size: samples.size,
    slice: (start, end) => asPairs(samples.slice(start, end), source.slice(start, end)),
  };
}

import { checkOneOf, checkPositiveInteger, withDefaults } from '../../core/checks.ts';
import { isError } from '../../core/realms.ts';
import { formatOf } from '../../io/decode-picture.ts';
import { fitPlan } from '../../io/fit-picture.ts';
import { adviceOn } from '../../io/picture-advice.ts';
import { factsOf, type PictureFacts, surveyOf } from '../../io/picture-survey.ts';
import { type Color, colorParts } from '../../io/picture.ts';
import { checkPath } from './check-path.ts';
import { listPictures } from './list-pictures.ts';
import { readBytes } from './read-bytes.ts';
import { decodeNamed } from './read-picture.ts';

/**
 * Settings of {@link inspectImages}.
 *
 * @example Whether pictures in subfolders suit a network of 64 × 64
 * ```ts no-run
 * const options: InspectImagesOptions = { labels: 'subfolders', imageShape: [64, 64, 3] };
 * const { advice, classes } = await inspectImages('animals', options);
 * console.log(classes, advice.join('\n'));
 * ```
 */
export interface InspectImagesOptions {
  /**
   * `'subfolders'` inspects the images of each direct subfolder, as in `imageFolder`.
   *
   * @defaultValue `'none'`: the images directly in the folder
   */
  readonly labels?: 'none' | 'subfolders' | undefined;
  /**
   * The required shape, if known; the advice then refers to it.
   *
   * @defaultValue `undefined`
   */
  readonly imageShape?: readonly [height: number, width: number, channels: number] | undefined;
  /**
   * Background of transparent pixels.
   *
   * @defaultValue `255`, white
   */
  readonly background?: Color | undefined;
  /**
   * Number of files to inspect, from the first.
   *
   * @defaultValue all
   */
  readonly limit?: number | undefined;
}

/**
 * The content of a folder of images, with advice.
 *
 * @example Sizes of the images, the most frequent first
 * ```ts
 * await saveImageGrid('album/1.png', images);
 * const { sizes, modes }: ImageInspection = await inspectImages('album');
 * console.log(sizes.length, modes.color); // 1 0
 * ```
 */
export interface ImageInspection {
  /** Number of usable images. */
  readonly count: number;
  /** Number of files of each format: `{ PNG: 120, JPEG: 30 }`. */
  readonly formats: Readonly<Record<string, number>>;
  /** Number of images of each size, the most frequent first, after EXIF rotation. */
  readonly sizes: readonly {
    /** Width in pixels. */
    readonly width: number;
    /** Height in pixels. */
    readonly height: number;
    /** Number of images of this size. */
    readonly count: number;
  }[];
  /** Content of the pixels, independent of the file format. */
  readonly modes: {
    /** Number of gray images. */
    readonly gray: number;
    /** Number of color images. */
    readonly color: number;
    /** Number of gray or color images with transparent pixels. */
    readonly transparent: number;
  };
  /** Groups of files with identical pixels. */
  readonly duplicates: readonly (readonly string[])[];
  /** Nearly uniform images: each channel has a standard deviation below 2 of 255. */
  readonly nearEmpty: readonly string[];
  /** Unusable files. */
  readonly unusable: readonly {
    /** Path of the file. */
    readonly file: string;
    /** The reason. */
    readonly error: Error;
  }[];
  /** Number of usable images per subfolder; `undefined` without labels. */
  readonly classes?: Readonly<Record<string, number>> | undefined;
  /** Advice in sentences, the most important first; empty if there is none. */
  readonly advice: readonly string[];
}

/**
 * Inspects a folder of images before training: sizes, colors, copies, empty and damaged images,
 * with advice.
 *
 * Every file is read and decoded once, sequentially. Only the report stays in memory.
 *
 * @param path - The folder, as a path or a `file:` address.
 * @param options - Labels and the required shape.
 * @returns The report. An unusable file is listed and does not throw.
 * @throws RangeError if an option or `path` is out of range; TypeError if an option is unknown or
 *   of another type; Error if the folder is missing or has no images.
 *
 * @example Before the first run
 * ```ts
 * await saveImageGrid('drawings/1.png', images);
 * await saveImageGrid('drawings/2.png', images);
 * const { count, duplicates, advice } = await inspectImages('drawings', { imageShape: [8, 8, 1] });
 * console.log(count, duplicates); // 2 [ [ 'drawings/1.png', 'drawings/2.png' ] ]
 * for (const sentence of advice) console.log(`- ${sentence}`);
 * ```
 */
export async function inspectImages(
  path: string | URL,
  options: InspectImagesOptions = {},
): Promise<ImageInspection> {
  const folder = checkPath('inspect the images of a folder', path, 'path');
  const action = `inspect the images of '${folder}'`;
  const { labels, imageShape, background, limit } = withDefaults(action, options, {
    labels: 'none',
    imageShape: undefined,
    background: 255,
    limit: undefined,
  });
  checkOneOf(action, 'labels', labels, ['none', 'subfolders']);
  if (imageShape !== undefined) fitPlan(action, { imageShape });
  colorParts(action, 'background', background);
  if (limit !== undefined) checkPositiveInteger(action, 'limit', limit);

  const { files, classNames } = await listPictures(action, folder, { labels, others: 'list' });
  const facts: PictureFacts[] = [];
  const unusable: { file: string; error: Error }[] = [];
  const classes = Object.fromEntries((classNames ?? []).map((name): [string, number] => [name, 0]));
  const looked = files.slice(0, limit);
  for (const { file, label } of looked) {
    try {
      facts.push(await lookAt(action, file, background));
      const name = classNames?.[label];
      if (name !== undefined) classes[name] = (classes[name] ?? 0) + 1;
    } catch (error) {
      if (!isError(error)) throw error;
      unusable.push({ file, error });
    }
  }
  const survey = { ...surveyOf(facts), ...(classNames && { classes }) };
  const advice = adviceOn({
    ...survey,
    unusable: unusable.length,
    imageShape,
    isPart: looked.length < files.length,
  });
  return { ...survey, unusable, advice };
}

async function lookAt(action: string, file: string, background: Color): Promise<PictureFacts> {
  const bytes = await readBytes(action, file);
  const picture = decodeNamed(action, file, bytes);
  return factsOf({ name: file, format: formatOf(bytes) ?? 'other' }, picture, background);
}

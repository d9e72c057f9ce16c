import { groupBy } from '../core/group-by.ts';
import { convertPicture } from './convert-picture.ts';
import type { Color, Picture } from './picture.ts';

/**
 * What is remembered of a picture: little, so that a folder of any size can be looked at.
 *
 * @internal
 */
export interface PictureFacts {
  readonly name: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Whether red, green and blue differ anywhere. */
  readonly isColor: boolean;
  /** Whether anything shows through. */
  readonly isTransparent: boolean;
  /** Whether it is nearly a single color. */
  readonly isNearEmpty: boolean;
  /** The same for the same pixels, in whatever kind of file. */
  readonly fingerprint: string;
}

/**
 * Standard deviation of each channel, in levels of 256, below which nobody sees anything in a
 * picture.
 */
const emptyDeviation = 2;

/** Looks at one picture. @internal */
export function factsOf(
  { name, format }: Pick<PictureFacts, 'name' | 'format'>,
  picture: Picture,
  background: Color,
): PictureFacts {
  const { width, height } = picture;
  const { data } = convertPicture(picture, 4, background);
  const seen = convertPicture(picture, 3, background).data;
  let [isColor, isTransparent] = [false, false];
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) isColor = true;
    if (data[at + 3] !== 255) isTransparent = true;
  }
  const isNearEmpty = [0, 1, 2].every((channel) => deviation(seen, channel) < emptyDeviation);
  const fingerprint = `${width}×${height} ${hash(data, 0x811c9dc5)} ${hash(data, 0x9747b28c)}`;
  return { name, format, width, height, isColor, isTransparent, isNearEmpty, fingerprint };
}

function deviation(pixels: Uint8Array, channel: number): number {
  let [sum, squares] = [0, 0];
  for (let at = channel; at < pixels.length; at += 3) {
    sum += pixels[at]!;
    squares += pixels[at]! ** 2;
  }
  const count = pixels.length / 3;
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}

/** 32 bits that two pictures hardly share by chance; two such hashes are kept of each. */
function hash(data: Uint8Array, start: number): number {
  let value = start;
  for (const byte of data) {
    value = Math.imul(value ^ byte, 0x01000193);
    value ^= value >>> 15;
  }
  return value >>> 0;
}

/** What is in a set of pictures. @internal */
export interface PictureSurvey {
  readonly count: number;
  readonly formats: Readonly<Record<string, number>>;
  readonly sizes: readonly {
    readonly width: number;
    readonly height: number;
    readonly count: number;
  }[];
  readonly modes: { readonly gray: number; readonly color: number; readonly transparent: number };
  readonly duplicates: readonly (readonly string[])[];
  readonly nearEmpty: readonly string[];
}

/** Sums up what was seen. @internal */
export function surveyOf(facts: readonly PictureFacts[]): PictureSurvey {
  const bySize = [...groupBy(facts, ({ width, height }) => `${width}×${height}`).values()];
  const sizes = bySize.map((group) => {
    const { width, height } = group[0]!;
    return { width, height, count: group.length };
  });
  const byFormat = [...groupBy(facts, ({ format }) => format).values()];
  const byPixels = [...groupBy(facts, ({ fingerprint }) => fingerprint).values()];
  const color = facts.filter(({ isColor }) => isColor).length;
  return {
    count: facts.length,
    formats: Object.fromEntries(byFormat.map((group) => [group[0]!.format, group.length])),
    sizes: sizes.sort((a, b) => b.count - a.count || a.width * a.height - b.width * b.height),
    modes: {
      gray: facts.length - color,
      color,
      transparent: facts.filter(({ isTransparent }) => isTransparent).length,
    },
    duplicates: byPixels.filter((group) => group.length > 1).map((group) => group.map(nameOf)),
    nearEmpty: facts.filter(({ isNearEmpty }) => isNearEmpty).map(nameOf),
  };
}

function nameOf({ name }: PictureFacts): string {
  return name;
}

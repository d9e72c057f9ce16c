import { formatShape } from '../core/format.ts';
import type { PictureSurvey } from './picture-survey.ts';

/** A survey with what stands around the pictures. @internal */
export interface Surveyed extends PictureSurvey {
  /** How many files could not be used. */
  readonly unusable: number;
  /** How many pictures each class has, by its name. */
  readonly classes?: Readonly<Record<string, number>> | undefined;
  readonly imageShape?: readonly [height: number, width: number, channels: number] | undefined;
  /** Whether there are more files than those that were looked at. */
  readonly isPart?: boolean | undefined;
}

/** Below this, a rule of thumb, generators repeat what they were shown. */
const fewPictures = 1000;

/** Above this the pixels should not be held in memory. */
const muchMemory = 2 ** 30;

/** Sides that networks halve well, the largest first. */
const goodSides = [128, 96, 64, 48, 32, 28, 16];

/** For pictures that are smaller than all of them. */
const smallestSide = 16;

/**
 * What to do about what was seen, one sentence or two each, the most pressing first. Nothing if
 * nothing stands out.
 *
 * @internal
 */
export function adviceOn(survey: Surveyed): string[] {
  if (survey.count === 0) {
    const files = survey.unusable === 1 ? 'The file' : `The ${survey.unusable} files`;
    return [`${files} cannot be used: unusable says why.`];
  }
  return [
    ...aboutUnusable(survey),
    ...aboutSizes(survey),
    ...aboutChannels(survey),
    ...aboutCopies(survey),
    ...aboutEmpty(survey),
    // The first files of a folder say nothing of how many there are, and of which class.
    ...(survey.isPart
      ? []
      : [...aboutClasses(survey), ...aboutCount(survey), ...aboutMemory(survey)]),
  ];
}

function aboutUnusable({ unusable, count }: Surveyed): string[] {
  if (unusable === 0) return [];
  return [
    `${unusable} of ${count + unusable} files cannot be used: repair or remove them, or pass onError: 'skip'.`,
  ];
}

/** How many of all pictures, with the verb that fits: `1 of 3 pictures is`. */
function countOf(part: number, all: number): string {
  return `${part} of ${all} ${all === 1 ? 'picture' : 'pictures'} ${part === 1 ? 'is' : 'are'}`;
}

function aboutSizes({ sizes, count, imageShape }: Surveyed): string[] {
  const sides = sizes.map(({ width, height }) => Math.min(width, height));
  const smallest = Math.min(...sides);
  const ratios = sizes.map(({ width, height }) => width / height);
  const [narrowest, widest] = [Math.min(...ratios), Math.max(...ratios)];
  const advice: string[] = [];
  const side = goodSides.find((one) => one <= smallest) ?? smallestSide;
  const shape = imageShape ?? [side, side, 3];
  const [height, width] = shape;
  const isOne = sizes.length === 1 && sizes[0]?.width === width && sizes[0].height === height;
  if (!isOne) {
    const spread = widest / narrowest > 1.5;
    const sizesText =
      sizes.length === 1
        ? `All pictures have ${sizes[0]!.width}×${sizes[0]!.height} pixels (width×height)`
        : `The pictures have ${sizes.length} sizes, with sides from ${smallest} pixels on`;
    const fit = spread
      ? `resize: { fit: 'contain' } keeps wide and high ones whole, resize: true cuts them to the middle`
      : 'pass resize: true';
    const example =
      imageShape === undefined ? `, with imageShape ${formatShape(shape)} for example` : '';
    advice.push(`${sizesText}: ${fit}${example}.`);
  }
  const small = sizes
    .filter((one) => one.width < width || one.height < height)
    .reduce((sum, one) => sum + one.count, 0);
  if (small > 0) {
    advice.push(
      `${countOf(small, count)} smaller than ${width}×${height} and would be enlarged, which blurs them: ` +
        'choose a smaller imageShape, or leave them out.',
    );
  }
  return advice;
}

function aboutChannels({ modes, count, imageShape }: Surveyed): string[] {
  const advice: string[] = [];
  if (modes.color === 0 && imageShape?.[2] !== 1) {
    advice.push('All pictures are gray: 1 channel in imageShape trains faster than 3.');
  }
  if (modes.color > 0 && modes.gray > 0 && imageShape?.[2] !== 1) {
    advice.push(
      `${countOf(modes.gray, count)} gray among ones in color: the generator learns both.`,
    );
  }
  if (modes.transparent > 0 && imageShape?.[2] !== 4) {
    advice.push(
      `${countOf(modes.transparent, count)} partly transparent: background shows through, white unless you set it; ` +
        '4 channels in imageShape keep the opacity.',
    );
  }
  return advice;
}

function aboutCopies({ duplicates, count }: Surveyed): string[] {
  const copies = duplicates.reduce((sum, group) => sum + group.length - 1, 0);
  if (copies === 0) return [];
  return [
    `${countOf(copies, count)} ${copies === 1 ? 'a copy' : 'copies'}, such as ${listed(duplicates[0]!)}: remove them, or what you hold back to judge ` +
      'is among what was trained on.',
  ];
}

function aboutEmpty({ nearEmpty, count }: Surveyed): string[] {
  if (nearEmpty.length === 0) return [];
  return [
    `${countOf(nearEmpty.length, count)} nearly a single color: ${listed(nearEmpty)}. Remove them if they are mistakes.`,
  ];
}

function aboutClasses({ classes = {} }: Surveyed): string[] {
  const named = Object.entries(classes).sort((a, b) => a[1] - b[1]);
  const [fewest, most] = [named[0], named.at(-1)];
  if (fewest === undefined || most === undefined || most[1] <= 10 * fewest[1]) return [];
  return [
    `Class '${fewest[0]}' has ${fewest[1]} ${fewest[1] === 1 ? 'picture' : 'pictures'} and '${most[0]}' ${most[1]}: the generator hardly sees the rare one. ` +
      'Add pictures to it, or leave it out.',
  ];
}

function aboutCount({ count }: Surveyed): string[] {
  if (count >= fewPictures) return [];
  const many = count === 1 ? '1 picture is' : `${count} pictures are`;
  return [
    `${many} few: below about ${fewPictures}, generators repeat what they were shown. Give the preset transforms: [diffAugment({ policy: ['translation'] })], ` +
      'no batch norm in the discriminator and an R1Penalty; use augmented(dataset, { flip: true }) if pictures may be mirrored, and the metric memorization to see it.',
  ];
}

function aboutMemory({ count, imageShape }: Surveyed): string[] {
  const bytes =
    imageShape === undefined ? 0 : count * imageShape[0] * imageShape[1] * imageShape[2];
  if (bytes <= muchMemory) return [];
  return [
    `At ${formatShape(imageShape!)} they take ${(bytes / 2 ** 30).toFixed(1)} GiB of memory: pass onDemand: true.`,
  ];
}

/** The first few names. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `'${name}'`);
  return names.length > 3 ? `${shown.join(', ')} and ${names.length - 3} more` : shown.join(', ');
}

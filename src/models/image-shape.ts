import { checkPositiveInteger } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';

/**
 * Height, width and channels of an image.
 *
 * @example One shape for networks of two architectures
 * ```ts
 * const imageShape: ImageShape = [32, 16, 3];
 * const generator = dcganGenerator({ imageShape, baseFilters: 4 });
 * const discriminator = snganDiscriminator({ imageShape, baseFilters: 4 });
 * const trainer = new Trainer({ generator, discriminator });
 * console.log(generator.outputShape); // [ 32, 16, 3 ]
 * ```
 */
export type ImageShape = readonly [height: number, width: number, channels: number];

/** The smallest side of a feature map; below it a 5×5 kernel covers mostly padding. */
const smallestSide = 4;

/** Maximum number of channels of packed images. */
const mostPackedChannels = 24;

/**
 * @param isJudged - Whether several images may be packed into one, as a discriminator receives them
 * from `packing`.
 *
 * @internal
 */
export function checkImageShape(action: string, imageShape: ImageShape, isJudged: boolean): void {
  if (!Array.isArray(imageShape) || imageShape.length !== 3) {
    throw new TypeError(
      `Cannot ${action}: imageShape must be [height, width, channels], got ${formatValue(imageShape)}`,
    );
  }
  const [height, width, channels] = imageShape as ImageShape;
  checkPositiveInteger(action, 'height of imageShape', height);
  checkPositiveInteger(action, 'width of imageShape', width);
  checkPositiveInteger(action, 'channels of imageShape', channels);
  if (channels === 1 || channels === 3) return;
  if (isJudged && channels <= mostPackedChannels && channels < height) return;
  const cure =
    height === 1 || height === 3
      ? `. Channels come last: ${formatShape([width, channels, height])}`
      : '';
  throw new RangeError(
    `Cannot ${action}: channels of imageShape must be 1 (gray) or 3 (color), got ${channels}${cure}`,
  );
}

/**
 * Number of times an image is halved: as often as its sides stay integers of at least 4.
 *
 * 28 → 7 in two stages, 32 → 4 in three, 64 → 4 in four, 96 → 6 in four.
 *
 * @internal
 */
export function stageCount(
  action: string,
  imageShape: ImageShape,
  {
    wanted,
    isJudged = false,
  }: { readonly wanted?: number | undefined; readonly isJudged?: boolean } = {},
): number {
  checkImageShape(action, imageShape, isJudged);
  const [height, width] = imageShape;
  const most = Math.min(halvings(height), halvings(width));
  if (wanted !== undefined) {
    checkPositiveInteger(action, 'stages', wanted);
    if (height % 2 ** wanted === 0 && width % 2 ** wanted === 0) return wanted;
    const sides = `height and width of imageShape must be multiples of ${2 ** wanted}`;
    throw new RangeError(
      `Cannot ${action}: with stages ${wanted}, ${sides}, got ${formatShape(imageShape)}`,
    );
  }
  if (most > 0) return most;
  throw new RangeError(
    `Cannot ${action}: height and width of imageShape must be even and at least ${2 * smallestSide}, ` +
      `got ${formatShape(imageShape)}. Pad or resize the images, for example to ` +
      formatShape([paddedSide(height), paddedSide(width), imageShape[2]]),
  );
}

function halvings(side: number): number {
  let count = 0;
  while (side % 2 ** (count + 1) === 0 && side / 2 ** (count + 1) >= smallestSide) count += 1;
  return count;
}

/** The nearest larger side that two stages can halve. */
function paddedSide(side: number): number {
  return Math.max(4 * smallestSide, Math.ceil(side / 4) * 4);
}

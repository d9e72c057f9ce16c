import * as tf from '@tensorflow/tfjs';
import {
  checkNonNegativeInteger,
  checkOneOf,
  checkOptions,
  checkPositiveInteger,
  checkSeed,
} from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { Random } from '../../core/random.ts';
import type { ImageShape } from '../image-shape.ts';
import { checkPictureShape } from '../translators/translator-options.ts';

/**
 * Which holes are drawn: a box, brush strokes, or both together.
 *
 * @example Up to four strokes, without a box
 * ```ts
 * const hole: HoleOptions = { box: false, strokes: 4 };
 * const holes = drawHoles(8, { imageShape: [28, 28, 1], ...hole, seed: 1 });
 * console.log(holes.shape); // [ 8, 28, 28, 1 ]
 * holes.dispose();
 * ```
 */
export interface HoleOptions {
  /**
   * Height and width of a box in pixels; `false` for none.
   *
   * @defaultValue half of each side of the image
   */
  readonly box?: readonly [height: number, width: number] | false | undefined;
  /**
   * Where the box is. A network that has only seen holes in the center fills no others.
   *
   * @defaultValue `'random'`
   */
  readonly place?: 'random' | 'center' | undefined;
  /**
   * Most brush strokes in a hole: 1 … `strokes` of them are drawn; 0 for none. Each has 4 to 12
   * points, and a width of 1/20 to 1/6 of the longer side.
   *
   * @defaultValue `0`
   */
  readonly strokes?: number | undefined;
}

/** Complete, checked settings. @internal */
export interface Holes {
  readonly box: readonly [height: number, width: number] | undefined;
  readonly place: 'random' | 'center';
  readonly strokes: number;
}

/** Names of {@link HoleOptions}. @internal */
export const holeOptions: readonly string[] = ['box', 'place', 'strokes'];

/**
 * Draws masks of holes: 1 for a pixel to fill, 0 for a known one.
 *
 * @param count - How many; a positive integer.
 * @param options - The shape of the images, which holes, and the seed (42 by default), which
 *   determines them.
 * @returns `[count, height, width, 1]`; the caller disposes them.
 * @throws RangeError if a box exceeds the image, a hole would be empty, or a number or a shape is
 *   out of range; TypeError if an option is unknown or of the wrong kind.
 *
 * @example A box of 14×14 pixels in the center
 * ```ts
 * const hole = drawHoles(1, { imageShape: [28, 28, 1], box: [14, 14], place: 'center' });
 * console.log((await tf.sum(hole).data())[0]); // 196
 * hole.dispose();
 * ```
 *
 * @see Yu et al., Free-Form Image Inpainting with Gated Convolution, 2019, algorithm 1, for the
 * strokes. {@link https://arxiv.org/abs/1806.03589}
 */
export function drawHoles(
  count: number,
  options: HoleOptions & {
    /** `[height, width, channels]` of the images. */
    readonly imageShape: ImageShape;
    /** Determines the holes. */
    readonly seed?: number | undefined;
  },
): tf.Tensor4D {
  const action = 'draw holes';
  checkPositiveInteger(action, 'count', count);
  checkOptions(action, options, [...holeOptions, 'imageShape', 'seed']);
  const { imageShape, seed = 42, ...hole } = options;
  checkPictureShape(action, 'imageShape', imageShape);
  checkSeed(action, seed);
  return holesOf(new Random(seed), count, imageShape, checkHoles(action, hole, imageShape, ''));
}

/**
 * Checks the settings and fills in defaults.
 *
 * @param path - What errors put before the name of an option, such as `hole.`.
 *
 * @internal
 */
export function checkHoles(
  action: string,
  options: HoleOptions,
  shape: ImageShape,
  path: '' | 'hole.',
): Holes {
  checkOptions(action, options, holeOptions, path === '' ? undefined : 'hole');
  const [height, width] = shape;
  const { box: given = [Math.floor(height / 2), Math.floor(width / 2)] as const } = options;
  const { place = 'random', strokes = 0 } = options;
  checkOneOf(action, `${path}place`, place, ['random', 'center'] as const);
  checkNonNegativeInteger(action, `${path}strokes`, strokes);
  const box = given === false ? undefined : given;
  if (box === undefined && strokes === 0) {
    throw new RangeError(
      `Cannot ${action}: hole must have a box or strokes, got box ${formatValue(given)} and 0 strokes`,
    );
  }
  const fits = (side: unknown, most: number): boolean =>
    Number.isInteger(side) && (side as number) > 0 && (side as number) <= most;
  const isBox = Array.isArray(box) && box.length === 2;
  if (box === undefined || (isBox && fits(box[0], height) && fits(box[1], width))) {
    return { box, place, strokes };
  }
  throw new RangeError(
    `Cannot ${action}: ${path}box must be [height, width] within the image, at most [${height}, ${width}], or false, ` +
      `got ${formatValue(box)}`,
  );
}

/** A mask whose values above 0.5 count as 1, all others as 0. @internal */
export function zerosAndOnes(hole: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.cast(tf.greater(tf.cast(hole, 'float32'), 0.5), 'float32'));
}

/** Masks of holes, `[count, height, width, 1]`. @internal */
export function holesOf(
  random: Random,
  count: number,
  [height, width]: ImageShape,
  { box, place, strokes }: Holes,
): tf.Tensor4D {
  const size = height * width;
  const masks = new Float32Array(count * size);
  for (let i = 0; i < count; i += 1) {
    const mask = masks.subarray(i * size, (i + 1) * size);
    if (box !== undefined) {
      const [high, wide] = box;
      const start = (free: number): number =>
        place === 'center' ? Math.floor(free / 2) : random.integer(free + 1);
      const [top, left] = [start(height - high), start(width - wide)];
      for (let y = top; y < top + high; y += 1) {
        mask.fill(1, y * width + left, y * width + left + wide);
      }
    }
    if (strokes === 0) continue;
    const several = 1 + random.integer(strokes);
    for (let stroke = 0; stroke < several; stroke += 1) paintStroke(random, mask, height, width);
  }
  return tf.tensor4d(masks, [count, height, width, 1]);
}

/** Paints one stroke: lines of turning direction, which end at the sides of the image. */
function paintStroke(random: Random, mask: Float32Array, height: number, width: number): void {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform();
  const longer = Math.max(height, width);
  const radius = between(longer / 20, longer / 6) / 2;
  const diagonal = Math.hypot(height, width);
  const points = 4 + random.integer(9);
  const turn = between((4 * Math.PI) / 15, (8 * Math.PI) / 15);
  let [x, y] = [random.integer(width), random.integer(height)];
  for (let point = 0; point < points; point += 1) {
    const angle = point % 2 === 0 ? 2 * Math.PI - turn : turn;
    const length = between(diagonal / 16, (3 * diagonal) / 16);
    const clamp = (value: number, side: number): number => Math.min(side - 1, Math.max(0, value));
    const toX = clamp(x + length * Math.sin(angle + point * turn), width);
    const toY = clamp(y + length * Math.cos(angle + point * turn), height);
    paintLine(mask, width, { from: [x, y], to: [toX, toY], radius });
    [x, y] = [toX, toY];
  }
}

/** A line with two points, `[x, y]` in pixels. */
interface Line {
  readonly from: readonly [x: number, y: number];
  readonly to: readonly [x: number, y: number];
  /** Half of its width. */
  readonly radius: number;
}

function paintLine(mask: Float32Array, width: number, { from, to, radius }: Line): void {
  const [x0, y0] = from;
  const [dx, dy] = [to[0] - x0, to[1] - y0];
  const square = dx * dx + dy * dy;
  for (let at = 0; at < mask.length; at += 1) {
    const [x, y] = [(at % width) - x0, Math.floor(at / width) - y0];
    const share = square === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / square));
    if (Math.hypot(x - share * dx, y - share * dy) <= radius) mask[at] = 1;
  }
}

import { formatValue } from '../core/format.ts';

/**
 * A picture with bytes of 0…255, as in files.
 *
 * @example One red pixel
 * ```ts
 * const red: Picture = { width: 1, height: 1, channels: 3, data: new Uint8Array([255, 0, 0]) };
 * ```
 */
export interface Picture {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** 1 for grayscale, 3 for red, green and blue, 4 for these with opacity. */
  readonly channels: 1 | 3 | 4;
  /** The pixels from the top row, `[height, width, channels]`. */
  readonly data: Uint8Array;
}

/**
 * A color: one number for gray, or red, green and blue, each from 0 to 255.
 *
 * @example Gray images on a gray background stay gray; a red background requires color
 * ```ts
 * const [gray, red]: Color[] = [64, [255, 0, 0]];
 * const onGrey = imageGrid([-1, 1], [2, 1, 1, 1], { background: gray });
 * const onRed = imageGrid([-1, 1], [2, 1, 1, 1], { background: red });
 * console.log(onGrey.channels, onRed.channels); // 1 3
 * ```
 */
export type Color = number | readonly [red: number, green: number, blue: number];

/** The components of a color. @internal */
export function colorParts(
  action: string,
  name: string,
  color: Color,
): readonly [red: number, green: number, blue: number] {
  const parts = typeof color === 'number' ? [color, color, color] : [...color];
  const [red, green, blue] = parts;
  const ok = parts.length === 3 && parts.every((part) => part >= 0 && part <= 255);
  if (ok && red !== undefined && green !== undefined && blue !== undefined) {
    return [red, green, blue];
  }
  throw new RangeError(
    `Cannot ${action}: ${name} must be a gray from 0 to 255 or [red, green, blue], got ${formatValue(color)}`,
  );
}

/** Luma of a color, with the weights of ITU-R BT.601. @internal */
export function luminance(red: number, green: number, blue: number): number {
  return 0.299 * red + 0.587 * green + 0.114 * blue;
}

/** Whether samples of a shape are images that can be drawn in gray or in color. @internal */
export function isPicture(shape: readonly number[]): boolean {
  return shape.length === 3 && (shape[2] === 1 || shape[2] === 3);
}

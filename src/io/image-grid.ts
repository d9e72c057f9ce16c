import { checkNonNegativeInteger, checkPositiveInteger } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { checkValueRange, imageRange, type ValueRange } from '../core/value-range.ts';
import { colorParts, luminance, type Color, type Picture } from './picture.ts';

/**
 * Settings of {@link imageGrid}.
 *
 * @example Four in a row on white, each pixel three wide
 * ```ts
 * const images = generator.sample(8, { seed: 1 });
 * const options: ImageGridOptions = { columns: 4, padding: 1, background: 255, scale: 3 };
 * const { width, height } = imageGrid(await images.data(), images.shape, options);
 * console.log(width, height); // 101 51
 * images.dispose();
 * ```
 */
export interface ImageGridOptions {
  /**
   * Images in a row.
   *
   * @defaultValue a nearly square grid
   */
  readonly columns?: number | undefined;
  /**
   * Pixels between images and around them.
   *
   * @defaultValue `2`
   */
  readonly padding?: number | undefined;
  /**
   * The color between images.
   *
   * @defaultValue `128`, a middle gray that contrasts with both black and white images
   */
  readonly background?: Color | undefined;
  /**
   * Width and height of one image pixel in the picture, in pixels.
   *
   * @defaultValue `1`
   */
  readonly scale?: number | undefined;
  /**
   * The values of black and white. Values outside are clamped.
   *
   * @defaultValue `[-1, 1]`
   */
  readonly valueRange?: ValueRange | undefined;
}

/**
 * Draws many images into one picture, row by row.
 *
 * - Shapes: `values` has the shape `[batch, height, width, channels]`, with 1 or 3 channels.
 *
 * @param values - The pixels of all images.
 * @param shape - Their shape.
 * @param options - The layout.
 * @returns The picture: gray for 1 channel and a gray background, otherwise color.
 * @throws RangeError if the shape does not fit, or a value is NaN.
 *
 * @example Two dots, side by side
 * ```ts
 * const picture = imageGrid([-1, 1], [2, 1, 1, 1], { padding: 0, scale: 8 });
 * console.log(picture.width, picture.height); // 16 8
 * ```
 */
export function imageGrid(
  values: ArrayLike<number>,
  shape: readonly number[],
  options: ImageGridOptions = {},
): Picture {
  const action = 'draw an image grid';
  const [batch = 0, height = 0, width = 0, channels = 0] = shape;
  const { columns = Math.ceil(Math.sqrt(batch)), padding = 2, scale = 1 } = options;
  const { background = 128, valueRange = imageRange } = options;
  if (shape.length !== 4 || (channels !== 1 && channels !== 3) || batch * height * width === 0) {
    throw new RangeError(
      `Cannot ${action}: the images must have the shape [batch, height, width, 1 or 3], got ${formatShape(shape)}`,
    );
  }
  if (values.length !== batch * height * width * channels) {
    throw new RangeError(
      `Cannot ${action}: values must fill the shape ${formatShape(shape)}, got ${values.length} numbers`,
    );
  }
  checkPositiveInteger(action, 'columns', columns);
  checkNonNegativeInteger(action, 'padding', padding);
  checkPositiveInteger(action, 'scale', scale);
  checkValueRange(action, 'valueRange', valueRange);
  const behind = colorParts(action, 'background', background);
  const gray = channels === 1 && behind[0] === behind[1] && behind[1] === behind[2];

  // Fewer images than columns form one row.
  const across = Math.min(columns, batch);
  const cell = { width: width * scale + padding, height: height * scale + padding };
  const picture = canvas(
    across * cell.width + padding,
    Math.ceil(batch / across) * cell.height + padding,
    gray ? [luminance(...behind)] : behind,
  );
  const [low, high] = valueRange;
  const toByte = (index: number): number => {
    const value = values[index] ?? 0;
    if (Number.isNaN(value)) {
      const image = Math.floor(index / (height * width * channels));
      throw new RangeError(
        `Cannot ${action}: all values must be numbers, got NaN in image ${image}`,
      );
    }
    return Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low))));
  };

  for (let pixel = 0; pixel < batch * height * width; pixel += 1) {
    const image = Math.floor(pixel / (height * width));
    const y = Math.floor(pixel / width) % height;
    const top = padding + Math.floor(image / across) * cell.height + y * scale;
    const left = padding + (image % across) * cell.width + (pixel % width) * scale;
    for (let channel = 0; channel < picture.channels; channel += 1) {
      const byte = toByte(pixel * channels + (channels === 1 ? 0 : channel));
      for (let row = top; row < top + scale; row += 1) {
        const start = (row * picture.width + left) * picture.channels + channel;
        for (let i = 0; i < scale; i += 1) picture.data[start + i * picture.channels] = byte;
      }
    }
  }
  return picture;
}

/** An empty picture of one color. */
function canvas(width: number, height: number, color: readonly number[]): Picture {
  const channels = color.length === 1 ? 1 : 3;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i += 1) data[i] = Math.round(color[i % channels] ?? 0);
  return { width, height, channels, data };
}

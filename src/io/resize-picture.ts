import { checkOneOf, withDefaults } from '../core/checks.ts';
import { colorParts, type Color, luminance, type Picture } from './picture.ts';
import { resample, type ResizeFilter } from './resample.ts';

/**
 * How pictures of other sizes and shapes are brought to one size.
 *
 * @example Icons of any shape, whole, with sharp pixels
 * ```ts
 * await saveImageGrid('icons/a.png', images);
 * const resize: ResizeOptions = { fit: 'contain', filter: 'nearest' };
 * const icons = await imageFolder('icons', { imageShape: [16, 16, 1], resize });
 * console.log(icons.size); // 1
 * ```
 */
export interface ResizeOptions {
  /**
   * - `'cover'` scales a picture until it covers the size, and cuts what stands over at both sides.
   * - `'contain'` scales it until it fits in, and fills the rest: with the background, or with
   *   nothing if opacity is kept.
   * - `'stretch'` scales height and width apart.
   *
   * @defaultValue `'cover'`
   */
  readonly fit?: 'cover' | 'contain' | 'stretch' | undefined;
  /**
   * The filter, by Pillow's names: `'nearest'` picks pixels and keeps the colors of pixel art; the
   * others weigh all pixels when they shrink a picture, `'lanczos'` the sharpest. The result is
   * that of Pillow's `Image.resize`.
   *
   * @defaultValue `'bilinear'`
   */
  readonly filter?: ResizeFilter | undefined;
}

/** The options of a resize with all that is left out. @internal */
export type ResizePlan = Required<{
  readonly [K in keyof ResizeOptions]: NonNullable<ResizeOptions[K]>;
}>;

/** Checks the options of a resize; `undefined` if pictures are to stay as they are. @internal */
export function resizePlan(
  action: string,
  resize: boolean | ResizeOptions | undefined,
): ResizePlan | undefined {
  if (resize === undefined || resize === false) return undefined;
  const plan = withDefaults(action, resize === true ? {} : resize, {
    fit: 'cover',
    filter: 'bilinear',
  } as const);
  checkOneOf(action, 'fit of resize', plan.fit, ['cover', 'contain', 'stretch']);
  checkOneOf(action, 'filter of resize', plan.filter, [
    'nearest',
    'box',
    'bilinear',
    'bicubic',
    'lanczos',
  ]);
  return plan;
}

/**
 * Brings a picture to another size.
 *
 * @param background - What `'contain'` fills the rest with, if the picture has no opacity.
 *
 * @internal
 */
export function resizePicture(
  picture: Picture,
  size: Pick<Picture, 'width' | 'height'>,
  { fit, filter, background }: ResizePlan & { readonly background: Color },
): Picture {
  if (picture.width === size.width && picture.height === size.height) return picture;
  const whole = { left: 0, top: 0, width: picture.width, height: picture.height };
  if (fit === 'stretch') return resample(picture, size, { box: whole, filter });
  const ratios = [picture.width / size.width, picture.height / size.height] as const;
  if (fit === 'cover') {
    const ratio = Math.min(...ratios);
    const [width, height] = [size.width * ratio, size.height * ratio];
    const box = {
      left: (picture.width - width) / 2,
      top: (picture.height - height) / 2,
      width,
      height,
    };
    return resample(picture, size, { box, filter });
  }
  const ratio = Math.max(...ratios);
  const width = Math.max(1, Math.round(picture.width / ratio));
  const height = Math.max(1, Math.round(picture.height / ratio));
  const inner = resample(picture, { width, height }, { box: whole, filter });
  return padded(inner, size, background);
}

/** A picture in the middle of a larger one. */
function padded(
  inner: Picture,
  { width, height }: Pick<Picture, 'width' | 'height'>,
  background: Color,
): Picture {
  const { channels } = inner;
  const behind = colorParts('resize a picture', 'background', background);
  const color = channels === 1 ? [luminance(...behind)] : channels === 3 ? behind : [0, 0, 0, 0];
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i += 1) data[i] = Math.round(color[i % channels]!);
  const left = Math.floor((width - inner.width) / 2);
  const top = Math.floor((height - inner.height) / 2);
  const row = inner.width * channels;
  for (let y = 0; y < inner.height; y += 1) {
    data.set(inner.data.subarray(y * row, (y + 1) * row), ((top + y) * width + left) * channels);
  }
  return { width, height, channels, data };
}

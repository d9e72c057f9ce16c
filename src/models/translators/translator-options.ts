import { checkPositiveInteger } from '../../core/checks.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { ImageShape } from '../image-shape.ts';

/**
 * What stands behind the convolutions inside a network: instance norm, batch norm or nothing.
 *
 * @example A U-Net as in the first pix2pix, for large batches
 * ```ts
 * const normalization: TranslatorNormalization = 'batch';
 * const shape: ImageShape = [16, 16, 1];
 * const translator = unetTranslator({ sourceShape: shape, targetShape: shape, baseFilters: 4, normalization });
 * ```
 */
export type TranslatorNormalization = 'instance' | 'batch' | 'none';

/**
 * How a translator enlarges feature maps: a transposed 4×4 convolution, a resize-convolution
 * (pixels repeated, or on straight lines between them, then 3×3), or a 3×3 convolution and a pixel
 * shuffle.
 *
 * @example All four
 * ```ts
 * const methods: UpsamplingMethod[] = ['transposed', 'nearest', 'bilinear', 'shuffle'];
 * ```
 */
export type UpsamplingMethod = 'transposed' | 'nearest' | 'bilinear' | 'shuffle';

/** @internal */
export const normalizations: readonly TranslatorNormalization[] = ['instance', 'batch', 'none'];

/** @internal */
export const upsamplingMethods: readonly UpsamplingMethod[] = [
  ...(['transposed', 'nearest', 'bilinear', 'shuffle'] as const),
];

/** Shapes of the pictures that a network translates, and of their translations. @internal */
export interface TranslatedShapes {
  readonly sourceShape: ImageShape;
  readonly targetShape: ImageShape;
}

/** Refuses what are no two shapes of pictures of one height and one width. @internal */
export function checkShapes(
  action: string,
  shapes: TranslatedShapes,
  names: readonly [source: string, target: string] = ['sourceShape', 'targetShape'],
): void {
  checkPictureShape(action, names[0], shapes.sourceShape);
  checkPictureShape(action, names[1], shapes.targetShape);
  const [source, target] = [shapes.sourceShape, shapes.targetShape];
  if (source[0] === target[0] && source[1] === target[1]) return;
  throw new RangeError(
    `Cannot ${action}: ${names.join(' and ')} must have one height and one width, got ${formatShape(source)} and ` +
      `${formatShape(target)}. Resize one of the sets`,
  );
}

/** Refuses what is no shape of a picture of any number of channels. @internal */
export function checkPictureShape(action: string, name: string, shape: ImageShape): void {
  if (!Array.isArray(shape) || shape.length !== 3) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be [height, width, channels], got ${formatValue(shape)}`,
    );
  }
  const [height, width, channels] = shape as ImageShape;
  checkPositiveInteger(action, `height of ${name}`, height);
  checkPositiveInteger(action, `width of ${name}`, width);
  checkPositiveInteger(action, `channels of ${name}`, channels);
  const isChannelsFirst = (height === 1 || height === 3) && width > 3 && channels > 3;
  if (!isChannelsFirst) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must be [height, width, channels], got ${formatShape(shape)}. ` +
      `Channels come last: ${formatShape([width, channels, height])}`,
  );
}

/**
 * Refuses sides that cannot be halved as often as a network does.
 *
 * @internal
 */
export function checkHalvings(
  action: string,
  name: string,
  [height, width, channels]: ImageShape,
  { times, of }: { readonly times: number; readonly of: string },
): void {
  const unit = 2 ** times;
  if (height % unit === 0 && width % unit === 0) return;
  const padded = (side: number): number => Math.ceil(side / unit) * unit;
  throw new RangeError(
    `Cannot ${action}: height and width of ${name} must be multiples of ${unit}, as ${of}, ` +
      `got ${formatShape([height, width, channels])}. Pad or resize the pictures, for example to ` +
      formatShape([padded(height), padded(width), channels]),
  );
}

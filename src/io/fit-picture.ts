import { checkPositiveInteger } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { convertPicture } from './convert-picture.ts';
import { type Color, colorParts, type Picture } from './picture.ts';
import {
  resizePicture,
  type ResizeOptions,
  type ResizePlan,
  resizePlan,
} from './resize-picture.ts';

/** What the makers of datasets from pictures let be said about them. @internal */
export interface FitOptions {
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly resize?: boolean | ResizeOptions | undefined;
  readonly background?: Color | undefined;
}

/** {@link FitOptions}, checked. @internal */
export interface FitPlan {
  readonly width: number;
  readonly height: number;
  readonly channels: Picture['channels'];
  readonly resize: ResizePlan | undefined;
  readonly background: Color;
}

/** Checks what pictures are to become. @internal */
export function fitPlan(
  action: string,
  { imageShape, resize, background = 255 }: FitOptions,
): FitPlan {
  const isShape = Array.isArray(imageShape) && imageShape.length === 3;
  const channels = isShape ? channelsOf(imageShape[2]) : undefined;
  if (channels === undefined) {
    throw new RangeError(
      `Cannot ${action}: imageShape must be [height, width, 1, 3 or 4], ` +
        `got ${Array.isArray(imageShape) ? formatShape(imageShape) : formatValue(imageShape)}`,
    );
  }
  imageShape.forEach((side, axis) => checkPositiveInteger(action, `imageShape[${axis}]`, side));
  colorParts(action, 'background', background);
  const [height, width] = imageShape;
  return { width, height, channels, resize: resizePlan(action, resize), background };
}

function channelsOf(channels: number): Picture['channels'] | undefined {
  return channels === 1 || channels === 3 || channels === 4 ? channels : undefined;
}

/**
 * Brings a picture to the channels and the size that are wanted.
 *
 * @param name - What the picture is called in an error, such as the path of its file in quotes.
 * @throws RangeError if it has another size, and is not to be resized.
 *
 * @internal
 */
export function fitPicture(action: string, name: string, picture: Picture, plan: FitPlan): Picture {
  const { width, height, channels, resize, background } = plan;
  const converted = convertPicture(picture, channels, background);
  if (resize !== undefined) return resizePicture(converted, plan, { ...resize, background });
  if (picture.width === width && picture.height === height) return converted;
  throw new RangeError(
    `Cannot ${action}: ${name} must have the ${height}×${width} pixels of imageShape (height×width), ` +
      `got ${picture.height}×${picture.width}. Pass resize: true to scale and crop it`,
  );
}

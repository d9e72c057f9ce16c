import type { Picture } from './picture.ts';

/**
 * The pixels of a gray or color picture in the format of a canvas: red, green, blue and full
 * opacity.
 *
 * @internal
 */
export function canvasPixels({
  width,
  height,
  channels,
  data,
}: Picture): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[4 * pixel + channel] = data[pixel * channels + (channels === 1 ? 0 : channel)] ?? 0;
    }
  }
  return pixels;
}

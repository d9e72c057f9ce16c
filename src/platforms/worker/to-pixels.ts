import type { Picture } from '../../io/picture.ts';
import type { DrawnPicture } from './remote-options.ts';

/** A picture in the form that a canvas takes, with full opacity. @internal */
export function toPixels({ width, height, channels, data }: Picture): DrawnPicture {
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      pixels[4 * pixel + channel] = data[pixel * channels + (channels === 1 ? 0 : channel)] ?? 0;
    }
  }
  return { width, height, data: pixels };
}

import { colorParts, luminance, type Color, type Picture } from './picture.ts';

/**
 * The same picture in gray, in color, or in color with opacity.
 *
 * With 1 or 3 channels, what is transparent lets the background through; with 4 it stays as it is.
 *
 * @internal
 */
export function convertPicture(
  picture: Picture,
  channels: Picture['channels'],
  background: Color,
): Picture {
  if (picture.channels === channels) return picture;
  const { width, height, data } = picture;
  const behind = colorParts('convert a picture', 'background', background);
  const converted = new Uint8Array(width * height * channels).fill(255);
  const gray = picture.channels === 1;
  for (let i = 0; i < width * height; i += 1) {
    const at = i * picture.channels;
    const opacity = picture.channels === 4 ? (data[at + 3] ?? 0) / 255 : 1;
    const part = (channel: 0 | 1 | 2): number => {
      const front = data[gray ? at : at + channel] ?? 0;
      return opacity * front + (1 - opacity) * behind[channel];
    };
    const [red, green, blue] = [part(0), part(1), part(2)];
    if (channels === 1) {
      converted[i] = Math.round(luminance(red, green, blue));
    } else {
      converted[channels * i] = Math.round(red);
      converted[channels * i + 1] = Math.round(green);
      converted[channels * i + 2] = Math.round(blue);
    }
  }
  return { width, height, channels, data: converted };
}

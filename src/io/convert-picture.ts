import { colorParts, luminance, type Color, type Picture } from './picture.ts';

/**
 * The same picture in gray or in color. What is transparent lets the background through.
 *
 * @internal
 */
export function convertPicture(picture: Picture, channels: 1 | 3, background: Color): Picture {
  if (picture.channels === channels) return picture;
  const { width, height, data } = picture;
  const behind = colorParts('convert a picture', 'background', background);
  const converted = new Uint8Array(width * height * channels);
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
      converted[3 * i] = Math.round(red);
      converted[3 * i + 1] = Math.round(green);
      converted[3 * i + 2] = Math.round(blue);
    }
  }
  return { width, height, channels, data: converted };
}

import type { Picture } from './picture.ts';

/** For one row or column of the result: where it reads, and how much of each. */
interface Taps {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Fills another size with a picture: scaled until it covers the size, what stands over is cut at both sides.
 *
 * Scaling is bilinear; when it shrinks, the triangle widens with it, so that every pixel of the original counts and fine
 * patterns do not alias.
 *
 * @internal
 */
export function resizePicture(picture: Picture, width: number, height: number): Picture {
  if (picture.width === width && picture.height === height) return picture;
  const { channels, data } = picture;
  const ratio = Math.min(picture.width / width, picture.height / height);
  const across = taps(picture.width, width, ratio);
  const down = taps(picture.height, height, ratio);

  // [height, width] → [height, new width]
  const wide = new Float32Array(picture.height * width * channels);
  for (let y = 0; y < picture.height; y += 1) {
    across.forEach(({ first, weights }, x) => {
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0;
        const start = (y * picture.width + first) * channels + channel;
        for (let i = 0; i < weights.length; i += 1) {
          sum += (weights[i] ?? 0) * (data[start + i * channels] ?? 0);
        }
        wide[(y * width + x) * channels + channel] = sum;
      }
    });
  }
  // [height, new width] → [new height, new width]
  const stride = width * channels;
  const resized = new Uint8Array(height * stride);
  down.forEach(({ first, weights }, y) => {
    for (let x = 0; x < stride; x += 1) {
      let sum = 0;
      for (let i = 0; i < weights.length; i += 1) {
        sum += (weights[i] ?? 0) * (wide[(first + i) * stride + x] ?? 0);
      }
      resized[y * stride + x] = Math.round(Math.min(255, Math.max(0, sum)));
    }
  });
  return { width, height, channels, data: resized };
}

/** A triangle around the point each new position comes from, as wide as one step (at least a pixel). */
function taps(from: number, to: number, ratio: number): Taps[] {
  const reach = Math.max(1, ratio);
  const margin = (from - to * ratio) / 2;
  return Array.from({ length: to }, (_, i) => {
    const center = margin + (i + 0.5) * ratio - 0.5;
    const first = Math.max(0, Math.ceil(center - reach));
    const last = Math.min(from - 1, Math.floor(center + reach));
    const raw = Array.from({ length: last - first + 1 }, (_unused, k) =>
      Math.max(0, 1 - Math.abs(first + k - center) / reach),
    );
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => weight / total) };
  });
}

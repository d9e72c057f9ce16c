import type { Picture } from './picture.ts';

/**
 * What pixels are weighed by when a picture is resized, by Pillow's names; `ResizeOptions` says
 * which to take when.
 *
 * @example The sharpest for photographs
 * ```ts
 * await saveImageGrid('holiday/1.png', images);
 * const filter: ResizeFilter = 'lanczos';
 * const photos = await imageFolder('holiday', { imageShape: [16, 16, 1], resize: { filter } });
 * console.log(photos.size); // 1
 * ```
 */
export type ResizeFilter = 'nearest' | 'box' | 'bilinear' | 'bicubic' | 'lanczos';

/** The part of a picture that is brought to another size, in pixels and parts of them. @internal */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Kernel {
  /** How far it reaches, in pixels of the result. */
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

const kernels: Readonly<Record<Exclude<ResizeFilter, 'nearest'>, Kernel>> = {
  box: { reach: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { reach: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { reach: 2, weight: (x) => cubic(Math.abs(x)) },
  lanczos: { reach: 3, weight: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Keys' cubic with a = −½. */
function cubic(x: number): number {
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/**
 * Brings a part of a picture to another size.
 *
 * When it shrinks, the filter widens with it, so that every pixel of the original counts and fine
 * patterns do not alias. Colors count by their opacity. In integers, with the precision and the
 * order of Pillow's `resize`, whose pixels it gives.
 *
 * @internal
 */
export function resample(
  picture: Picture,
  { width, height }: Pick<Picture, 'width' | 'height'>,
  { box, filter }: { readonly box: Box; readonly filter: ResizeFilter },
): Picture {
  if (filter === 'nearest') return pick(picture, { width, height }, box);
  const kernel = kernels[filter];
  const across = tapsOf(kernel, picture.width, width, single([box.left, box.width]));
  const down = tapsOf(kernel, picture.height, height, single([box.top, box.height]));
  const hasOpacity = picture.channels === 4;
  const { channels } = picture;
  const data = hasOpacity ? multiplied(picture.data) : picture.data;

  // [height, width] → [height, new width]
  const wide = new Uint8Array(picture.height * width * channels);
  for (let y = 0; y < picture.height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const start = (y * picture.width + across[x]!.first) * channels;
      for (let channel = 0; channel < channels; channel += 1) {
        const at = (y * width + x) * channels + channel;
        wide[at] = weigh(data, start + channel, channels, across[x]!.weights);
      }
    }
  }
  // [height, new width] → [new height, new width]
  const stride = width * channels;
  const resized = new Uint8Array(height * stride);
  for (let y = 0; y < height; y += 1) {
    const { first, weights } = down[y]!;
    for (let x = 0; x < stride; x += 1) {
      resized[y * stride + x] = weigh(wide, first * stride + x, stride, weights);
    }
  }
  return { width, height, channels, data: hasOpacity ? divided(resized) : resized };
}

/** The pixel in whose square the center of each new one lies. */
function pick(
  picture: Picture,
  { width, height }: Pick<Picture, 'width' | 'height'>,
  box: Box,
): Picture {
  const { channels, data } = picture;
  const columns = centersOf(picture.width, width, single([box.left, box.width]));
  const rows = centersOf(picture.height, height, single([box.top, box.height]));
  const picked = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const start = (rows[y]! * picture.width + columns[x]!) * channels;
      picked.set(data.subarray(start, start + channels), (y * width + x) * channels);
    }
  }
  return { width, height, channels, data: picked };
}

/**
 * In steps that are added up: what is exactly between two pixels then falls to the one that Pillow
 * takes.
 */
function centersOf(from: number, to: number, [start, length]: Span): Uint32Array {
  const step = length / to;
  const centers = new Uint32Array(to);
  let center = start + step / 2;
  for (let i = 0; i < to; i += 1) {
    centers[i] = Math.min(from - 1, Math.max(0, Math.floor(center)));
    center += step;
  }
  return centers;
}

type Span = readonly [start: number, length: number];

/** In single precision, in which Pillow has the corners of a box. */
function single([start, length]: Span): Span {
  const first = Math.fround(start);
  return [first, Math.fround(Math.fround(start + length) - first)];
}

/**
 * For one row or column of the result: where it reads, and how much of each, times
 * 2^{@link weightBits}.
 */
interface Taps {
  readonly first: number;
  readonly weights: Int32Array;
}

/** Bits after the point of a weight: of 32, those that bytes and overshooting sums leave. */
const weightBits = 22;

function tapsOf(kernel: Kernel, from: number, to: number, [start, length]: Span): Taps[] {
  const step = length / to;
  const width = Math.max(1, step);
  const reach = kernel.reach * width;
  return Array.from({ length: to }, (_, i) => {
    const center = start + (i + 0.5) * step;
    const first = Math.max(0, Math.trunc(center - reach + 0.5));
    const end = Math.min(from, Math.trunc(center + reach + 0.5));
    const raw = Array.from({ length: end - first }, (_unused, k) =>
      kernel.weight((first + k - center + 0.5) / width),
    );
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    const one = 2 ** weightBits;
    return { first, weights: Int32Array.from(raw, (weight) => roundAway((weight / total) * one)) };
  });
}

function roundAway(value: number): number {
  return Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
}

function weigh(data: Uint8Array, start: number, step: number, weights: Int32Array): number {
  let sum = 1 << (weightBits - 1);
  for (let i = 0; i < weights.length; i += 1) sum += data[start + i * step]! * weights[i]!;
  const value = sum >> weightBits;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

/** Red, green and blue times opacity, so that what cannot be seen colors nothing. */
function multiplied(data: Uint8Array): Uint8Array {
  return data.map((byte, i) => {
    if (i % 4 === 3) return byte;
    const product = byte * data[i - (i % 4) + 3]! + 128;
    return ((product >> 8) + product) >> 8;
  });
}

function divided(data: Uint8Array): Uint8Array {
  return data.map((byte, i) => {
    const opacity = data[i - (i % 4) + 3]!;
    if (i % 4 === 3 || opacity === 0) return byte;
    return Math.min(255, Math.floor((255 * byte) / opacity));
  });
}

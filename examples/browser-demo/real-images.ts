import { CLASSES, type DataName, IMAGE_SHAPE, SHAPES } from './settings.ts';
import { type LabeledImages, shapes } from './shapes.ts';
import { unpack } from './unpack.ts';

const [SIDE] = IMAGE_SHAPE;
/** Canvas pixels between images, and per pixel of an image: as the worker draws samples. */
const [PADDING, SCALE] = [2, 2];
/** The headers of the packed files: kind and count, for images also rows and columns. */
const [IMAGE_HEADER, LABEL_HEADER] = [16, 8];

/** The images that the generator imitates. */
export class RealImages {
  readonly #loaded = new Map<DataName, Promise<LabeledImages>>();

  /** Draws a grid of them, the given class in each place. */
  async draw(
    canvas: HTMLCanvasElement,
    data: DataName,
    side: number,
    label: number | undefined,
  ): Promise<void> {
    const { values, labels } = await this.#load(data);
    const classes = CLASSES[data].length;
    const size = side * (SIDE * SCALE + PADDING) + PADDING;
    const picture = new ImageData(size, size);
    // A pixel is one number: red in the lowest byte, opacity in the highest.
    const canvasPixels = new Uint32Array(picture.data.buffer).fill(0xff000000);
    const next = new Map<number, number>();
    for (let place = 0; place < side * side; place += 1) {
      const wanted = label ?? place % classes;
      const image = find(labels, wanted, next.get(wanted) ?? 0);
      if (image < 0) continue;
      next.set(wanted, image + 1);
      const pixels = values.subarray(image * SIDE * SIDE, (image + 1) * SIDE * SIDE);
      const left = PADDING + (place % side) * (SIDE * SCALE + PADDING);
      const top = PADDING + Math.floor(place / side) * (SIDE * SCALE + PADDING);
      put({ canvasPixels, width: size }, pixels, left, top);
    }
    [canvas.width, canvas.height] = [size, size];
    canvas.getContext('2d')?.putImageData(picture, 0, 0);
  }

  #load(data: DataName): Promise<LabeledImages> {
    const known = this.#loaded.get(data) ?? load(data);
    this.#loaded.set(data, known);
    return known;
  }
}

async function load(data: DataName): Promise<LabeledImages> {
  if (data === 'shapes') return shapes(SHAPES, 1);
  const [images, labels] = await Promise.all([unpack('digits.bin'), unpack('digit-labels.bin')]);
  return {
    values: new Uint8Array(images, IMAGE_HEADER),
    labels: new Uint8Array(labels, LABEL_HEADER),
  };
}

/** The place of the next image of a class; -1 if there are no more. */
function find(labels: ArrayLike<number>, wanted: number, from: number): number {
  for (let i = from; i < labels.length; i += 1) if (labels[i] === wanted) return i;
  return -1;
}

interface Paper {
  readonly canvasPixels: Uint32Array;
  readonly width: number;
}

function put({ canvasPixels, width }: Paper, pixels: Uint8Array, left: number, top: number): void {
  for (let y = 0; y < SIDE * SCALE; y += 1) {
    for (let x = 0; x < SIDE * SCALE; x += 1) {
      const value = pixels[Math.floor(y / SCALE) * SIDE + Math.floor(x / SCALE)]!;
      canvasPixels[(top + y) * width + left + x] = 0xff000000 + 0x010101 * value;
    }
  }
}

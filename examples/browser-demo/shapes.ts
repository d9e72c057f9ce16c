import { Random } from 'tfjs-gan';
import { IMAGE_SHAPE } from './settings.ts';

const [SIDE] = IMAGE_SHAPE;

/** Discs, frames and triangles with soft edges and their classes, the same for the same seed. */
export function shapes(count: number, seed: number): LabeledImages {
  const random = new Random(seed);
  const values = new Uint8Array(count * SIDE * SIDE);
  const labels = new Int32Array(count);
  for (let image = 0; image < count; image += 1) {
    const [kind, size, x, y] = random.uniformArray(4, 0, 1) as unknown as Place;
    const radius = 6 + 4 * size;
    const [left, top] = [SIDE / 2 + 4 * (x - 0.5), SIDE / 2 + 4 * (y - 0.5)];
    const label = (labels[image] = Math.floor(distances.length * kind));
    const distance = distances[label] ?? disc;
    for (let pixel = 0; pixel < SIDE * SIDE; pixel += 1) {
      const dx = (pixel % SIDE) + 0.5 - left;
      const dy = Math.floor(pixel / SIDE) + 0.5 - top;
      const ink = Math.min(1, Math.max(0, 0.5 - distance(dx, dy, radius)));
      values[image * SIDE * SIDE + pixel] = Math.round(255 * ink);
    }
  }
  return { values, labels };
}

/** Images as bytes, one after another, and the class of each. */
export interface LabeledImages {
  readonly values: Uint8Array;
  readonly labels: ArrayLike<number>;
}

type Place = readonly [kind: number, size: number, x: number, y: number];

/** The distance of a point from a shape; negative inside. */
type Distance = (x: number, y: number, radius: number) => number;

const disc: Distance = (x, y, radius) => Math.hypot(x, y) - radius;

const frame: Distance = (x, y, radius) =>
  Math.abs(Math.max(Math.abs(x), Math.abs(y)) - 0.8 * radius) - 1.5;

const triangle: Distance = (x, y, radius) =>
  Math.max(0.866 * Math.abs(x) - 0.5 * y - 0.5 * radius, y - 0.5 * radius);

/** In the order of their classes. */
const distances: readonly Distance[] = [disc, frame, triangle];

import { Random } from 'tfjs-gan';

/**
 * Signed distances from the edge, negative inside, at a position relative to the center, in units
 * of the shape's size.
 */
const shapes: readonly ((x: number, y: number) => number)[] = [
  (x, y) => Math.hypot(x, y) - 1, // disc
  (x, y) => Math.abs(Math.hypot(x, y) - 0.75) - 0.3, // ring
  (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.85, // square
  (x, y) => Math.max(Math.abs(x) * 0.87 - y * 0.5, y) - 0.5, // triangle
];

const background = 24;

/**
 * Pictures of a disc, ring, square or triangle in a light color of any hue, somewhere near the
 * middle.
 *
 * @returns Bytes, `[count, height, width, 3]`.
 */
export function drawShapes(count: number, height: number, width: number, seed: number): Uint8Array {
  const random = new Random(seed);
  const pixels = new Uint8Array(count * height * width * 3);
  let at = 0;
  for (let picture = 0; picture < count; picture += 1) {
    const shape = shapes[random.integer(shapes.length)]!;
    const size = Math.min(height, width) * (0.28 + 0.12 * random.uniform());
    const place = (length: number): number =>
      length / 2 + (random.uniform() - 0.5) * (length / 2 - size);
    const [top, left] = [place(height), place(width)];
    const color = ofHue(random.uniform());
    for (let i = 0; i < height * width; i += 1) {
      const x = ((i % width) + 0.5 - left) / size;
      const y = (Math.floor(i / width) + 0.5 - top) / size;
      // Edges are a pixel wide, so that they do not flicker as shapes move.
      const ink = Math.min(1, Math.max(0, 0.5 - shape(x, y) * size));
      for (const part of color) pixels[at++] = background + ink * (part - background);
    }
  }
  return pixels;
}

/** A light, saturated color: 0 and 1 are red, one third is green. */
function ofHue(turn: number): readonly number[] {
  return [0, 1, 2].map((part) => {
    const away = Math.abs(((turn - part / 3 + 1.5) % 1) - 0.5);
    return 70 + 185 * Math.min(1, Math.max(0, 2 - 6 * away));
  });
}

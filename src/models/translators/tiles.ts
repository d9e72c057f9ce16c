import * as tf from '@tensorflow/tfjs';

/**
 * A picture in tiles of the size of a network, each of which shares half of its height and width
 * with its neighbors.
 *
 * The picture is a grid of cells of half a tile; tile i covers the cells i and i + 1 of an axis.
 * Beyond its sides it is continued by its mirror image.
 *
 * @internal
 */
export class Tiles {
  readonly #sides: readonly [height: number, width: number];
  readonly #tile: readonly [height: number, width: number];

  /**
   * @param sides - Height and width of the picture.
   * @param tile - Those of the network, even where the picture exceeds them.
   */
  constructor(
    sides: readonly [height: number, width: number],
    tile: readonly [height: number, width: number],
  ) {
    this.#sides = sides;
    this.#tile = tile;
  }

  /** How many tiles there are along each axis. */
  get counts(): readonly [down: number, across: number] {
    return [this.#count(0), this.#count(1)];
  }

  /**
   * Cuts pictures into tiles; the caller disposes them.
   *
   * @param pictures - `[batch, height, width, channels]`.
   * @returns `[batch · down · across, tile height, tile width, channels]`.
   */
  cut(pictures: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const [batch, , , channels] = pictures.shape;
      const [down, across] = this.counts;
      const [high, wide] = this.#tile;
      // [batch, rows, columns, channels] → [batch, down, high, columns, channels] → [batch, down,
      // high, across, wide, channels]
      const rows = cutAxis(this.#continued(pictures, 0), 1, down, high);
      const both = cutAxis(this.#continued(rows, 1), 3, across, wide);
      const apart = tf.transpose(both, [0, 1, 3, 2, 4, 5]);
      return tf.reshape(apart, [batch * down * across, high, wide, channels]);
    });
  }

  /**
   * Joins tiles to pictures; the caller disposes them.
   *
   * Across half of what two tiles share, one fades into the other. A quarter of it on either side,
   * an eighth of a tile, belongs to one of them alone, so that the rim of a tile, which lacks its
   * surroundings, does not count.
   *
   * @param tiles - `[batch · down · across, tile height, tile width, channels]`, as
   *   {@link Tiles.cut} returns them, or all as many times as large.
   * @returns `[batch, height, width, channels]`, as many times as large.
   */
  join(tiles: tf.Tensor4D): tf.Tensor4D {
    return tf.tidy(() => {
      const [all, high, wide, channels] = tiles.shape;
      const [down, across] = this.counts;
      const batch = all / (down * across);
      const grid = tf.reshape(tiles, [batch, down, across, high, wide, channels]);
      // [batch, down, high, across, wide, channels] → [batch, down, high, columns, channels] →
      // [batch, rows, columns, channels]
      const apart = tf.transpose(grid, [0, 1, 3, 2, 4, 5]);
      const columns = joinAxis(apart, 3);
      const whole = joinAxis(columns, 1) as tf.Tensor4D;
      const scale = high / this.#tile[0];
      const [height, width] = this.#sides;
      return tf.slice(whole, [0, 0, 0, 0], [batch, height * scale, width * scale, channels]);
    });
  }

  #count(axis: 0 | 1): number {
    const [side, tile] = [this.#sides[axis], this.#tile[axis]];
    return side <= tile ? 1 : Math.ceil(side / (tile / 2)) - 1;
  }

  /** With mirrored pixels behind its end, up to the end of the last tile. */
  #continued(pictures: tf.Tensor, axis: 0 | 1): tf.Tensor {
    const side = this.#sides[axis];
    const [count, tile] = [this.#count(axis), this.#tile[axis]];
    const size = count === 1 ? tile : ((count + 1) * tile) / 2;
    if (size === side) return pictures;
    const places = Array.from({ length: size }, (_, i) => mirrored(i, side));
    // Rows come before they are cut, columns after.
    return tf.gather(pictures, tf.tensor1d(places, 'int32'), axis === 0 ? 1 : 3);
  }
}

/** Which of `size` pixels one beyond them mirrors; the outermost ones are not repeated. */
function mirrored(place: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const at = place % period;
  return at < size ? at : period - at;
}

/** [..., cells of half a tile, ...] → [..., count, tile, ...], from an axis on. */
function cutAxis(x: tf.Tensor, axis: number, count: number, tile: number): tf.Tensor {
  const shape = [...x.shape];
  if (count === 1) return tf.reshape(x, [...shape.slice(0, axis), 1, ...shape.slice(axis)]);
  const half = tile / 2;
  const before = shape.slice(0, axis);
  const after = shape.slice(axis + 1);
  const cells = tf.reshape(x, [...before, count + 1, half, ...after]);
  const from = (first: number): tf.Tensor => {
    const begin = cells.shape.map((_, i) => (i === axis ? first : 0));
    const size = cells.shape.map((length, i) => (i === axis ? count : length));
    return tf.slice(cells, begin, size);
  };
  // [..., count, half, ...] twice → [..., count, tile, ...]
  return tf.concat([from(0), from(1)], axis + 1);
}

/** [..., count, tile, ...] → [..., cells of half a tile, ...]: each tile fades into the next. */
function joinAxis(x: tf.Tensor, axis: number): tf.Tensor {
  const [count, tile] = [x.shape[axis]!, x.shape[axis + 1]!];
  const before = x.shape.slice(0, axis);
  const after = x.shape.slice(axis + 2);
  if (count === 1) return tf.reshape(x, [...before, tile, ...after]);
  const half = tile / 2;
  const rising = Array.from({ length: half }, (_, i) => share((i + 0.5) / half));
  const weights = Array.from({ length: count }, (_, i) => [
    ...rising.map((weight) => (i === 0 ? 1 : weight)),
    ...rising.map((weight) => (i === count - 1 ? 1 : 1 - weight)),
  ]);
  const weighted = tf.mul(x, tf.tensor(weights.flat(), [count, tile, ...after.map(() => 1)]));
  const [left, right] = tf.split(weighted, 2, axis + 1);
  const beside = (part: tf.Tensor, pad: [number, number]): tf.Tensor =>
    tf.pad(
      part,
      part.shape.map((_, i): [number, number] => (i === axis ? pad : [0, 0])),
    );
  const cells = tf.add(beside(left!, [0, 1]), beside(right!, [1, 0]));
  return tf.reshape(cells, [...before, (count + 1) * half, ...after]);
}

/** How much of a tile counts at a place of 0…1 in what it shares with the one before. */
function share(place: number): number {
  return Math.min(1, Math.max(0, 2 * place - 0.5));
}

import { BLOCK_K, BLOCK_TILES, blockOf } from './gemm';
import { packRuns } from './gemm-pack';
import { COLUMN_BYTES, multiplyTile, ROW_BYTES, TILE_COLUMNS, TILE_ROWS } from './gemm-tile';

/**
 * A convolution as a product of matrices whose left one is gathered from an image, never written
 * out whole.
 *
 * A grid of places is laid over the source; the place (y, x) of image n sees, for each tap, the
 * source pixel at (y · stepY + offsetY, x · stepX + offsetX), and nothing where that lies outside.
 * One row of A is what one place sees. This is a forward convolution as it stands, and the gradient
 * of its input for one phase of the stride.
 *
 * A group of taps is a run of neighbors along x: what a place sees of it is one run in memory.
 *
 * Filled from TypeScript (kernels/convolution-tables.ts): the fields in order, then for each group
 * offsetY and offsetX of its first tap. Steps named `Image`, `Row` and `Pixel` are in bytes.
 */
@unmanaged
export class Gather {
  source!: usize;
  sourceImage!: usize;
  sourceRow!: usize;
  sourcePixel!: usize;
  height!: i32;
  width!: i32;
  channels!: i32;
  target!: usize;
  targetImage!: usize;
  targetRow!: usize;
  targetPixel!: usize;
  batch!: i32;
  gridHeight!: i32;
  gridWidth!: i32;
  stepY!: i32;
  stepX!: i32;
  groups!: i32;
  tapsPerGroup!: i32;
  /**
   * Rows of A for each place of the grid: the images, filled up to whole tiles where each tile must
   * be at one place.
   */
  rowsPerPlace!: i32;
}

const GROUP_BYTES: usize = 8;

@inline
export function offsetY(gather: Gather, group: i32): i32 {
  return load<i32>(changetype<usize>(gather) + offsetof<Gather>() + <usize>group * GROUP_BYTES);
}

@inline
export function offsetX(gather: Gather, group: i32): i32 {
  return load<i32>(changetype<usize>(gather) + offsetof<Gather>() + <usize>group * GROUP_BYTES, 4);
}

/**
 * What one row of A is: the source pixel it is laid over (perhaps outside), as an address and as
 * coordinates.
 */
@unmanaged
class Place {
  source!: usize;
  y!: i32;
  x!: i32;
}

const BLOCK_ROWS = BLOCK_TILES * TILE_ROWS;
const ADDRESSES = BLOCK_ROWS * 4;
const PLACES = BLOCK_ROWS * offsetof<Place>();
/** Each tile has its run of segments; in the worst case every k is one. */
const SEGMENTS_OF_TILE = BLOCK_K * 8;
const SEGMENT_ENDS = BLOCK_TILES * 4;

/** Bytes of scratch that {@link gatherMultiply} needs. */
export function gatherScratch(): i32 {
  return (
    BLOCK_TILES * BLOCK_K * ROW_BYTES +
    <i32>(ADDRESSES + PLACES + SEGMENT_ENDS + BLOCK_TILES * SEGMENTS_OF_TILE)
  );
}

/**
 * Finds the places of the rows first … first + rows − 1 of A, and the rows of the target that they
 * fill.
 */
function placeRows(gather: Gather, first: i32, rows: i32, places: usize, addresses: usize): void {
  // Images run fastest: neighbors in a tile then mostly see the same taps of different images.
  let row = first % gather.rowsPerPlace;
  const position = first / gather.rowsPerPlace;
  let x = position % gather.gridWidth;
  let y = position / gather.gridWidth;
  for (let i = 0; i < rows; i++) {
    const place = changetype<Place>(places + <usize>i * offsetof<Place>());
    // What fills up is the last image once more, and is not stored.
    const n = min(row, gather.batch - 1);
    place.y = y * gather.stepY;
    place.x = x * gather.stepX;
    place.source =
      gather.source +
      <usize>n * gather.sourceImage +
      <usize>place.y * gather.sourceRow +
      <usize>place.x * gather.sourcePixel;
    const target =
      gather.target +
      <usize>n * gather.targetImage +
      <usize>y * gather.targetRow +
      <usize>x * gather.targetPixel;
    store<u32>(addresses + (i << 2), target);
    if (++row == gather.rowsPerPlace) {
      row = 0;
      if (++x == gather.gridWidth) {
        x = 0;
        y++;
      }
    }
  }
}

/** How many rows of a tile are rows of A, and do not just fill it up. */
@inline
function rowsToStore(gather: Gather, first: i32, rows: i32): i32 {
  return gather.rowsPerPlace == gather.batch
    ? rows
    : min(rows, gather.batch - (first % gather.rowsPerPlace));
}

/** Copies what a place sees of a run, at every fifth value; zeros where it sees nothing. */
function packOneRow(to: usize, from: usize, count: i32, first: i32, last: i32): void {
  for (let i = 0; i < count; i++) {
    store<f32>(to, i < first || i >= last ? 0 : load<f32>(from + (i << 2)));
    to += ROW_BYTES;
  }
}

/**
 * Packs what the rows of one tile see of k0 … k1 − 1, leaving out what none of them sees.
 *
 * @returns The end of the segments that tell which k were packed.
 */
function packPlaces(
  gather: Gather,
  to: usize,
  places: usize,
  rows: i32,
  k0: i32,
  k1: i32,
  segments: usize,
): usize {
  const channels = gather.channels;
  const span = gather.tapsPerGroup * channels;
  const lastGroup = (k1 - 1) / span;
  const sameSight = changetype<Place>(places);
  const other = changetype<Place>(places + <usize>(rows - 1) * offsetof<Place>());
  // Rows are in order of place: if first and last are at one place, so are all.
  const together = sameSight.y == other.y && sameSight.x == other.x;
  let segmentEnd = segments;
  let runEnd: usize = -1;
  for (let group = k0 / span; group <= lastGroup; group++) {
    const start = group * span;
    const from = max(k0 - start, 0);
    const until = min(k1 - start, span);
    const dy = offsetY(gather, group);
    const dx = offsetX(gather, group);
    const shift =
      <usize>dy * gather.sourceRow + <usize>dx * gather.sourcePixel;
    // What any row sees: first … last − 1.
    let first = until;
    let last = from;
    let equal = true;
    const watched = together ? 1 : rows;
    for (let i = 0; i < watched; i++) {
      const place = changetype<Place>(places + <usize>i * offsetof<Place>());
      let low = from;
      let high = from;
      if (<u32>(place.y + dy) < <u32>gather.height) {
        const x = place.x + dx;
        low = max(from, -x * channels);
        high = min(until, (gather.width - x) * channels);
        if (high <= low) {
          low = until;
          high = from;
        }
      } else {
        low = until;
        high = from;
      }
      if (i > 0 && (low != first || high != last)) equal = false;
      first = min(first, low);
      last = max(last, high);
    }
    if (first >= last) continue;
    const count = last - first;
    const begin = shift + (<usize>first << 2);
    if (equal) {
      const r0 = sourceOf(places, 0) + begin;
      packRuns(
        to,
        r0,
        rows > 1 ? sourceOf(places, 1) + begin : r0,
        rows > 2 ? sourceOf(places, 2) + begin : r0,
        rows > 3 ? sourceOf(places, 3) + begin : r0,
        rows > 4 ? sourceOf(places, 4) + begin : r0,
        count,
      );
    } else {
      for (let i = 0; i < TILE_ROWS; i++) {
        const place = changetype<Place>(places + <usize>min(i, rows - 1) * offsetof<Place>());
        const x = place.x + dx;
        const inside = <u32>(place.y + dy) < <u32>gather.height;
        packOneRow(
          to + (i << 2),
          place.source + begin,
          count,
          inside ? -x * channels - first : count,
          (gather.width - x) * channels - first,
        );
      }
    }
    to += <usize>count * ROW_BYTES;
    const run = <usize>(start + first) * COLUMN_BYTES;
    if (run == runEnd) {
      store<u32>(segmentEnd - 4, load<u32>(segmentEnd - 4) + count);
    } else {
      store<u32>(segmentEnd, run);
      store<u32>(segmentEnd, count, 4);
      segmentEnd += 8;
    }
    runEnd = run + <usize>count * COLUMN_BYTES;
  }
  return segmentEnd;
}

@inline
function sourceOf(places: usize, row: i32): usize {
  return changetype<Place>(places + <usize>row * offsetof<Place>()).source;
}

/**
 * Target = start + A · B, with A gathered by a {@link Gather}.
 *
 * Rows are counted by (y, x, n), images fastest. Each value depends on its own place only and sums
 * k in order, block by block, so a split of the tiles over threads gives the same bits.
 *
 * @param table - A {@link Gather}.
 * @param b - Packed columns, `n` of them; k runs over groups, taps and channels.
 * @param start - What the sums are added to, for each column, filled up to a multiple of eight.
 * @param n - Channels of the target.
 * @param firstTile - The first tile of five rows to make.
 * @param lastTile - One past the last.
 * @param scratch - {@link gatherScratch} bytes.
 */
export function gatherMultiply(
  table: usize,
  b: usize,
  start: usize,
  n: i32,
  firstTile: i32,
  lastTile: i32,
  scratch: usize,
): void {
  const gather = changetype<Gather>(table);
  const addresses = scratch;
  const places = addresses + ADDRESSES;
  const segmentEnds = places + PLACES;
  const segments = segmentEnds + SEGMENT_ENDS;
  const packed = segments + BLOCK_TILES * SEGMENTS_OF_TILE;
  const k = gather.groups * gather.tapsPerGroup * gather.channels;
  const blockK = blockOf(k);
  const allRows = min(
    lastTile * TILE_ROWS,
    gather.gridHeight * gather.gridWidth * gather.rowsPerPlace,
  );
  for (let row = firstTile * TILE_ROWS; row < allRows; row += BLOCK_ROWS) {
    const rows = min(allRows - row, BLOCK_ROWS);
    placeRows(gather, row, rows, places, addresses);
    let k0 = 0;
    do {
      const k1 = min(k, k0 + blockK);
      const tileBytes = <usize>(k1 - k0) * ROW_BYTES;
      for (let tile = 0; tile * TILE_ROWS < rows; tile++) {
        const own = segments + <usize>tile * SEGMENTS_OF_TILE;
        const end =
          k == 0
            ? own
            : packPlaces(
                gather,
                packed + <usize>tile * tileBytes,
                places + <usize>(tile * TILE_ROWS) * offsetof<Place>(),
                min(rows - tile * TILE_ROWS, TILE_ROWS),
                k0,
                k1,
                own,
              );
        store<u32>(segmentEnds + (tile << 2), end);
      }
      for (let j = 0; j < n; j += TILE_COLUMNS) {
        const panel = b + <usize>j * <usize>k * (COLUMN_BYTES / TILE_COLUMNS);
        const column = <usize>j << 2;
        for (let tile = 0; tile * TILE_ROWS < rows; tile++) {
          multiplyTile(
            packed + <usize>tile * tileBytes,
            panel,
            segments + <usize>tile * SEGMENTS_OF_TILE,
            load<u32>(segmentEnds + (tile << 2)),
            addresses + (tile * TILE_ROWS << 2),
            column,
            k0 == 0 ? start + column : 0,
            rowsToStore(gather, row + tile * TILE_ROWS, rows - tile * TILE_ROWS),
            n - j,
          );
        }
      }
      k0 += blockK;
    } while (k0 < k);
  }
}

import { Gather, offsetX, offsetY } from './conv-gather';
import { BLOCK_K, BLOCK_TILES, blockOf } from './gemm';
import { packFives, packFivesPart } from './gemm-pack';
import { COLUMN_BYTES, multiplyTile, ROW_BYTES, TILE_COLUMNS, TILE_ROWS } from './gemm-tile';

const ADDRESSES = BLOCK_TILES * TILE_ROWS * 4;
const SEGMENTS_OF_TILE = BLOCK_K * 8;
const SEGMENT_ENDS = BLOCK_TILES * 4;

/** Bytes of scratch that {@link filterGradient} needs for `n` channels of dy. */
export function filterGradientScratch(n: i32): i32 {
  const panels = (n + TILE_COLUMNS - 1) / TILE_COLUMNS;
  return (
    BLOCK_TILES * (BLOCK_K * ROW_BYTES + SEGMENTS_OF_TILE) +
    panels * BLOCK_K * COLUMN_BYTES +
    ADDRESSES +
    SEGMENT_ENDS
  );
}

/** Tiles of five rows that the filter gradient has: each group of taps begins a new one. */
export function filterGradientTiles(table: usize): i32 {
  const gather = changetype<Gather>(table);
  return gather.groups * tilesOf(gather);
}

@inline
function tilesOf(gather: Gather): i32 {
  return (gather.tapsPerGroup * gather.channels + TILE_ROWS - 1) / TILE_ROWS;
}

/** Packs the gradients at the places p0 … p1 − 1 into panels of eight channels. */
function packGradients(gather: Gather, to: usize, n: i32, p0: i32, p1: i32): void {
  const panelBytes = <usize>(p1 - p0) * COLUMN_BYTES;
  let image = p0 % gather.batch;
  const position = p0 / gather.batch;
  let x = position % gather.gridWidth;
  let y = position / gather.gridWidth;
  for (let p = p0; p < p1; p++) {
    let from =
      gather.target +
      <usize>image * gather.targetImage +
      <usize>y * gather.targetRow +
      <usize>x * gather.targetPixel;
    let panel = to;
    let j = 0;
    for (; j + TILE_COLUMNS <= n; j += TILE_COLUMNS) {
      v128.store(panel, v128.load(from));
      v128.store(panel, v128.load(from, 16), 16);
      from += TILE_COLUMNS * 4;
      panel += panelBytes;
    }
    if (j < n) {
      for (let i = 0; i < TILE_COLUMNS; i++) {
        store<f32>(panel + (i << 2), j + i < n ? load<f32>(from + (i << 2)) : 0);
      }
    }
    to += COLUMN_BYTES;
    if (++image == gather.batch) {
      image = 0;
      if (++x == gather.gridWidth) {
        x = 0;
        y++;
      }
    }
  }
}

/**
 * Packs the five inputs `offset` … `offset + 4` of a group as the places p0 … p1 − 1 see them,
 * leaving out the places that see none of them.
 *
 * @returns The end of the segments that tell which places were packed.
 */
function packInputs(
  gather: Gather,
  to: usize,
  group: i32,
  offset: i32,
  rows: i32,
  p0: i32,
  p1: i32,
  segments: usize,
): usize {
  const channels = gather.channels;
  const dy = offsetY(gather, group);
  const dx = offsetX(gather, group);
  let segmentEnd = segments;
  let runEnd = -1;
  const position = p0 / gather.batch;
  let x = position % gather.gridWidth;
  let y = position / gather.gridWidth;
  for (let p = p0; p < p1; ) {
    const image = p % gather.batch;
    const images = min(gather.batch - image, p1 - p);
    const sourceY = y * gather.stepY + dy;
    const sourceX = x * gather.stepX + dx;
    const first = max(0, -sourceX * channels - offset);
    const last = min(rows, (gather.width - sourceX) * channels - offset);
    if (<u32>sourceY < <u32>gather.height && first < last) {
      const from =
        gather.source +
        <usize>image * gather.sourceImage +
        <usize>sourceY * gather.sourceRow +
        <usize>sourceX * gather.sourcePixel +
        (<usize>offset << 2);
      if (first == 0 && last == TILE_ROWS) packFives(to, from, gather.sourceImage, images);
      else packFivesPart(to, from, gather.sourceImage, images, first, last);
      to += <usize>images * ROW_BYTES;
      if (p == runEnd) {
        store<u32>(segmentEnd - 4, load<u32>(segmentEnd - 4) + images);
      } else {
        store<u32>(segmentEnd, (p - p0) * COLUMN_BYTES);
        store<u32>(segmentEnd, images, 4);
        segmentEnd += 8;
      }
      runEnd = p + images;
    }
    p += images;
    if (++x == gather.gridWidth) {
      x = 0;
      y++;
    }
  }
  return segmentEnd;
}

/**
 * The gradient of a convolution's filter: for each tap and input channel the sum over all places of
 * input · gradient.
 *
 * Places are summed in the order (y, x, n), block by block, and each value of the result by itself:
 * a split of the tiles over threads gives the same bits.
 *
 * @param table - A {@link Gather} of the forward convolution whose target is the gradient of its
 *   output.
 * @param result - `[taps · channels, n]`, dense.
 * @param zeros - As many zeros as `n`, filled up to a multiple of eight.
 * @param n - Channels of the gradient.
 * @param firstTile - The first of {@link filterGradientTiles} to make.
 * @param lastTile - One past the last.
 * @param scratch - {@link filterGradientScratch} bytes.
 */
export function filterGradient(
  table: usize,
  result: usize,
  zeros: usize,
  n: i32,
  firstTile: i32,
  lastTile: i32,
  scratch: usize,
): void {
  const gather = changetype<Gather>(table);
  const addresses = scratch;
  const segmentEnds = addresses + ADDRESSES;
  const segments = segmentEnds + SEGMENT_ENDS;
  const inputs = segments + BLOCK_TILES * SEGMENTS_OF_TILE;
  const gradients = inputs + BLOCK_TILES * BLOCK_K * ROW_BYTES;
  const span = gather.tapsPerGroup * gather.channels;
  const tilesPerGroup = tilesOf(gather);
  const places = gather.gridHeight * gather.gridWidth * gather.batch;
  const block = blockOf(places);
  let p0 = 0;
  // Once even without places, which writes the zeros.
  do {
    const p1 = min(places, p0 + block);
    const tileBytes = <usize>(p1 - p0) * ROW_BYTES;
    packGradients(gather, gradients, n, p0, p1);
    for (let tile0 = firstTile; tile0 < lastTile; tile0 += BLOCK_TILES) {
      const tiles = min(lastTile - tile0, BLOCK_TILES);
      for (let t = 0; t < tiles; t++) {
        const group = (tile0 + t) / tilesPerGroup;
        const offset = ((tile0 + t) % tilesPerGroup) * TILE_ROWS;
        for (let i = 0; i < TILE_ROWS; i++) {
          const row = <usize>(group * span + offset + i);
          store<u32>(addresses + ((t * TILE_ROWS + i) << 2), result + row * (<usize>n << 2));
        }
        const own = segments + <usize>t * SEGMENTS_OF_TILE;
        const rows = min(span - offset, TILE_ROWS);
        const to = inputs + <usize>t * tileBytes;
        const end = packInputs(gather, to, group, offset, rows, p0, p1, own);
        store<u32>(segmentEnds + (t << 2), end);
      }
      for (let j = 0; j < n; j += TILE_COLUMNS) {
        const panel = gradients + <usize>(j / TILE_COLUMNS) * <usize>(p1 - p0) * COLUMN_BYTES;
        const column = <usize>j << 2;
        for (let t = 0; t < tiles; t++) {
          multiplyTile(
            inputs + <usize>t * tileBytes,
            panel,
            segments + <usize>t * SEGMENTS_OF_TILE,
            load<u32>(segmentEnds + (t << 2)),
            addresses + ((t * TILE_ROWS) << 2),
            column,
            p0 == 0 ? zeros + column : 0,
            span - ((tile0 + t) % tilesPerGroup) * TILE_ROWS,
            n - j,
          );
        }
      }
    }
    p0 = p1;
  } while (p0 < places);
}

import { Gather, offsetX, offsetY } from './conv-gather';
import { gemm } from './gemm';
import { packPanel } from './gemm-pack';
import { COLUMN_BYTES, TILE_COLUMNS } from './gemm-tile';

/**
 * About how many columns one product has: its result then stays in a near cache until it is added
 * up.
 */
const BLOCK_COLUMNS = 512;

/** Images, filled up to whole panels. */
@inline
function lanesOf(batch: i32): i32 {
  return (batch + TILE_COLUMNS - 1) & ~(TILE_COLUMNS - 1);
}

@inline
function positionsOf(lanes: i32): i32 {
  return max(1, BLOCK_COLUMNS / lanes);
}

@inline
function rowsOf(gather: Gather): i32 {
  return gather.groups * gather.tapsPerGroup * gather.channels;
}

/** Columns of the largest product that {@link scatterMultiply} makes. */
export function scatterColumns(batch: i32): i32 {
  const lanes = lanesOf(batch);
  return positionsOf(lanes) * lanes;
}

/** Adds a row of values to another; a multiple of eight. */
@inline
function addRow(to: usize, from: usize, count: i32): void {
  const end = to + (<usize>count << 2);
  for (; to < end; to += 32) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
    from += 32;
  }
}

/**
 * A {@link Gather} read backwards, for images of few channels: each place sends to every pixel it
 * sees the product of its values and the filter's tap.
 *
 * With few channels the columns of the usual product would be mostly padding. Here the taps are the
 * rows, the columns are images at one place, and what the rows give is added to the pixels they
 * belong to, all images of a pixel side by side. This is the gradient of an input of few channels;
 * with stride 1 also a forward convolution to few channels.
 *
 * Each image is summed by itself, over places in order and taps in order: a split of the images, by
 * whole eights, over threads gives the same bits.
 *
 * @param table - A {@link Gather} whose source is what is made (only its sizes are used), and whose
 *   target is what is read.
 * @param sums - The result, `[height, width, channels, images]` with the images filled up to a
 *   multiple of eight.
 * @param filter - `[taps · channels, k]`, dense.
 * @param k - Channels of what is read.
 * @param scratch - Room for {@link scatterColumns} columns of `taps · channels + k + 1` values, and
 *   for {@link gemm}.
 */
export function scatterMultiply(
  table: usize,
  sums: usize,
  filter: usize,
  k: i32,
  scratch: usize,
): void {
  const gather = changetype<Gather>(table);
  const batch = gather.batch;
  const lanes = lanesOf(batch);
  const rows = rowsOf(gather);
  const blockPositions = positionsOf(lanes);
  const columnsMost = <usize>scatterColumns(batch);
  const zeros = scratch;
  const products = zeros + columnsMost * 4;
  const packed = products + columnsMost * <usize>rows * 4;
  const gemmRoom = packed + columnsMost * <usize>k * 4;
  memory.fill(zeros, 0, columnsMost * 4);
  memory.fill(sums, 0, <usize>(gather.height * gather.width * gather.channels * lanes) << 2);

  const positions = gather.gridHeight * gather.gridWidth;
  for (let q0 = 0; q0 < positions; q0 += blockPositions) {
    const count = min(positions - q0, blockPositions);
    const columns = count * lanes;
    let to = packed;
    for (let q = q0; q < q0 + count; q++) {
      let from =
        gather.target +
        <usize>(q / gather.gridWidth) * gather.targetRow +
        <usize>(q % gather.gridWidth) * gather.targetPixel;
      for (let image = 0; image < batch; image += TILE_COLUMNS) {
        packPanel(to, from, 4, gather.targetImage, k, min(batch - image, TILE_COLUMNS));
        from += <usize>TILE_COLUMNS * gather.targetImage;
        to += <usize>k * COLUMN_BYTES;
      }
    }
    gemm(products, columns, filter, k, 1, packed, zeros, rows, columns, k, gemmRoom);
    for (let q = q0; q < q0 + count; q++) {
      const column = products + (<usize>((q - q0) * lanes) << 2);
      addProducts(gather, sums, column, <usize>columns << 2, lanes, q);
    }
  }
}

/** Adds what the place `position` sends to each pixel it sees. */
function addProducts(
  gather: Gather,
  sums: usize,
  products: usize,
  rowBytes: usize,
  lanes: i32,
  position: i32,
): void {
  const y = (position / gather.gridWidth) * gather.stepY;
  const x = (position % gather.gridWidth) * gather.stepX;
  const channels = gather.channels;
  const pixelBytes = <usize>(channels * lanes) << 2;
  for (let group = 0; group < gather.groups; group++) {
    const toY = y + offsetY(gather, group);
    if (<u32>toY < <u32>gather.height) {
      for (let tap = 0; tap < gather.tapsPerGroup; tap++) {
        const toX = x + offsetX(gather, group) + tap;
        if (<u32>toX < <u32>gather.width) {
          let to = sums + <usize>(toY * gather.width + toX) * pixelBytes;
          let from = products + <usize>(tap * channels) * rowBytes;
          for (let c = 0; c < channels; c++) {
            addRow(to, from, lanes);
            to += <usize>lanes << 2;
            from += rowBytes;
          }
        }
      }
    }
    products += <usize>(gather.tapsPerGroup * channels) * rowBytes;
  }
}

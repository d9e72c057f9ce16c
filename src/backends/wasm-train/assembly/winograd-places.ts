import { before, phaseAt, slotOf, Winograd } from './winograd-table';

/**
 * Finds the pixels of a rectangle from (y0, x0) on, by steps; `outside` where the image has none.
 */
@inline
function findPixels(
  addresses: usize,
  rows: i32,
  columns: i32,
  image: usize,
  rowBytes: usize,
  pixelBytes: usize,
  height: i32,
  width: i32,
  y0: i32,
  x0: i32,
  stepY: i32,
  stepX: i32,
  outside: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const y = y0 + i * stepY;
    const row = image + <usize>y * rowBytes;
    for (let j = 0; j < columns; j++) {
      const x = x0 + j * stepX;
      const inside = <u32>y < <u32>height && <u32>x < <u32>width;
      store<u32>(addresses, inside ? row + <usize>x * pixelBytes : outside);
      addresses += 4;
    }
  }
}

/**
 * Finds what a tile has of one phase of the high image.
 *
 * @param tile - Its number; tiles are counted by x, y and image.
 * @param isWindow - Whether what it reads is sought, not what it covers.
 */
export function findHigh(
  table: usize,
  tile: i32,
  p: i32,
  isWindow: bool,
  addresses: usize,
  outside: usize,
): void {
  const winograd = changetype<Winograd>(table);
  const phase = phaseAt(table, p);
  const rest = tile / winograd.tilesX;
  const y = winograd.tileY * (rest % winograd.tilesY) + (isWindow ? winograd.windowY : 0);
  const x = winograd.tileX * (tile % winograd.tilesX) + (isWindow ? winograd.windowX : 0);
  findPixels(
    addresses,
    isWindow ? winograd.sideY : winograd.tileY,
    isWindow ? winograd.sideX : winograd.tileX,
    winograd.high + <usize>(rest / winograd.tilesY) * winograd.highImage,
    winograd.highRow,
    winograd.highPixel,
    winograd.highHeight,
    winograd.highWidth,
    y * winograd.strideY + load<i32>(phase),
    x * winograd.strideX + load<i32>(phase, 4),
    winograd.strideY,
    winograd.strideX,
    outside,
  );
}

/** As {@link findHigh}, of the low image, which has no phases. */
export function findLow(table: usize, tile: i32, isWindow: bool, addresses: usize, outside: usize): void {
  const winograd = changetype<Winograd>(table);
  const rest = tile / winograd.tilesX;
  findPixels(
    addresses,
    isWindow ? winograd.sideY : winograd.tileY,
    isWindow ? winograd.sideX : winograd.tileX,
    winograd.low + <usize>(rest / winograd.tilesY) * winograd.lowImage,
    winograd.lowRow,
    winograd.lowPixel,
    winograd.lowHeight,
    winograd.lowWidth,
    winograd.tileY * (rest % winograd.tilesY) + (isWindow ? winograd.windowY : 0),
    winograd.tileX * (tile % winograd.tilesX) + (isWindow ? winograd.windowX : 0),
    1,
    1,
    outside,
  );
}

/** Finds the rows of a tile in [point, tile, channels]. */
export function findPoints(
  winograd: Winograd,
  addresses: usize,
  rows: usize,
  tile: i32,
  count: i32,
  bytes: usize,
): void {
  for (let point = 0; point < winograd.points; point++) {
    store<u32>(addresses + (point << 2), rows + <usize>(point * count + tile) * bytes);
  }
}

/**
 * Finds the rows of a tile of one phase in [point, tile, slot, channels]; `outside` at points that
 * the phase lacks.
 */
export function findSlots(
  table: usize,
  p: i32,
  addresses: usize,
  rows: usize,
  tile: i32,
  count: i32,
  bytes: usize,
  outside: usize,
): void {
  const phase = phaseAt(table, p);
  const points = changetype<Winograd>(table).points;
  for (let point = 0; point < points; point++) {
    const slot = slotOf(phase, point);
    const from = before(table, point);
    const slots = before(table, point + 1) - from;
    const row = <usize>(from * count + tile * slots + slot);
    store<u32>(addresses + (point << 2), slot < 0 ? outside : rows + row * bytes);
  }
}

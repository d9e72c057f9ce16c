import type * as tf from '@tensorflow/tfjs';
import type { KernelExports } from '../kernels-binary.ts';
import type { KernelCall } from '../wasm-kernel.ts';
import { type Range, ranges, runInTurns } from './split.ts';
import { type Direction, productsOf, type WinogradPlan } from './winograd-plan.ts';

/**
 * The maximum number of values at the points of a block of tiles, so that they stay in the cache.
 */
const blockValues = 2 ** 21;

/** Rows of gemm's register tile, as in assembly/gemm-tile.ts. */
const tileRows = 5;

type Pack = KernelExports['packMatrix'];

/**
 * Addresses of images, or their gradients: of a convolution's input (`high`) and output (`low`).
 */
interface Images {
  readonly high: number;
  readonly low: number;
}

/** A plan in memory. */
interface WinogradTable {
  readonly address: number;
  readonly notFinite: number;
  /** Tiles transformed at a time. */
  readonly block: number;
  readonly blocks: number;
}

/**
 * The number of tiles per block. Blocks are of about equal size, and their number is a multiple of
 * four, so that a few threads take equally many.
 */
function blockOf(plan: WinogradPlan, tiles: number): number {
  const { inChannels, outChannels } = plan.sizes;
  const most = blockValues / (productsOf(plan) * inChannels + plan.points * outChannels);
  const blocks = Math.ceil(tiles / most / 4) * 4;
  return Math.ceil(tiles / blocks / tileRows) * tileRows;
}

function tilesOf({ sizes, tiles }: WinogradPlan): number {
  return sizes.batchSize * tiles[0] * tiles[1];
}

function writeTable(call: KernelCall, plan: WinogradPlan, images: Images): WinogradTable {
  const { sizes, taps, window, tile, tiles, points, before, slots } = plan;
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = sizes;
  const { batchSize, strideHeight, strideWidth, filterWidth } = sizes;
  const rowBytes = Math.max(inChannels * slots.length, outChannels) * 4;
  const zeros = call.scratch(2 * rowBytes + 64);
  const notFinite = zeros + 2 * rowBytes;
  call.wasm.fillFloats(zeros, rowBytes / 4, 0);
  call.wasm.fillFloats(notFinite, 1, 0);
  const image = (address: number, height: number, width: number, channels: number): number[] => {
    const pixel = channels * 4;
    return [address, height * width * pixel, width * pixel, pixel, height, width, channels];
  };
  const phases = taps.y.flatMap((threeY, y) =>
    taps.x.flatMap((threeX, x) => [
      ...[y, x],
      ...threeY.flatMap((tapY) =>
        threeX.map((tapX) => (tapY < 0 || tapX < 0 ? -1 : tapY * filterWidth + tapX)),
      ),
      ...(slots[y * taps.x.length + x] ?? []),
    ]),
  );
  const block = blockOf(plan, tilesOf(plan));
  const values = [
    ...image(images.high, inHeight, inWidth, inChannels),
    ...image(images.low, outHeight, outWidth, outChannels),
    ...[batchSize, ...tiles, strideHeight, strideWidth, ...window],
    ...[...tile, ...tile.map((places) => places + 2), points, block],
    ...[zeros, zeros + rowBytes, notFinite, slots.length],
    ...before,
    ...phases,
  ];
  const address = call.scratch(values.length * 4);
  call.view('int32', address, values.length).set(values);
  return { address, notFinite, block, blocks: Math.ceil(tilesOf(plan) / block) };
}

/** The filter at the points, packed for the products. */
function packFilter(
  call: KernelCall,
  plan: WinogradPlan,
  table: number,
  filter: tf.TensorInfo,
  direction: Direction,
): number {
  const { sizes, taps, tile } = plan;
  const bytes = productsOf(plan) * sizes.inChannels * sizes.outChannels * 4;
  const name = `${direction} ${tile.join()} ${taps.y.join()} ${taps.x.join()}`;
  return call.form(filter, name, bytes, (packed) => {
    transformFilter(call, plan, table, call.input(filter), packed, direction);
  });
}

function transformFilter(
  call: KernelCall,
  plan: WinogradPlan,
  table: number,
  filter: number,
  packed: number,
  direction: Direction,
): void {
  const { inChannels, outChannels } = plan.sizes;
  const pairs = inChannels * outChannels;
  const all = productsOf(plan);
  const transformed = call.scratch(all * pairs * 4);
  const room = threadRoom(call, 0);
  call.runParts(
    'winogradFilter',
    ranges(pairs, 64, call.partsFor(pairs * all * 8)).map(({ first, count }) => [
      ...([table, transformed, filter, first, first + count, room.address] as const),
    ]),
    { argument: 5, bytes: room.bytes },
  );
  const parts = plan.before.slice(0, -1).map((from, point): Parameters<Pack> => {
    const rows = ((plan.before[point + 1] ?? 0) - from) * inChannels;
    const at = from * pairs * 4;
    const matrix = [packed + at, transformed + at] as const;
    return direction === 'forward'
      ? [...matrix, outChannels, 1, rows, outChannels, rows]
      : [...matrix, 1, outChannels, outChannels, rows, outChannels];
  });
  runInTurns(call, 'packMatrix', parts, pairs * all * 8);
}

/** Scratch memory of each thread, for transforms and gemm, and for `values` more values. */
function threadRoom(call: KernelCall, values: number): { address: number; bytes: number } {
  const bytes = Math.ceil((call.wasm.winogradScratch() + values * 4) / 64) * 64;
  return { address: call.scratch(bytes * call.threads), bytes };
}

/** Scratch memory of each thread for the points of a block on both sides. */
function blockRoom(call: KernelCall, plan: WinogradPlan, { block }: WinogradTable) {
  const { inChannels, outChannels } = plan.sizes;
  return threadRoom(call, block * (productsOf(plan) * inChannels + plan.points * outChannels));
}

function operationsOf(plan: WinogradPlan): number {
  const { inChannels, outChannels } = plan.sizes;
  return 2 * tilesOf(plan) * productsOf(plan) * inChannels * outChannels;
}

function blockRanges(call: KernelCall, plan: WinogradPlan, { blocks }: WinogradTable): Range[] {
  return ranges(blocks, 1, call.partsFor(operationsOf(plan)));
}

function isFinite(call: KernelCall, table: WinogradTable): boolean {
  return call.view('int32', table.notFinite, 1)[0] === 0;
}

/**
 * A convolution by minimal filtering.
 *
 * @param start - The start value of each channel.
 * @returns Whether all results are finite. If not, discard them: in place of an infinity of direct
 * products, these may have NaN, and around it.
 * @internal
 */
export function winogradForward(
  call: KernelCall,
  plan: WinogradPlan,
  images: Images,
  filter: tf.TensorInfo,
  start: number,
): boolean {
  const table = writeTable(call, plan, images);
  const packed = packFilter(call, plan, table.address, filter, 'forward');
  const { address, bytes } = blockRoom(call, plan, table);
  call.runParts(
    'winogradForward',
    blockRanges(call, plan, table).map(({ first, count }) => [
      ...([table.address, packed, start, first, first + count, address] as const),
    ]),
    { argument: 5, bytes },
  );
  return isFinite(call, table);
}

/**
 * A transposed convolution by minimal filtering.
 *
 * @returns Whether all results are finite; if not, discard them.
 * @internal
 */
export function winogradTransposed(
  call: KernelCall,
  plan: WinogradPlan,
  images: Images,
  filter: tf.TensorInfo,
): boolean {
  const table = writeTable(call, plan, images);
  const packed = packFilter(call, plan, table.address, filter, 'transposed');
  const { address, bytes } = blockRoom(call, plan, table);
  call.runParts(
    'winogradTransposed',
    blockRanges(call, plan, table).map(({ first, count }) => [
      ...([table.address, packed, first, first + count, address] as const),
    ]),
    { argument: 4, bytes },
  );
  return isFinite(call, table);
}

/**
 * The gradient of a filter by minimal filtering. For each block, threads first share the tiles and
 * then the points, so that every sum runs over the tiles in order.
 *
 * @returns Whether all results are finite; if not, discard them.
 * @internal
 */
export function winogradFilterGradient(
  call: KernelCall,
  plan: WinogradPlan,
  images: Images,
  filter: number,
): boolean {
  const { inChannels, outChannels } = plan.sizes;
  const table = writeTable(call, plan, images);
  const { address, block, blocks } = table;
  const all = productsOf(plan);
  const pairs = inChannels * outChannels;
  const highPoints = call.scratch(block * all * inChannels * 4);
  const lowPoints = call.scratch(block * plan.points * outChannels * 4);
  const sums = call.scratch(all * pairs * 4);
  const room = threadRoom(call, block * outChannels);
  const scratch = room.address;
  const tiles = tilesOf(plan);
  for (let from = 0; from < tiles; from += block) {
    const count = Math.min(tiles - from, block);
    const values = count * (all * inChannels + plan.points * outChannels);
    call.runParts(
      'winogradTiles',
      ranges(count, 1, call.partsFor(values * 8)).map(({ first, count: some }) => [
        ...([address, highPoints, lowPoints, from, count, first, first + some, scratch] as const),
      ]),
      { argument: 7, bytes: room.bytes },
    );
    const isFirst = Number(from === 0);
    call.runParts(
      'winogradFilterSums',
      ranges(plan.points, 1, call.partsFor(operationsOf(plan) / blocks) > 1 ? plan.points : 1).map(
        ({ first, count: some }) => [
          ...([address, sums, highPoints, lowPoints, count, isFirst] as const),
          ...([first, first + some, scratch] as const),
        ],
      ),
      { argument: 8, bytes: room.bytes },
    );
  }
  call.runParts(
    'winogradFilterGradient',
    ranges(pairs, 64, call.partsFor(pairs * all * 8)).map(({ first, count }) => [
      ...([address, filter, sums, first, first + count, scratch] as const),
    ]),
    { argument: 5, bytes: room.bytes },
  );
  return isFinite(call, table);
}

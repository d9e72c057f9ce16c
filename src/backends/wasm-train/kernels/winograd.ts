import type { KernelExports } from '../kernels-binary.ts';
import type { KernelCall } from '../wasm-kernel.ts';
import { type Range, ranges } from './split.ts';
import { type Direction, points, productsOf, tilesOf, type WinogradPlan } from './winograd-plan.ts';

/** Tiles transformed at a time, so that their points stay in the cache: for images and for a filter's gradient. */
const imageBlock = 80;
const gradientBlock = 160;

/** Parts whose sums are added up in order, however many threads there are. */
const gradientParts = 4;

type Pack = KernelExports['packMatrix'];
type Sum = KernelExports['winogradFilterSums'];

/** Addresses of images, or their gradients: of a convolution's input (`high`) and output (`low`). */
interface Images {
  readonly high: number;
  readonly low: number;
}

/** What a plan becomes in memory. */
interface WinogradTable {
  readonly address: number;
  readonly tiles: number;
  readonly blocks: number;
  readonly notFinite: number;
}

function writeTable(
  call: KernelCall,
  plan: WinogradPlan,
  images: Images,
  direction: Direction,
  block: number,
): WinogradTable {
  const { sizes, taps, window, before, slots } = plan;
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
  const { y: tilesY, x: tilesX } = tilesOf(sizes, direction);
  const phases = taps.y.flatMap((threeY, y) =>
    taps.x.flatMap((threeX, x) => [
      ...[y, x],
      ...(slots[y * taps.x.length + x] ?? []),
      ...threeY.flatMap((tapY) =>
        threeX.map((tapX) => (tapY < 0 || tapX < 0 ? -1 : tapY * filterWidth + tapX)),
      ),
    ]),
  );
  const values = [
    ...image(images.high, inHeight, inWidth, inChannels),
    ...image(images.low, outHeight, outWidth, outChannels),
    ...[batchSize, tilesY, tilesX, strideHeight, strideWidth, ...window, block],
    ...[zeros, zeros + rowBytes, notFinite, slots.length],
    ...before,
    ...phases,
  ];
  const address = call.scratch(values.length * 4);
  call.view('int32', address, values.length).set(values);
  const tiles = batchSize * tilesY * tilesX;
  return { address, tiles, blocks: Math.ceil(tiles / block), notFinite };
}

/** The filter at the points, packed for the products. */
function packFilter(
  call: KernelCall,
  plan: WinogradPlan,
  table: number,
  filter: number,
  direction: Direction,
): number {
  const { inChannels, outChannels } = plan.sizes;
  const pairs = inChannels * outChannels;
  const all = productsOf(plan);
  const bytes = all * pairs * 4;
  const transformed = call.scratch(bytes);
  const packed = call.scratch(bytes);
  call.runParts(
    'winogradFilter',
    ranges(pairs, 64, call.partsFor(pairs * all * 8)).map(({ first, count }) => [
      ...([table, transformed, filter, first, first + count] as const),
    ]),
  );
  const parts = plan.before.slice(0, -1).map((from, point): Parameters<Pack> => {
    const rows = ((plan.before[point + 1] ?? 0) - from) * inChannels;
    const at = from * pairs * 4;
    const matrix = [packed + at, transformed + at] as const;
    return direction === 'forward'
      ? [...matrix, outChannels, 1, rows, outChannels, rows]
      : [...matrix, 1, outChannels, outChannels, rows, outChannels];
  });
  const atOnce = Math.min(call.partsFor(pairs * all * 8), call.threads);
  for (let i = 0; i < parts.length; i += atOnce) {
    call.runParts('packMatrix', parts.slice(i, i + atOnce));
  }
  return packed;
}

/** Scratch memory of each thread: room for gemm, for addresses, for points and for products. */
interface ThreadRoom {
  readonly address: number;
  readonly bytes: number;
  /** Where the room for gemm ends. */
  readonly work: number;
}

function threadRoom(call: KernelCall, perTile: number, block: number): ThreadRoom {
  const work = call.wasm.gemmScratch();
  const bytes = Math.ceil((work + 128 + perTile * block * 4) / 64) * 64;
  return { address: call.scratch(bytes * call.threads), bytes, work };
}

function blockRanges(call: KernelCall, plan: WinogradPlan, table: WinogradTable): Range[] {
  const { inChannels, outChannels } = plan.sizes;
  const operations = 2 * table.tiles * productsOf(plan) * inChannels * outChannels;
  return ranges(table.blocks, 1, call.partsFor(operations));
}

function isFinite(call: KernelCall, table: WinogradTable): boolean {
  return call.view('int32', table.notFinite, 1)[0] === 0;
}

/**
 * A convolution by minimal filtering.
 *
 * @param start - What is added to each channel.
 * @returns Whether all results are finite. If not they are void: where direct products give an infinity these may give NaN, and
 * around it.
 * @internal
 */
export function winogradForward(
  call: KernelCall,
  plan: WinogradPlan,
  images: Images,
  filter: number,
  start: number,
): boolean {
  const table = writeTable(call, plan, images, 'forward', imageBlock);
  const packed = packFilter(call, plan, table.address, filter, 'forward');
  const { inChannels, outChannels } = plan.sizes;
  const perTile = productsOf(plan) * inChannels + points * outChannels;
  const { address, bytes, work } = threadRoom(call, perTile, imageBlock);
  call.runParts(
    'winogradForward',
    blockRanges(call, plan, table).map(({ first, count }) => [
      ...([table.address, packed, start, first, first + count, address, work] as const),
    ]),
    { argument: 5, bytes },
  );
  return isFinite(call, table);
}

/**
 * A transposed convolution by minimal filtering.
 *
 * @returns Whether all results are finite; void if not.
 * @internal
 */
export function winogradTransposed(
  call: KernelCall,
  plan: WinogradPlan,
  images: Images,
  filter: number,
): boolean {
  const table = writeTable(call, plan, images, 'transposed', imageBlock);
  const packed = packFilter(call, plan, table.address, filter, 'transposed');
  const { inChannels, outChannels } = plan.sizes;
  const perTile = productsOf(plan) * inChannels + points * outChannels;
  const { address, bytes, work } = threadRoom(call, perTile, imageBlock);
  call.runParts(
    'winogradTransposed',
    blockRanges(call, plan, table).map(({ first, count }) => [
      ...([table.address, packed, first, first + count, address, work] as const),
    ]),
    { argument: 4, bytes },
  );
  return isFinite(call, table);
}

/**
 * The gradient of a filter by minimal filtering.
 *
 * @returns Whether all results are finite; void if not.
 * @internal
 */
export function winogradFilterGradient(
  call: KernelCall,
  plan: WinogradPlan,
  images: Images,
  filter: number,
): boolean {
  const { inChannels, outChannels } = plan.sizes;
  const table = writeTable(call, plan, images, 'forward', gradientBlock);
  const all = productsOf(plan);
  const pairs = inChannels * outChannels;
  const perTile = all * inChannels + (points + 1) * outChannels;
  const { address, bytes, work } = threadRoom(call, perTile, gradientBlock);
  const chunks = ranges(table.blocks, 1, gradientParts);
  const sums = call.scratch(chunks.length * all * pairs * 4);
  const parts = chunks.map(({ first, count }, part): Parameters<Sum> => {
    const to = sums + part * all * pairs * 4;
    return [table.address, to, first, first + count, address, work];
  });
  const atOnce = Math.min(call.partsFor(2 * table.tiles * all * pairs), parts.length);
  for (let i = 0; i < parts.length; i += atOnce) {
    call.runParts('winogradFilterSums', parts.slice(i, i + atOnce), { argument: 4, bytes });
  }
  const rows = call.scratch(192 * call.threads);
  call.runParts(
    'winogradFilterGradient',
    ranges(pairs, 64, call.partsFor(pairs * all * 8)).map(({ first, count }) => [
      ...([table.address, filter, sums, chunks.length, first, first + count, rows] as const),
    ]),
    { argument: 6, bytes: 192 },
  );
  return isFinite(call, table);
}

import type * as tf from '@tensorflow/tfjs';
import type { KernelExports } from '../kernels-binary.ts';
import type { KernelCall } from '../wasm-kernel.ts';
import { type Range, ranges, runInTurns } from './split.ts';
import { type Direction, productsOf, tableAddresses, type WinogradPlan } from './winograd-plan.ts';

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
}

function tilesOf({ sizes, tiles }: WinogradPlan): number {
  return sizes.batchSize * tiles[0] * tiles[1];
}

/** The number of blocks. */
function blocksOf(plan: WinogradPlan): number {
  return Math.ceil(tilesOf(plan) / plan.block);
}

function writeTable(call: KernelCall, plan: WinogradPlan, images: Images): WinogradTable {
  const { sizes, slots, fields } = plan;
  const rowBytes = Math.max(sizes.inChannels * slots.length, sizes.outChannels) * 4;
  const zeros = call.scratch(2 * rowBytes + 64);
  const notFinite = zeros + 2 * rowBytes;
  call.wasm.fillFloats(zeros, rowBytes / 4, 0);
  call.wasm.fillFloats(notFinite, 1, 0);
  const address = call.scratch(fields.length * 4);
  const table = call.view('int32', address, fields.length);
  table.set(fields);
  table[tableAddresses.high] = images.high;
  table[tableAddresses.low] = images.low;
  table[tableAddresses.zeros] = zeros;
  table[tableAddresses.waste] = zeros + rowBytes;
  table[tableAddresses.notFinite] = notFinite;
  return { address, notFinite };
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
function blockRoom(call: KernelCall, plan: WinogradPlan) {
  const { block } = plan;
  const { inChannels, outChannels } = plan.sizes;
  return threadRoom(call, block * (productsOf(plan) * inChannels + plan.points * outChannels));
}

function operationsOf(plan: WinogradPlan): number {
  const { inChannels, outChannels } = plan.sizes;
  return 2 * tilesOf(plan) * productsOf(plan) * inChannels * outChannels;
}

function blockRanges(call: KernelCall, plan: WinogradPlan): Range[] {
  return ranges(blocksOf(plan), 1, call.partsFor(operationsOf(plan)));
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
  const { address, bytes } = blockRoom(call, plan);
  call.runParts(
    'winogradForward',
    blockRanges(call, plan).map(({ first, count }) => [
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
  if (plan.isSmall) {
    transposedByPoints(call, plan, table.address, packed);
    return isFinite(call, table);
  }
  const { address, bytes } = blockRoom(call, plan);
  call.runParts(
    'winogradTransposed',
    blockRanges(call, plan).map(({ first, count }) => [
      ...([table.address, packed, first, first + count, address] as const),
    ]),
    { argument: 4, bytes },
  );
  return isFinite(call, table);
}

/**
 * The three parts of a transposed convolution of few tiles, one after the other for all of them:
 * threads share the points, so that each value of the filter is read once. The bits are the same.
 */
function transposedByPoints(
  call: KernelCall,
  plan: WinogradPlan,
  table: number,
  filter: number,
): void {
  const { inChannels, outChannels } = plan.sizes;
  const tiles = tilesOf(plan);
  const lowValues = plan.points * outChannels;
  const highValues = productsOf(plan) * inChannels;
  const points = call.scratch(tiles * lowValues * 4);
  const products = call.scratch(tiles * highValues * 4);
  const { address, bytes } = threadRoom(call, 0);
  const tileParts = (kernel: 'winogradLowPoints' | 'winogradHigh', values: number, at: number) => {
    call.runParts(
      kernel,
      ranges(tiles, 1, call.partsFor(tiles * values * 8)).map(({ first, count }) => [
        ...([table, at, 0, tiles, first, first + count, address] as const),
      ]),
      { argument: 6, bytes },
    );
  };
  tileParts('winogradLowPoints', lowValues, points);
  call.runParts(
    'winogradProducts',
    ranges(plan.points, 1, call.partsFor(operationsOf(plan)) > 1 ? plan.points : 1).map(
      ({ first, count }) => [
        ...([table, products, points, filter, tiles, first, first + count, address] as const),
      ],
    ),
    { argument: 7, bytes },
  );
  tileParts('winogradHigh', highValues, products);
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
  const { address } = table;
  const { block } = plan;
  const blocks = blocksOf(plan);
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

import type { KernelCall } from '../wasm-kernel.ts';
import { tileRows } from './convolution.ts';
import type { Convolution } from './convolution.ts';

/**
 * The maximum share of a direct convolution's products, since transforming tiles has a cost as
 * well.
 */
const worthwhile = 0.85;

/** The cost of transforming and packing one value of the filter, in products. */
const productsPerFilterValue = 20;

/** The cost of reading one value of the filter, where it is packed once for many calls. */
const productsPerKeptValue = 2;

/**
 * The maximum number of values at the points of a block of tiles, so that they stay in the cache.
 */
const blockValues = 2 ** 21;

/** With fewer channels, the products of points are too small. */
const leastChannels = 32;

/** Positions of a tile along an axis, and the factor by which its transforms raise the cost. */
const tileSizes = [
  { places: 2, cost: 1 },
  { places: 4, cost: 1.05 },
] as const;

/**
 * The direction of a convolution: forward, or from its output to its input with reversed taps.
 *
 * @internal
 */
export type Direction = 'forward' | 'transposed';

/** One number for each axis. @internal */
export type ByAxis = readonly [y: number, x: number];

/**
 * How a convolution splits into phases of at most three taps along each axis, and its positions
 * into tiles.
 *
 * @internal
 */
export interface WinogradPlan {
  readonly sizes: Convolution;
  /** Three adjacent taps of each phase, by axis; −1 if the filter has none. */
  readonly taps: Readonly<Record<'y' | 'x', Taps>>;
  /** The least offset of the three. */
  readonly window: ByAxis;
  /** Positions that a tile covers along each axis; it has two more points. */
  readonly tile: ByAxis;
  /** Tiles that cover the positions of one phase of an image. */
  readonly tiles: ByAxis;
  /** Points at which a tile is multiplied. */
  readonly points: number;
  /** The number of products before each point, over all phases. */
  readonly before: readonly number[];
  /** For each phase and point, the phase's index among those with the point, or −1. */
  readonly slots: readonly (readonly number[])[];
  /** Tiles transformed at a time. */
  readonly block: number;
  /** Whether all tiles fit into one block. */
  readonly isSmall: boolean;
  /** What assembly/winograd-table.ts reads, without {@link tableAddresses}. */
  readonly fields: Int32Array;
}

type Taps = readonly (readonly number[])[];

/**
 * The taps along one axis, by phase of the stride, or `undefined` if they span more than three
 * positions.
 */
function tapsOf(
  taps: number,
  stride: number,
  pad: number,
): { readonly taps: number[][]; readonly window: number } | undefined {
  const window = Math.floor(-pad / stride);
  if (Math.floor((taps - 1 - pad) / stride) - window > 2) return undefined;
  const byPhase = Array.from({ length: stride }, (_, phase) =>
    [0, 1, 2].map((place) => {
      const tap = pad + phase + stride * (window + place);
      return tap >= 0 && tap < taps ? tap : -1;
    }),
  );
  return byPhase.some((three) => three.every((tap) => tap < 0))
    ? undefined
    : { taps: byPhase, window };
}

/**
 * Points that three taps need, for tiles of so many positions: not 0 without the first tap, not ∞
 * without the last.
 */
function pointsOf(three: readonly number[], tile: number): readonly boolean[] {
  return [three[0] !== -1, ...Array<boolean>(tile).fill(true), three[2] !== -1];
}

/** {@link planWinograd}, once for the same sizes. @internal */
export function plannedWinograd(
  call: KernelCall,
  sizes: Convolution,
  direction: Direction,
  isKept = false,
): WinogradPlan | undefined {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = sizes;
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = sizes;
  const { dilationHeight, dilationWidth } = sizes;
  const name = [
    ...['winograd', direction, isKept, batchSize, inHeight, inWidth, inChannels],
    ...[outHeight, outWidth, outChannels, filterHeight, filterWidth, padInfo.top, padInfo.left],
    ...[strideHeight, strideWidth, dilationHeight, dilationWidth],
  ].join();
  return call.plan(name, () => planWinograd(sizes, direction, isKept));
}

/**
 * Plans a convolution by minimal filtering (Winograd), if that is faster.
 *
 * @param isKept - Whether the transformed filter is kept for later calls.
 * @returns The plan, or `undefined` if the direct way is faster or the only one.
 * @internal
 */
export function planWinograd(
  sizes: Convolution,
  direction: Direction,
  isKept = false,
): WinogradPlan | undefined {
  const { strideHeight, strideWidth, dilationHeight, dilationWidth, padInfo } = sizes;
  const { filterHeight, filterWidth, inChannels, outChannels } = sizes;
  if (dilationHeight !== 1 || dilationWidth !== 1 || strideHeight > 2 || strideWidth > 2) return;
  if (
    inChannels % 8 !== 0 ||
    outChannels % 8 !== 0 ||
    Math.min(inChannels, outChannels) < leastChannels
  ) {
    return;
  }
  const vertical = tapsOf(filterHeight, strideHeight, padInfo.top);
  const horizontal = tapsOf(filterWidth, strideWidth, padInfo.left);
  if (vertical === undefined || horizontal === undefined) return;
  const reversed = direction === 'transposed';
  const order = (taps: number[][]): number[][] =>
    reversed ? taps.map((three) => [...three].reverse()) : taps;
  const taps = { y: order(vertical.taps), x: order(horizontal.taps) };
  const windowOf = (window: number): number => (reversed ? -window - 2 : window);
  const window = [windowOf(vertical.window), windowOf(horizontal.window)] as const;
  const [height, width] = placesOf(sizes, direction);
  const places = sizes.batchSize * sizes.outHeight * sizes.outWidth;
  let least = worthwhile * places * filterHeight * filterWidth;
  let best: ByAxis | undefined;
  const perFilterValue = isKept ? productsPerKeptValue : productsPerFilterValue;
  for (const y of tileSizes) {
    for (const x of tileSizes) {
      const tiles = sizes.batchSize * Math.ceil(height / y.places) * Math.ceil(width / x.places);
      // In training, the way of a size stays the same, as its bits do.
      const rows = isKept ? Math.ceil(tiles / tileRows) * tileRows : tiles;
      const perTile = productsAlong(taps.y, y.places) * productsAlong(taps.x, x.places);
      const products = y.cost * x.cost * perTile * (rows + perFilterValue);
      if (products >= least) continue;
      least = products;
      best = [y.places, x.places];
    }
  }
  if (best === undefined) return;
  const tiles = [Math.ceil(height / best[0]), Math.ceil(width / best[1])] as const;
  const points = pointsOfTiles(taps, best);
  const blocks = blocksOf(sizes, tiles, points);
  const plan = { sizes, taps, window, tile: best, tiles, ...points, ...blocks };
  return { ...plan, fields: fieldsOf(plan) };
}

/**
 * The number of tiles per block. Blocks are of about equal size, and their number is a multiple of
 * four, so that a few threads take equally many.
 */
function blocksOf(
  { batchSize, inChannels, outChannels }: Convolution,
  [tilesY, tilesX]: ByAxis,
  { before, points }: Pick<WinogradPlan, 'before' | 'points'>,
): Pick<WinogradPlan, 'block' | 'isSmall'> {
  const tiles = batchSize * tilesY * tilesX;
  const most = blockValues / ((before.at(-1) ?? 0) * inChannels + points * outChannels);
  const blocks = Math.ceil(tiles / most / 4) * 4;
  return { block: Math.ceil(tiles / blocks / tileRows) * tileRows, isSmall: tiles <= most };
}

function productsAlong(taps: Taps, tile: number): number {
  const points = taps.flatMap((three) => pointsOf(three, tile));
  return points.filter((isThere) => isThere).length;
}

function pointsOfTiles(
  taps: WinogradPlan['taps'],
  [tileY, tileX]: ByAxis,
): Pick<WinogradPlan, 'points' | 'before' | 'slots'> {
  const phases = taps.y.flatMap((y) =>
    taps.x.map((x) =>
      pointsOf(y, tileY).flatMap((isInY) => pointsOf(x, tileX).map((isInX) => isInY && isInX)),
    ),
  );
  const points = (tileY + 2) * (tileX + 2);
  const slots: number[][] = phases.map(() => []);
  const before = [0];
  for (let point = 0; point < points; point++) {
    let count = 0;
    phases.forEach((isThere, phase) => {
      slots[phase]?.push(isThere[point] === true ? count++ : -1);
    });
    before.push((before.at(-1) ?? 0) + count);
  }
  return { points, before, slots };
}

/** Products of a tile for each pair of channels. @internal */
export function productsOf({ before }: WinogradPlan): number {
  return before.at(-1) ?? 0;
}

/** Positions of one phase of an image, along each axis. */
function placesOf(sizes: Convolution, direction: Direction): ByAxis {
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } = sizes;
  return direction === 'forward'
    ? [outHeight, outWidth]
    : [Math.ceil(inHeight / strideHeight), Math.ceil(inWidth / strideWidth)];
}

/** The fields of a table that differ from call to call, by their index. @internal */
export const tableAddresses = { high: 0, low: 7, zeros: 27, waste: 28, notFinite: 29 } as const;

function fieldsOf(plan: Omit<WinogradPlan, 'fields'>): Int32Array {
  const { sizes, taps, window, tile, tiles, points, before, slots, block } = plan;
  const { inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = sizes;
  const { batchSize, strideHeight, strideWidth, filterWidth } = sizes;
  const image = (height: number, width: number, channels: number): number[] => {
    const pixel = channels * 4;
    return [0, height * width * pixel, width * pixel, pixel, height, width, channels];
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
  return Int32Array.from([
    ...image(inHeight, inWidth, inChannels),
    ...image(outHeight, outWidth, outChannels),
    ...[batchSize, ...tiles, strideHeight, strideWidth, ...window],
    ...[...tile, ...tile.map((places) => places + 2), points, block],
    ...[0, 0, 0, slots.length],
    ...before,
    ...phases,
  ]);
}

import type { Convolution } from './convolution.ts';

/**
 * The maximum share of a direct convolution's products, since transforming tiles has a cost as
 * well.
 */
const worthwhile = 0.85;

/** The cost of transforming and packing one value of the filter, in products. */
const productsPerFilterValue = 20;

/** The cost of reading one value of the filter, where it is packed once for many calls. */
const productsPerKeptValue = 4;

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
      const perTile = productsAlong(taps.y, y.places) * productsAlong(taps.x, x.places);
      const products = y.cost * x.cost * perTile * (tiles + perFilterValue);
      if (products >= least) continue;
      least = products;
      best = [y.places, x.places];
    }
  }
  if (best === undefined) return;
  const tiles = [Math.ceil(height / best[0]), Math.ceil(width / best[1])] as const;
  return { sizes, taps, window, tile: best, tiles, ...pointsOfTiles(taps, best) };
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

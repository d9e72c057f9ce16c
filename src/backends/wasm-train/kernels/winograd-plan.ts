import type { Convolution } from './convolution.ts';

/** Points at which a tile is multiplied: four along each axis. @internal */
export const points = 16;

/** The share of a direct convolution's products that may be left, as transforming tiles costs some as well. */
const worthwhile = 0.85;

/** Products in whose time one value of the filter is transformed and packed. */
const productsPerFilterValue = 20;

/** Channels below which products of points are too small. */
const leastChannels = 32;

/** Which way a convolution is done: as it stands, or from its output to its input, the taps in reverse. @internal */
export type Direction = 'forward' | 'transposed';

/** How a convolution falls into phases of at most three taps along each axis. @internal */
export interface WinogradPlan {
  readonly sizes: Convolution;
  /** Taps of three neighbours of each phase, by axis; −1 where the filter has none. */
  readonly taps: Readonly<Record<'y' | 'x', readonly (readonly number[])[]>>;
  /** The least offset of the three. */
  readonly window: readonly [y: number, x: number];
  /** Sums over phases of the products that each point takes. */
  readonly before: readonly number[];
  /** For each phase, the place among those that have the point, or −1. */
  readonly slots: readonly (readonly number[])[];
}

/** The taps along one axis, by phase of the stride, or `undefined` where they reach over more than three places. */
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

/** Points of F(2, 3) that three taps need: not 0 without the first, not ∞ without the last. */
function pointsOf(three: readonly number[]): readonly boolean[] {
  return [three[0] !== -1, true, true, three[2] !== -1];
}

/**
 * Whether a convolution is faster by minimal filtering, and how it is done.
 *
 * @returns The plan, or `undefined` where the direct way is faster or the only one.
 * @internal
 */
export function planWinograd(sizes: Convolution, direction: Direction): WinogradPlan | undefined {
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
  const phases = taps.y.flatMap((y) => taps.x.map((x) => [pointsOf(y), pointsOf(x)] as const));
  const slots: number[][] = phases.map(() => []);
  const before = [0];
  for (let point = 0; point < points; point++) {
    let count = 0;
    phases.forEach(([y, x], phase) => {
      const isThere = y[point >> 2] === true && x[point & 3] === true;
      slots[phase]?.push(isThere ? count++ : -1);
    });
    before.push((before.at(-1) ?? 0) + count);
  }
  const windowOf = (window: number): number => (reversed ? -window - 2 : window);
  const plan = { sizes, taps, before, slots } as const;
  const window = [windowOf(vertical.window), windowOf(horizontal.window)] as const;
  const tiles = tilesOf(sizes, direction);
  const perTile = productsOf(plan);
  const products = perTile * (tiles.y * tiles.x * sizes.batchSize + productsPerFilterValue);
  const places = sizes.batchSize * sizes.outHeight * sizes.outWidth;
  const direct = places * filterHeight * filterWidth;
  return products < worthwhile * direct ? { ...plan, window } : undefined;
}

/** Products that a tile takes of each pair of channels. @internal */
export function productsOf({ before }: Pick<WinogradPlan, 'before'>): number {
  return before[points] ?? 0;
}

/** Tiles of two by two that cover the places of one phase. @internal */
export function tilesOf(
  sizes: Convolution,
  direction: Direction,
): { readonly y: number; readonly x: number } {
  const { inHeight, inWidth, outHeight, outWidth, strideHeight, strideWidth } = sizes;
  const [height, width] =
    direction === 'forward'
      ? [outHeight, outWidth]
      : [Math.ceil(inHeight / strideHeight), Math.ceil(inWidth / strideWidth)];
  return { y: Math.ceil(height / 2), x: Math.ceil(width / 2) };
}

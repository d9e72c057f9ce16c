/**
 * Convolutions by Winograd's minimal filtering: a tile of 2×2 places that three taps reach along each axis takes 16 products for
 * each pair of channels, not 36.
 *
 * A convolution of stride s is the sum of s·s convolutions of stride 1, one for each phase of its input, of fewer taps. The
 * transforms are those of F(2, 3), with the points 0, 1, −1 and ∞. A phase that lacks the first or the last of the three taps
 * needs no product at 0 or ∞: 5×5 taps of stride 2 take 49 products for each tile, not 100.
 *
 * Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.1.
 *
 * `high` is the convolution's input or its gradient, `low` its output or its gradient. Filled from TypeScript
 * (kernels/winograd.ts). Steps named `Image`, `Row` and `Pixel` are in bytes; channels are multiples of eight.
 */
@unmanaged
export class Winograd {
  high!: usize;
  highImage!: usize;
  highRow!: usize;
  highPixel!: usize;
  highHeight!: i32;
  highWidth!: i32;
  highChannels!: i32;
  low!: usize;
  lowImage!: usize;
  lowRow!: usize;
  lowPixel!: usize;
  lowHeight!: i32;
  lowWidth!: i32;
  lowChannels!: i32;
  batch!: i32;
  tilesY!: i32;
  tilesX!: i32;
  strideY!: i32;
  strideX!: i32;
  /** Where the window of the tile at 0 begins. */
  windowY!: i32;
  windowX!: i32;
  /** Tiles that are transformed at a time. */
  block!: i32;
  /** A row of zeros and a row to write what nobody reads, each as long as the widest row of products. */
  zeros!: usize;
  waste!: usize;
  /** Set to 1 when a result is not finite: products at the points then may be where direct ones are not. */
  notFinite!: usize;
  phases!: i32;
}

export const POINTS = 16;
const TAPS = 9;
/** After the fields: for each point how many phases have it at the points before, then the phases. */
const BEFORE: usize = offsetof<Winograd>();
const PHASES: usize = BEFORE + (POINTS + 1) * 4;
/** y, x, the place among the phases that have it for each point or −1, the filter's tap for each of nine or −1. */
const PHASE_BYTES: usize = (2 + POINTS + TAPS) * 4;
const SLOTS: usize = 8;
export const TAPS_AT: usize = SLOTS + POINTS * 4;

@inline
export function before(table: usize, point: i32): i32 {
  return load<i32>(table + BEFORE + (point << 2));
}

@inline
export function phaseAt(table: usize, phase: i32): usize {
  return table + PHASES + <usize>phase * PHASE_BYTES;
}

@inline
export function slotOf(phase: usize, point: i32): i32 {
  return load<i32>(phase + SLOTS + (point << 2));
}

/** Bytes that the points of a block of tiles of every phase take. */
@inline
export function pointBytes(table: usize, channels: i32): usize {
  return <usize>before(table, POINTS) * <usize>changetype<Winograd>(table).block * (<usize>channels << 2);
}

/** Says so where `seen` is not zero but NaN. */
export function report(winograd: Winograd, seen: v128): void {
  if (v128.any_true(f32x4.ne(seen, seen))) store<u32>(winograd.notFinite, 1);
}

/**
 * Convolutions by Winograd's minimal filtering: a tile of t places that three taps reach takes t +
 * 2 products for each pair of channels, not 3 · t, along each axis; t is 2 or 4.
 *
 * A convolution of stride s is the sum of s·s convolutions of stride 1, one for each phase of its
 * input, of fewer taps. The transforms are those of F(2, 3) (winograd-two.ts) and F(4, 3)
 * (winograd-four.ts), whose first point is 0 and last is ∞. A phase that lacks the first or the
 * last of the three taps needs no product at 0 or ∞: 5×5 taps of stride 2 take 49 products for each
 * tile of 2×2, not 100, and 121 for each of 4×4, not 400.
 *
 * Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, 2015, section 4.1.
 *
 * `high` is the convolution's input or its gradient, `low` its output or its gradient. Filled from
 * TypeScript (kernels/winograd.ts). Steps named `Image`, `Row` and `Pixel` are in bytes; channels
 * are multiples of eight.
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
  /** Places that a tile covers, and points that it takes, along each axis. */
  tileY!: i32;
  tileX!: i32;
  sideY!: i32;
  sideX!: i32;
  points!: i32;
  /** Tiles that are transformed at a time. */
  block!: i32;
  /**
   * A row of zeros and a row to write what nobody reads, each as long as the widest row of
   * products.
   */
  zeros!: usize;
  waste!: usize;
  /**
   * Set to 1 when a result is not finite: products at the points then may be where direct ones are
   * not.
   */
  notFinite!: usize;
  phases!: i32;
}

/**
 * After the fields: for each point how many phases have it at the points before, then the phases.
 */
const BEFORE: usize = offsetof<Winograd>();
/**
 * Each y, x, the filter's tap for each of nine or −1, and for each point the place among the phases
 * that have it or −1.
 */
export const TAPS_AT: usize = 8;
const SLOTS: usize = TAPS_AT + 9 * 4;

@inline
export function before(table: usize, point: i32): i32 {
  return load<i32>(table + BEFORE + (point << 2));
}

@inline
export function phaseAt(table: usize, phase: i32): usize {
  const pointBytes = <usize>changetype<Winograd>(table).points << 2;
  return table + BEFORE + pointBytes + 4 + <usize>phase * (SLOTS + pointBytes);
}

@inline
export function slotOf(phase: usize, point: i32): i32 {
  return load<i32>(phase + SLOTS + (point << 2));
}

/** Says so where `seen` is not zero but NaN. */
export function report(winograd: Winograd, seen: v128): void {
  if (v128.any_true(f32x4.ne(seen, seen))) store<u32>(winograd.notFinite, 1);
}

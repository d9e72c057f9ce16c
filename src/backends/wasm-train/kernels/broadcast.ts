import * as tf from '@tensorflow/tfjs';

/**
 * The operands that move along an axis; the other has step 0. Numbers as in assembly/binary.ts.
 *
 * @internal
 */
export const moves = { both: 0, firstOnly: 1, secondOnly: 2 } as const;

type Moves = (typeof moves)[keyof typeof moves];

/** One axis of a broadcast, or several merged into one. @internal */
export interface BroadcastAxis {
  size: number;
  readonly moves: Moves;
  /** Values of the first operand from one position to the next; 0 if it does not move. */
  readonly aStep: number;
  readonly bStep: number;
}

/**
 * Describes a broadcast of two dense operands with as few axes as possible.
 *
 * `[64, 14, 14, 32]` with `[32]` is 12544 rows, along which only the first operand moves, of 32
 * columns, along which both move.
 *
 * @returns The axes, outermost first; none for two scalars. Sizes must be positive.
 * @internal
 */
export function broadcastAxes(
  a: readonly number[],
  b: readonly number[],
  result: readonly number[],
): BroadcastAxis[] {
  const axes: BroadcastAxis[] = [];
  let aStep = 1;
  let bStep = 1;
  for (let fromEnd = 1; fromEnd <= result.length; fromEnd++) {
    const size = result[result.length - fromEnd] ?? 1;
    if (size === 1) continue;
    const aMoves = (a[a.length - fromEnd] ?? 1) !== 1;
    const bMoves = (b[b.length - fromEnd] ?? 1) !== 1;
    const kind = aMoves && bMoves ? moves.both : aMoves ? moves.firstOnly : moves.secondOnly;
    const inner = axes[0];
    if (inner?.moves === kind) inner.size *= size;
    else {
      axes.unshift({
        size,
        moves: kind,
        aStep: aMoves ? aStep : 0,
        bStep: bMoves ? bStep : 0,
      });
    }
    if (aMoves) aStep *= size;
    if (bMoves) bStep *= size;
  }
  return axes;
}

/**
 * Calls `visit` with the offsets, in values, of every position of the axes.
 *
 * @internal
 */
export function forEachPosition(
  axes: readonly BroadcastAxis[],
  visit: (position: number, aOffset: number, bOffset: number) => void,
): void {
  const count = tf.util.sizeFromShape(axes.map((axis) => axis.size));
  for (let position = 0; position < count; position++) {
    let rest = position;
    let aOffset = 0;
    let bOffset = 0;
    for (const axis of [...axes].reverse()) {
      const index = rest % axis.size;
      rest = (rest - index) / axis.size;
      aOffset += index * axis.aStep;
      bOffset += index * axis.bStep;
    }
    visit(position, aOffset, bOffset);
  }
}

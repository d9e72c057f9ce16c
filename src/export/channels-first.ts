/** Where an axis of a tensor is in programs that have the channels of images first. @internal */
export function heldAxis(axis: number, shape: readonly number[]): number {
  const rank = shape.length + 1;
  const place = axis < 0 ? axis + rank : axis;
  return rank === 4 ? [0, 2, 3, 1][place]! : place;
}

/** The shape of a sample there. @internal */
export function heldShape(shape: readonly number[]): readonly number[] {
  return shape.length === 3 ? [shape[2]!, shape[0]!, shape[1]!] : shape;
}

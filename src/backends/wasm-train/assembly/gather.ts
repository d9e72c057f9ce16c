/**
 * target[b, o, i, :] = x[b, o, indices[b, i], :], for x of [batches, outer, positions, length] and
 * 32-bit values.
 *
 * Indices must be within the positions.
 */
export function gather(
  target: usize,
  x: usize,
  indices: usize,
  batches: usize,
  outer: usize,
  positions: usize,
  length: usize,
  count: usize,
): void {
  const bytes = length << 2;
  for (let b: usize = 0; b < batches; b++) {
    for (let o: usize = 0; o < outer; o++) {
      for (let i: usize = 0; i < count; i++) {
        const index = <usize>load<i32>(indices + (i << 2));
        const from = x + index * bytes;
        if (length == 1) store<u32>(target, load<u32>(from));
        else memory.copy(target, from, bytes);
        target += bytes;
      }
      x += positions * bytes;
    }
    indices += count << 2;
  }
}

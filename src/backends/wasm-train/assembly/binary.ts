// Numbers of the operations, as in kernels/binary.ts.
const ADD = 0;
const SUB = 1;
const MULTIPLY = 2;
const DIVIDE = 3;
const MAXIMUM = 4;
const MINIMUM = 5;
const SQUARED_DIFFERENCE = 6;
const PRELU = 7;
const ELU_GRADIENT = 8;

const GREATER = 0;
const GREATER_EQUAL = 1;
const LESS = 2;
const LESS_EQUAL = 3;
const EQUAL = 4;
const NOT_EQUAL = 5;

// How the two operands move along a row.
const BOTH = 0;
const FIRST_ONLY = 1;
const SECOND_ONLY = 2;

@inline
function apply(op: i32, a: v128, b: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == MULTIPLY) return f32x4.mul(a, b);
  if (op == DIVIDE) return f32x4.div(a, b);
  if (op == MAXIMUM) return f32x4.max(a, b);
  if (op == MINIMUM) return f32x4.min(a, b);
  if (op == PRELU) return v128.bitselect(f32x4.mul(a, b), a, f32x4.lt(a, f32x4.splat(0)));
  if (op == ELU_GRADIENT) {
    const one = f32x4.splat(1);
    // Of an output y = e^x − 1 below 0, and of 1 at 0 and above.
    return f32x4.mul(a, f32x4.min(f32x4.add(b, one), one));
  }
  const difference = f32x4.sub(a, b);
  return f32x4.mul(difference, difference);
}

@inline
function holds(op: i32, a: v128, b: v128): v128 {
  if (op == GREATER) return f32x4.gt(a, b);
  if (op == GREATER_EQUAL) return f32x4.ge(a, b);
  if (op == LESS) return f32x4.lt(a, b);
  if (op == LESS_EQUAL) return f32x4.le(a, b);
  if (op == EQUAL) return f32x4.eq(a, b);
  return f32x4.ne(a, b);
}

@inline
function operands(moves: i32, op: i32, a: usize, b: usize, as_: v128, bs: v128): v128 {
  if (moves == BOTH) return apply(op, v128.load(a), v128.load(b));
  if (moves == FIRST_ONLY) return apply(op, v128.load(a), bs);
  return apply(op, as_, v128.load(b));
}

@inline
function lane(moves: i32, op: i32, a: usize, b: usize, as_: v128, bs: v128): v128 {
  if (moves == BOTH) return apply(op, v128.load32_zero(a), v128.load32_zero(b));
  if (moves == FIRST_ONLY) return apply(op, v128.load32_zero(a), bs);
  return apply(op, as_, v128.load32_zero(b));
}

@inline
function rowOf(moves: i32, op: i32, target: usize, a: usize, b: usize, count: usize): void {
  const as_ = v128.load32_splat(a);
  const bs = v128.load32_splat(b);
  const end = target + (count << 2);
  const vectorEnd = target + ((count & ~3) << 2);
  while (target < vectorEnd) {
    v128.store(target, operands(moves, op, a, b, as_, bs));
    target += 16;
    if (moves != SECOND_ONLY) a += 16;
    if (moves != FIRST_ONLY) b += 16;
  }
  while (target < end) {
    v128.store_lane<f32>(target, lane(moves, op, a, b, as_, bs), 0);
    target += 4;
    if (moves != SECOND_ONLY) a += 4;
    if (moves != FIRST_ONLY) b += 4;
  }
}

@inline
function rowsOf(
  op: i32,
  target: usize,
  a: usize,
  b: usize,
  rows: usize,
  columns: usize,
  aRow: usize,
  bRow: usize,
  moves: i32,
): void {
  for (; rows > 0; rows--) {
    if (moves == BOTH) rowOf(BOTH, op, target, a, b, columns);
    else if (moves == FIRST_ONLY) rowOf(FIRST_ONLY, op, target, a, b, columns);
    else rowOf(SECOND_ONLY, op, target, a, b, columns);
    target += columns << 2;
    a += aRow << 2;
    b += bRow << 2;
  }
}

/**
 * target[i, j] = op(a[i, j], b[i, j]) for a dense target.
 *
 * `aRow` and `bRow` are the values from one row of an operand to the next (0: the same row again);
 * `moves` tells which operands move along a row, the other standing still.
 */
export function binary(
  op: i32,
  target: usize,
  a: usize,
  b: usize,
  rows: usize,
  columns: usize,
  aRow: usize,
  bRow: usize,
  moves: i32,
): void {
  switch (op) {
    case ADD:
      return rowsOf(ADD, target, a, b, rows, columns, aRow, bRow, moves);
    case SUB:
      return rowsOf(SUB, target, a, b, rows, columns, aRow, bRow, moves);
    case MULTIPLY:
      return rowsOf(MULTIPLY, target, a, b, rows, columns, aRow, bRow, moves);
    case DIVIDE:
      return rowsOf(DIVIDE, target, a, b, rows, columns, aRow, bRow, moves);
    case MAXIMUM:
      return rowsOf(MAXIMUM, target, a, b, rows, columns, aRow, bRow, moves);
    case MINIMUM:
      return rowsOf(MINIMUM, target, a, b, rows, columns, aRow, bRow, moves);
    case SQUARED_DIFFERENCE:
      return rowsOf(SQUARED_DIFFERENCE, target, a, b, rows, columns, aRow, bRow, moves);
    case PRELU:
      return rowsOf(PRELU, target, a, b, rows, columns, aRow, bRow, moves);
    case ELU_GRADIENT:
      return rowsOf(ELU_GRADIENT, target, a, b, rows, columns, aRow, bRow, moves);
    default:
      unreachable();
  }
}

@inline
function compareRows(
  op: i32,
  target: usize,
  a: usize,
  b: usize,
  rows: usize,
  columns: usize,
  aRow: usize,
  bRow: usize,
  moves: i32,
): void {
  const aStep: usize = moves == SECOND_ONLY ? 0 : 4;
  const bStep: usize = moves == FIRST_ONLY ? 0 : 4;
  for (; rows > 0; rows--) {
    let i: usize = 0;
    for (; i + 4 <= columns; i += 4) {
      const x = moves == SECOND_ONLY ? v128.load32_splat(a) : v128.load(a + (i << 2));
      const y = moves == FIRST_ONLY ? v128.load32_splat(b) : v128.load(b + (i << 2));
      const ones = v128.and(holds(op, x, y), i32x4.splat(1));
      const words = i16x8.narrow_i32x4_u(ones, ones);
      v128.store_lane<u32>(target + i, i8x16.narrow_i16x8_u(words, words), 0);
    }
    for (; i < columns; i++) {
      const x = v128.load32_splat(a + i * aStep);
      const y = v128.load32_splat(b + i * bStep);
      store<u8>(target + i, <u8>(i32x4.extract_lane(holds(op, x, y), 0) & 1));
    }
    target += columns;
    a += aRow << 2;
    b += bRow << 2;
  }
}

/** As {@link binary}, for the comparisons, whose results are bytes. */
export function compare(
  op: i32,
  target: usize,
  a: usize,
  b: usize,
  rows: usize,
  columns: usize,
  aRow: usize,
  bRow: usize,
  moves: i32,
): void {
  switch (op) {
    case GREATER:
      return compareRows(GREATER, target, a, b, rows, columns, aRow, bRow, moves);
    case GREATER_EQUAL:
      return compareRows(GREATER_EQUAL, target, a, b, rows, columns, aRow, bRow, moves);
    case LESS:
      return compareRows(LESS, target, a, b, rows, columns, aRow, bRow, moves);
    case LESS_EQUAL:
      return compareRows(LESS_EQUAL, target, a, b, rows, columns, aRow, bRow, moves);
    case EQUAL:
      return compareRows(EQUAL, target, a, b, rows, columns, aRow, bRow, moves);
    case NOT_EQUAL:
      return compareRows(NOT_EQUAL, target, a, b, rows, columns, aRow, bRow, moves);
    default:
      unreachable();
  }
}

import {
  exp4,
  expm1OfNegative4,
  log1p4,
  log4,
  sigmoid4,
  softplus4,
  tanh4,
} from './math';

// Numbers of the operations, as in kernels/unary.ts.
const RELU = 0;
const LEAKY_RELU = 1;
const TANH = 2;
const SIGMOID = 3;
const SOFTPLUS = 4;
const EXP = 5;
const LOG = 6;
const LOG1P = 7;
const SQRT = 8;
const RSQRT = 9;
const SQUARE = 10;
const NEG = 11;
const ABS = 12;
const STEP = 13;
const RECIPROCAL = 14;
const ELU = 15;
const RELU6 = 16;
const CLIP = 17;
const SIGN = 18;
const FLOOR = 19;

/** One operation on four values; `p` and `q` are its parameters, if it has any. */
@inline
function apply(op: i32, x: v128, p: v128, q: v128): v128 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  if (op == RELU) return f32x4.max(x, zero);
  if (op == LEAKY_RELU) return v128.bitselect(f32x4.mul(x, p), x, f32x4.lt(x, zero));
  if (op == TANH) return tanh4(x);
  if (op == SIGMOID) return sigmoid4(x);
  if (op == SOFTPLUS) return softplus4(x);
  if (op == EXP) return exp4(x);
  if (op == LOG) return log4(x);
  if (op == LOG1P) return log1p4(x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == RSQRT) return f32x4.div(one, f32x4.sqrt(x));
  if (op == SQUARE) return f32x4.mul(x, x);
  if (op == NEG) return f32x4.neg(x);
  if (op == ABS) return f32x4.abs(x);
  if (op == STEP) {
    const stepped = v128.bitselect(one, p, f32x4.gt(x, zero));
    return v128.bitselect(stepped, x, f32x4.eq(x, x));
  }
  if (op == RECIPROCAL) return f32x4.div(one, x);
  if (op == ELU) {
    return v128.bitselect(x, expm1OfNegative4(x), f32x4.ge(x, zero));
  }
  if (op == RELU6) return f32x4.min(f32x4.max(x, zero), f32x4.splat(6));
  if (op == CLIP) {
    const below = v128.bitselect(p, x, f32x4.lt(x, p));
    return v128.bitselect(q, below, f32x4.gt(x, q));
  }
  if (op == SIGN) {
    const positive = v128.and(one, f32x4.gt(x, zero));
    return f32x4.sub(positive, v128.and(one, f32x4.lt(x, zero)));
  }
  return f32x4.floor(x);
}

@inline
function loop(op: i32, target: usize, x: usize, count: usize, p: f32, q: f32): void {
  const ps = f32x4.splat(p);
  const qs = f32x4.splat(q);
  const end = target + (count << 2);
  const vectorEnd = target + ((count & ~3) << 2);
  for (; target < vectorEnd; target += 16, x += 16) {
    v128.store(target, apply(op, v128.load(x), ps, qs));
  }
  // The last one to three, one lane each.
  for (; target < end; target += 4, x += 4) {
    v128.store_lane<f32>(target, apply(op, v128.load32_zero(x), ps, qs), 0);
  }
}

/** target = op(x), value by value. */
export function unary(op: i32, target: usize, x: usize, count: usize, p: f32, q: f32): void {
  switch (op) {
    case RELU:
      return loop(RELU, target, x, count, p, q);
    case LEAKY_RELU:
      return loop(LEAKY_RELU, target, x, count, p, q);
    case TANH:
      return loop(TANH, target, x, count, p, q);
    case SIGMOID:
      return loop(SIGMOID, target, x, count, p, q);
    case SOFTPLUS:
      return loop(SOFTPLUS, target, x, count, p, q);
    case EXP:
      return loop(EXP, target, x, count, p, q);
    case LOG:
      return loop(LOG, target, x, count, p, q);
    case LOG1P:
      return loop(LOG1P, target, x, count, p, q);
    case SQRT:
      return loop(SQRT, target, x, count, p, q);
    case RSQRT:
      return loop(RSQRT, target, x, count, p, q);
    case SQUARE:
      return loop(SQUARE, target, x, count, p, q);
    case NEG:
      return loop(NEG, target, x, count, p, q);
    case ABS:
      return loop(ABS, target, x, count, p, q);
    case STEP:
      return loop(STEP, target, x, count, p, q);
    case RECIPROCAL:
      return loop(RECIPROCAL, target, x, count, p, q);
    case ELU:
      return loop(ELU, target, x, count, p, q);
    case RELU6:
      return loop(RELU6, target, x, count, p, q);
    case CLIP:
      return loop(CLIP, target, x, count, p, q);
    case SIGN:
      return loop(SIGN, target, x, count, p, q);
    case FLOOR:
      return loop(FLOOR, target, x, count, p, q);
    default:
      unreachable();
  }
}

/**
 * One step of Adam: m′ = β₁·m + (1 − β₁)·g, v′ = β₂·v + (1 − β₂)·g²,
 * value′ = value − stepSize · m′ / (√v′ / secondCorrection + ε). The three results are new.
 */
export function adam(
  newValue: usize,
  newFirst: usize,
  newSecond: usize,
  value: usize,
  gradient: usize,
  first: usize,
  second: usize,
  count: usize,
  stepSize: f32,
  beta1: f32,
  beta1Rest: f32,
  beta2: f32,
  beta2Rest: f32,
  epsilon: f32,
  secondCorrection: f32,
): void {
  let at: usize = 0;
  const bytes = count << 2;
  const vectorBytes = (count & ~3) << 2;
  for (; at < vectorBytes; at += 16) {
    const g = v128.load(gradient + at);
    const m = f32x4.add(
      f32x4.mul(v128.load(first + at), f32x4.splat(beta1)),
      f32x4.mul(g, f32x4.splat(beta1Rest)),
    );
    const v = f32x4.add(
      f32x4.mul(v128.load(second + at), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(g, g), f32x4.splat(beta2Rest)),
    );
    const root = f32x4.div(f32x4.sqrt(v), f32x4.splat(secondCorrection));
    const change = f32x4.div(
      f32x4.mul(m, f32x4.splat(stepSize)),
      f32x4.add(root, f32x4.splat(epsilon)),
    );
    v128.store(newFirst + at, m);
    v128.store(newSecond + at, v);
    v128.store(newValue + at, f32x4.sub(v128.load(value + at), change));
  }
  for (; at < bytes; at += 4) {
    const g = load<f32>(gradient + at);
    const m = load<f32>(first + at) * beta1 + g * beta1Rest;
    const v = load<f32>(second + at) * beta2 + g * g * beta2Rest;
    store<f32>(newFirst + at, m);
    store<f32>(newSecond + at, v);
    const change = (m * stepSize) / (sqrt(v) / secondCorrection + epsilon);
    store<f32>(newValue + at, load<f32>(value + at) - change);
  }
}

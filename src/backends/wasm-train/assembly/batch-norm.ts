/** target = scale / √(variance + epsilon), with a scale of one where `scale` is 0. */
export function batchNormFactors(
  target: usize,
  variance: usize,
  scale: usize,
  epsilon: f32,
  channels: usize,
): void {
  for (let c: usize = 0; c < channels; c++) {
    const at = c << 2;
    const factor = scale == 0 ? <f32>1 : load<f32>(scale + at);
    store<f32>(target + at, factor / sqrt(load<f32>(variance + at) + epsilon));
  }
}

/** target = (x − mean) · factor + offset, by channel, with no offset where `offset` is 0. */
export function batchNorm(
  target: usize,
  x: usize,
  mean: usize,
  factor: usize,
  offset: usize,
  rows: usize,
  channels: usize,
): void {
  const bytes = channels << 2;
  const vectorBytes = (channels & ~3) << 2;
  for (; rows > 0; rows--) {
    let at: usize = 0;
    for (; at < vectorBytes; at += 16) {
      const centered = f32x4.sub(v128.load(x + at), v128.load(mean + at));
      const added = offset == 0 ? f32x4.splat(0) : v128.load(offset + at);
      v128.store(target + at, f32x4.add(f32x4.mul(centered, v128.load(factor + at)), added));
    }
    for (; at < bytes; at += 4) {
      const centered = load<f32>(x + at) - load<f32>(mean + at);
      const added = offset == 0 ? <f32>0 : load<f32>(offset + at);
      store<f32>(target + at, centered * load<f32>(factor + at) + added);
    }
    target += bytes;
    x += bytes;
  }
}

/** ψ(x) for x > 0: by recurrence to x ≥ 6, then its asymptotic series; about 1e-12. @internal */
export function digamma(x: number): number {
  let sum = 0;
  let at = x;
  for (; at < 6; at += 1) sum -= 1 / at;
  const inverse = 1 / (at * at);
  const series =
    inverse *
    (1 / 12 -
      inverse *
        (1 / 120 -
          inverse *
            (1 / 252 - inverse * (1 / 240 - inverse * (1 / 132 - (inverse * 691) / 32760)))));
  return sum + Math.log(at) - 0.5 / at - series;
}

/** log Γ(x) for x > 0: by recurrence to x ≥ 7, then Stirling's series; about 1e-12. @internal */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  for (; at < 7; at += 1) product *= at;
  const inverse = 1 / (at * at);
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) /
    at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

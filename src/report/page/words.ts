/** A number with four significant digits. @internal */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) {
    return value.toExponential(2).replace('e+', 'e').replaceAll('-', '−');
  }
  const rounded = Number(value.toPrecision(4));
  return Number.isInteger(rounded) ? whole(rounded) : String(rounded).replace('-', '−');
}

/**
 * A mean with its deviation, rounded to significant digits: `15.6 ± 0.2`. The deviation has one
 * digit, or two if the first is 1.
 *
 * @internal
 */
export function plusMinus(mean: number, deviation: number): string {
  if (!Number.isFinite(mean) || !(deviation > 0) || !Number.isFinite(deviation))
    return digits(mean);
  const oneDigit = Number(deviation.toPrecision(1));
  const extra = oneDigit.toExponential().startsWith('1') ? 1 : 0;
  const shown = extra === 1 ? Number(deviation.toPrecision(2)) : oneDigit;
  const decimals = extra - Math.floor(Math.log10(shown) + 1e-9);
  // Neither is easier to read with ten zeros.
  const large = Math.max(Math.abs(mean), shown);
  if (decimals > 6 || large >= 1e6) return `${digits(mean)} ± ${digits(shown)}`;
  const unit = 10 ** -decimals;
  const print = (value: number): string =>
    decimals > 0
      ? value.toFixed(decimals).replace('-', '−')
      : whole(Math.round(value / unit) * unit);
  return `${print(mean)} ± ${print(shown)}`;
}

/** A figure over the seeds of its samples; one seed has no deviation. @internal */
export function figureWords(
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
  seeds: number,
): string {
  return seeds > 1 ? plusMinus(mean, deviation) : digits(mean);
}

/** A whole number with thousands separators. @internal */
export function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',')
    .replace('-', '−');
}

/** A duration: `38 s`, `12 min`, `3 h 05 min`. @internal */
export function duration(seconds: number): string {
  if (seconds < 1) return seconds === 0 ? '0 s' : `${digits(1000 * seconds)} ms`;
  if (seconds < 99.5) return `${Number(seconds.toFixed(seconds < 9.95 ? 1 : 0))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${whole(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** @internal */
export function percent(share: number): string {
  return `${Number((100 * share).toFixed(share < 0.1 ? 1 : 0))} %`;
}

/** A time as `2026-01-31 09:05 UTC`. @internal */
export function moment(iso: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso)
    ? `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
    : iso;
}

/** A number with four significant digits. @internal */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)) {
    return value.toExponential(2).replace('e+', 'e').replaceAll('-', '−');
  }
  const rounded = Number(value.toPrecision(4));
  return Number.isInteger(rounded) ? whole(rounded) : String(rounded).replace('-', '−');
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

/** Mean ± deviation of some numbers, or the only one. */
export function spread(numbers: readonly number[], digits: number): string {
  const mean = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
  if (numbers.length === 1) return mean.toFixed(digits);
  const squares = numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return `${mean.toFixed(digits)} ± ${Math.sqrt(squares / (numbers.length - 1)).toFixed(digits)}`;
}

/**
 * Starts a measurement. This is the only place that reads the clock: for reports and timeouts,
 * never for anything that affects the result of training, except the plan of a run of `minutes`,
 * which is saved.
 *
 * @returns A function that returns the seconds since the start.
 *
 * @internal
 */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}

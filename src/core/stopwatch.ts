/**
 * Starts to measure. The one place that reads the clock: for reports and for giving up, never for anything that changes a
 * number of training but the plan of a run of `minutes`, which is saved.
 *
 * @returns A function that tells the seconds since the start.
 *
 * @internal
 */
export function stopwatch(): () => number {
  const started = performance.now();
  return () => (performance.now() - started) / 1000;
}

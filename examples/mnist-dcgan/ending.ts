import { stopOnInterrupt } from 'tfjs-gan/node';

/** What may end a run before its last step. */
export interface Ending {
  /** For `fit`: aborted at the time limit, or by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Which of the two ended the run, if any. */
  readonly reason: () => 'time' | 'interrupt' | undefined;
}

/**
 * Watches for the time limit, counted from the start of the program, and for Ctrl-C. A second
 * Ctrl-C quits at once.
 */
export function watchForEnd(minutes: number | undefined): Ending {
  const interrupt = stopOnInterrupt();
  const clock = minutes === undefined ? undefined : AbortSignal.timeout(timeLeft(minutes));
  return {
    signal: AbortSignal.any([interrupt, ...(clock === undefined ? [] : [clock])]),
    reason: () => (interrupt.aborted ? 'interrupt' : clock?.aborted === true ? 'time' : undefined),
  };
}

function timeLeft(minutes: number): number {
  return Math.max(0, Math.round(minutes * 60_000 - performance.now()));
}

/** What may end a run before its last step. */
export interface Ending {
  /** For `fit`: aborted when the time is over, or by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Which of the two it was, if any. */
  readonly reason: () => 'time' | 'interrupt' | undefined;
  /** What the program ends with: 130 after Ctrl-C, 143 after SIGTERM, as shells have it; else 0. */
  readonly exitCode: () => number;
}

/** Signals that reach us within a moment of each other are one: npm, the shell and tsx may each pass theirs on. */
const oneKeyPressMs = 1000;

const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/** Watches the clock, from the start of the program, and Ctrl-C. A second Ctrl-C quits at once. */
export function watchForEnd(minutes: number | undefined): Ending {
  const interrupt = new AbortController();
  let first = 0;
  let exitCode = 0;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (!interrupt.signal.aborted) {
        first = performance.now();
        exitCode = exitCodes[name];
        console.log('\nFinishing this step, then saving the generator. Ctrl-C again quits at once');
        interrupt.abort();
      } else if (performance.now() - first > oneKeyPressMs) {
        process.exit(exitCodes[name]);
      }
    });
  }
  const clock = minutes === undefined ? undefined : AbortSignal.timeout(timeLeft(minutes));
  return {
    signal: AbortSignal.any([interrupt.signal, ...(clock === undefined ? [] : [clock])]),
    reason: () =>
      interrupt.signal.aborted ? 'interrupt' : clock?.aborted === true ? 'time' : undefined,
    exitCode: () => exitCode,
  };
}

function timeLeft(minutes: number): number {
  return Math.max(0, Math.round(minutes * 60_000 - performance.now()));
}

import { stopwatch } from '../../core/stopwatch.ts';

/**
 * One press of Ctrl-C can arrive several times: npm, the shell and a runner such as tsx may each
 * forward it.
 */
const oneKeyPressSeconds = 1;

/** Exit codes that shells report for a program that a signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Lets Ctrl-C end a run cleanly: returns a signal for `fit` that the first SIGINT or SIGTERM
 * aborts.
 *
 * The current step is finished, callbacks such as `checkpoint` write, `fit` returns, and the lines
 * after it run. The program then ends with exit code 130 (143 after SIGTERM), unless you set
 * `process.exitCode` afterwards. A second Ctrl-C, at least a second after the first, ends the
 * program at once.
 *
 * @returns The signal. It stays in effect until the program ends.
 *
 * @example A run that Ctrl-C ends, and that continues when the program is started again
 * ```ts no-run
 * const store = directoryStore('runs/a');
 * await trainer.restore(store);
 * await trainer.fit(dataset, { until: { epochs: 50 }, signal: stopOnInterrupt(), callbacks: [checkpoint(store)] });
 * await trainer.generator.save('file://runs/a/generator');
 * ```
 */
export function stopOnInterrupt(): AbortSignal {
  const controller = new AbortController();
  onInterrupt((exitCode) => {
    process.exitCode = exitCode;
    console.error('\nFinishing this step. Press Ctrl-C again to end the program at once');
    controller.abort();
  });
  return controller.signal;
}

/**
 * Calls a function at the first SIGINT or SIGTERM; another one, at least a second later, ends the
 * program.
 *
 * @internal
 */
export function onInterrupt(first: (exitCode: number) => void): void {
  let secondsSinceFirst: (() => number) | undefined;
  for (const [name, exitCode] of Object.entries(exitCodes)) {
    process.on(name, () => {
      if (secondsSinceFirst === undefined) {
        secondsSinceFirst = stopwatch();
        first(exitCode);
      } else if (secondsSinceFirst() > oneKeyPressSeconds) {
        process.exit(exitCode);
      }
    });
  }
}

/**
 * The functions at load time: a test that stops the clock later, as `vi.useFakeTimers()` does, must
 * not stop a run.
 */
const { setImmediate, MessageChannel, setTimeout, clearTimeout } = globalThis;

// Called as plain functions: browsers refuse a timer that is called as a method of another object.

/** The platform's timer, unaffected by a test's fake clock. @internal */
export const realSetTimeout: typeof globalThis.setTimeout = setTimeout;

/** Cancels {@link realSetTimeout}. @internal */
export const realClearTimeout: typeof globalThis.clearTimeout = clearTimeout;

/**
 * Yields to the event loop, so that timers, input and aborts are handled between two steps.
 *
 * @internal
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (isReal(setImmediate)) setImmediate(resolve);
    // A message instead of a timer: browsers delay nested timers by 4 ms, and those of background
    // tabs by a second.
    else if (isReal(MessageChannel)) viaMessage(resolve);
    // Plain jsdom has neither.
    else if (isReal(setTimeout)) setTimeout(resolve, 0);
    else resolve();
  });
}

/**
 * Whether a function exists and is not a fake that was installed before this was loaded: fakes have
 * a `clock`.
 */
function isReal(scheduler: unknown): boolean {
  return typeof scheduler === 'function' && !('clock' in scheduler);
}

function viaMessage(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (): void => {
    port1.close();
    resolve();
  };
  port2.postMessage(undefined);
}

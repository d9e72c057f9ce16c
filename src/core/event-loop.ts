/** As they were when this was loaded: a test that stops the clock, as `vi.useFakeTimers()` does, must not stop a run. */
const { setImmediate, MessageChannel, setTimeout, clearTimeout } = globalThis;

// Each by itself: browsers refuse a timer that is called as a method of another object.

/** The timer of the platform, for what must not wait for a clock that a test holds. @internal */
export const realSetTimeout: typeof globalThis.setTimeout = setTimeout;

/** Stops {@link realSetTimeout}. @internal */
export const realClearTimeout: typeof globalThis.clearTimeout = clearTimeout;

/**
 * Gives the event loop a turn, so that timers, input and aborts are served between two steps.
 *
 * @internal
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (isReal(setImmediate)) setImmediate(resolve);
    // A message, not a timer: browsers hold nested timers back by 4 ms, and background tabs by a second.
    else if (isReal(MessageChannel)) viaMessage(resolve);
    // jsdom by itself has neither.
    else if (isReal(setTimeout)) setTimeout(resolve, 0);
    else resolve();
  });
}

/** Whether a function is there, and no stand-in that was there before this was loaded: those name their clock. */
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

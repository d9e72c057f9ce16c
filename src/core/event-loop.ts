/**
 * Gives the event loop a turn, so that timers, input and aborts are served between two steps.
 *
 * @internal
 */
export function eventLoopTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') setImmediate(resolve);
    // A message, not a timer: browsers hold nested timers back by 4 ms, and background tabs by a second.
    else viaMessage(resolve);
  });
}

function viaMessage(resolve: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (): void => {
    port1.close();
    resolve();
  };
  port2.postMessage(undefined);
}

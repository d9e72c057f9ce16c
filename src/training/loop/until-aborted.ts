/**
 * Yields from `source` until one of the signals is aborted, even if `source` never yields again: a
 * stalled socket must not block the end of a run.
 *
 * A pending value is not awaited; when it arrives, `source` is closed and frees it.
 *
 * @internal
 */
export async function* untilAborted<T>(
  source: AsyncGenerator<T, void, void>,
  signals: readonly AbortSignal[],
): AsyncGenerator<T, void, void> {
  let pending: Promise<unknown> | undefined;
  try {
    while (!isAborted(signals)) {
      const next = source.next();
      pending = next;
      const result = await firstOf(next, signals);
      if (result === undefined) return;
      pending = undefined;
      if (result.done === true) return;
      yield result.value;
    }
  } finally {
    if (pending === undefined) await source.return();
    else void closeLater(source, pending);
  }
}

/**
 * The result, or undefined if a signal is aborted. Listeners are added for each call, so that they
 * do not accumulate over a long run.
 */
async function firstOf<R>(
  result: Promise<R>,
  signals: readonly AbortSignal[],
): Promise<R | undefined> {
  let end = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    end = () => {
      resolve(undefined);
    };
    for (const signal of signals) signal.addEventListener('abort', end);
    // The request itself may have caused the abort, before there was a listener.
    if (isAborted(signals)) end();
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', end);
  }
}

function isAborted(signals: readonly AbortSignal[]): boolean {
  return signals.some(({ aborted }) => aborted);
}

async function closeLater(
  source: AsyncGenerator<unknown, void, void>,
  pending: Promise<unknown>,
): Promise<void> {
  try {
    await pending;
    await source.return();
  } catch {
    // Neither the data nor an error is needed any more.
  }
}

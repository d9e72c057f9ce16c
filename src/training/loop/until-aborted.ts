/**
 * Gives what `source` gives until one of the signals is aborted, though `source` may never give anything again: a
 * socket that went silent must not hold up whoever ends a run.
 *
 * What is still on its way then is not waited for; once it comes, `source` is closed, and frees it.
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

/** The result, or undefined once a signal is aborted. Listeners for each call, so that none pile up over a long run. */
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
    // Asking for the data may itself have led to the abort, which no listener hears any more.
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
    // Nobody asks for these data any more, nor for why they did not come.
  }
}

/**
 * Gives what `source` gives until the signal is aborted, though `source` may never give anything again: a socket that
 * went silent must not hold up whoever ends a run.
 *
 * What is still on its way then is not waited for; once it comes, `source` is closed, and frees it.
 *
 * @internal
 */
export async function* untilAborted<T>(
  source: AsyncGenerator<T, void, void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, void> {
  if (signal === undefined) return yield* source;
  let pending: Promise<unknown> | undefined;
  try {
    while (!signal.aborted) {
      const next = source.next();
      pending = next;
      const result = await firstOf(next, signal);
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

/** The result, or undefined once the signal is aborted. A listener for each call, so that none pile up over a long run. */
async function firstOf<R>(result: Promise<R>, signal: AbortSignal): Promise<R | undefined> {
  let end = (): void => undefined;
  const aborted = new Promise<undefined>((resolve) => {
    end = () => {
      resolve(undefined);
    };
    signal.addEventListener('abort', end);
  });
  try {
    return await Promise.race([result, aborted]);
  } finally {
    signal.removeEventListener('abort', end);
  }
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

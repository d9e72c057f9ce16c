import type { Callback, TrainEndReason, TrainRun } from '../callback.ts';

/** The methods of a callback, by name. */
type Hooks = Required<Omit<Callback, 'onTrainEnd'>>;

/** Calls one method of every callback, in order, each after the last has finished. @internal */
export async function notify<Name extends keyof Hooks>(
  callbacks: readonly Callback[],
  hook: Name,
  ...details: Parameters<Hooks[Name]>
): Promise<void> {
  for (const callback of callbacks) {
    const method = callback[hook] as ((...all: unknown[]) => void | Promise<void>) | undefined;
    await method?.apply(callback, details);
  }
}

/**
 * Calls `onTrainEnd` of every callback. If one throws, the others are still called.
 *
 * @returns The first error, if any.
 *
 * @internal
 */
export async function notifyEnd(
  callbacks: readonly Callback[],
  reason: TrainEndReason,
  run: TrainRun,
  error?: unknown,
): Promise<{ readonly error: unknown } | undefined> {
  let failure: { readonly error: unknown } | undefined;
  for (const callback of callbacks) {
    try {
      await callback.onTrainEnd?.(reason, run, error);
    } catch (thrown) {
      failure ??= { error: thrown };
    }
  }
  return failure;
}

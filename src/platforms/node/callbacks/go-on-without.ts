import { isError } from '../../../core/realms.ts';
import type { Callback } from '../../../training/callback.ts';

/**
 * Lets a run continue if a callback that only displays it cannot write: if a disk fills up after
 * hours, images matter less than the run. It warns once, and again if it fails after a successful
 * write; each later call tries again.
 *
 * Errors at the start end the run at once: `onTrainBegin` is not wrapped. Errors that do not come
 * from the file system are thrown as well.
 *
 * @internal
 */
export function goOnWithout(callback: Callback): Callback {
  let warned = false;
  const guarded = async (write: () => unknown): Promise<void> => {
    try {
      await write();
      warned = false;
    } catch (error) {
      if (!isOfFileSystem(error)) throw error;
      if (!warned) {
        console.warn(
          `tfjs-gan: ${error.message}. Training continues without it, and tries again when it is next due`,
        );
      }
      warned = true;
    }
  };
  return {
    onTrainBegin: (run) => callback.onTrainBegin?.(run),
    onStepEnd: (step, run) => guarded(() => callback.onStepEnd?.(step, run)),
    onEpochEnd: (epoch, run) => guarded(() => callback.onEpochEnd?.(epoch, run)),
    onLog: (logged, run) => guarded(() => callback.onLog?.(logged, run)),
    onTrainEnd: (reason, run, error) => guarded(() => callback.onTrainEnd?.(reason, run, error)),
  };
}

/** Whether an error, or one of its causes, is a file system error of Node. @internal */
function isOfFileSystem(error: unknown): error is Error {
  const { cause } = error as Error;
  return [error, cause].some(
    (part) => isError(part) && typeof (part as NodeJS.ErrnoException).syscall === 'string',
  );
}

import { isError } from '../../../core/realms.ts';
import type { Callback } from '../../../training/callback.ts';

/**
 * Lets a run go on where a callback that only shows it cannot write: on a disk that fills up after hours, pictures are worth less
 * than the run. It warns once, and again after it could write in between; each later call tries anew.
 *
 * What is wrong from the start ends the run at once: `onTrainBegin` is left as it is, and so is every error that does not come from
 * the file system.
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
          `tfjs-gan: ${error.message}. Training goes on without it, and tries again when it is next due`,
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

/** Whether an error, or what it came from, is one of Node's file system. */
function isOfFileSystem(error: unknown): error is Error {
  const { cause } = error as Error;
  return [error, cause].some(
    (part) => isError(part) && typeof (part as NodeJS.ErrnoException).syscall === 'string',
  );
}

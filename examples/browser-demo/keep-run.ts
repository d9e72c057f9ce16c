import { type Callback, checkpoint, type CheckpointStore, type TrainRun } from 'tfjs-gan';

/** At most so much is lost if the page is closed. */
const EVERY = { minutes: 0.25 };

/**
 * Keeps a run in this browser, in place of the one before. If it cannot, since another tab keeps its
 * run there or the browser keeps nothing, training continues without it.
 */
export function keepRun(store: CheckpointStore): Callback {
  let keeper: Callback | undefined;
  return {
    onTrainBegin: async (run) => {
      keeper = await begin(store, run);
    },
    onStepEnd: async (step, run) => keeper?.onStepEnd?.(step, run),
    onTrainEnd: async (reason, run, error) => keeper?.onTrainEnd?.(reason, run, error),
  };
}

async function begin(store: CheckpointStore, run: TrainRun): Promise<Callback | undefined> {
  const keeper = checkpoint(store, { every: EVERY, keep: 1 });
  try {
    await keeper.onTrainBegin?.(run);
    return keeper;
  } catch {
    // Another run is there: alive in another tab, or one from before, which is replaced.
  }
  try {
    const release = await store.claim();
    try {
      for (const name of await store.list()) await store.remove(name);
    } finally {
      await release();
    }
    await keeper.onTrainBegin?.(run);
    return keeper;
  } catch {
    return undefined;
  }
}

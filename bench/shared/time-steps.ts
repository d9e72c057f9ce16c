import type { Callback } from 'tfjs-gan';

/** A callback that measures the steps of a run, and the seconds of each so far. */
export function timeSteps(): { readonly callback: Callback; readonly seconds: readonly number[] } {
  const seconds: number[] = [];
  let begin = performance.now();
  const callback: Callback = {
    onTrainBegin: () => {
      begin = performance.now();
    },
    onStepEnd: () => {
      const now = performance.now();
      seconds.push((now - begin) / 1000);
      begin = now;
    },
  };
  return { callback, seconds };
}

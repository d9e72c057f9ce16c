import { type Callback, useBackend } from 'tfjs-gan';
import { serveTrainer } from 'tfjs-gan/worker';
import { blobs, tinyDcgan } from '../../support/tiny-gan.ts';

/** What the test asks this worker to do. */
export interface WorkerSettings {
  readonly die?: 'exit' | 'throw';
  /** Milliseconds that each step takes longer. */
  readonly slow?: number;
  /** Serves a second time. */
  readonly twice?: boolean;
}

/** Ends the thread in the middle of a run, in one way or the other. */
function death(how: 'exit' | 'throw'): Callback {
  return {
    onStepEnd: async ({ number }) => {
      if (number < 2) return;
      if (how === 'exit') process.exit(3);
      setTimeout(() => {
        throw new TypeError('a slip of the user');
      });
      await new Promise(() => undefined);
    },
  };
}

/** Draws each step out. */
function delay(milliseconds: number): Callback {
  return {
    onStepEnd: () => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

serveTrainer(async (settings: WorkerSettings | undefined) => {
  const { die, slow, twice } = settings ?? {};
  if (twice === true) serveTrainer(() => tinyDcgan());
  return {
    backend: await useBackend('wasm-train'),
    gan: tinyDcgan(),
    data: blobs(),
    callbacks: [
      ...(die === undefined ? [] : [death(die)]),
      ...(slow === undefined ? [] : [delay(slow)]),
    ],
  };
});

// What the page of killed-browser.test.ts runs.
import { checkpoint, createMlpGan, ring8, useBackend } from 'tfjs-gan';
import { indexedDbStore } from 'tfjs-gan/browser';

/** What a page has said so far. */
export interface PageSaid {
  from?: number;
  wrote: number;
  /** Digest of all that decides how training continues. */
  ended?: string;
  error?: string;
}

/** Continues the run `name` at the step where it stopped, writes a checkpoint after every step, and says so in `said`. */
async function train(name: string, until: number, said: PageSaid): Promise<void> {
  await useBackend('wasm-train');
  const gan = createMlpGan({ sampleShape: [2], latentSize: 4, hiddenUnits: [64, 64] });
  const run = indexedDbStore(name);
  await gan.trainer.restore(run);
  said.from = gan.trainer.step;
  await gan.trainer.fit(ring8({ size: 640 }), {
    batchSize: 64,
    until: { steps: until },
    callbacks: [
      checkpoint(run, { every: { steps: 1 }, keep: 2 }),
      { onStepEnd: ({ number }) => void (said.wrote = number) },
    ],
  });
  const { networks, optimizers, random, cursor } = await gan.trainer.snapshot();
  const text = JSON.stringify({ networks, optimizers, random, cursor });
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  said.ended = `${gan.trainer.step} ${[...new Uint8Array(digest)].join(' ')}`;
}

const query = new URLSearchParams(location.search);
const said: PageSaid = { wrote: 0 };
Object.assign(globalThis, { said });
train(query.get('name') ?? '', Number(query.get('until')), said).catch((error: unknown) => {
  said.error = String(error);
});

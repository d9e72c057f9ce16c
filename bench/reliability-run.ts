/**
 * A run to be killed: continues where it stopped, writes a checkpoint after every step, and says so.
 *
 *     tsx bench/reliability-run.ts <folder> <until step> [backend=wasm-train] [seconds a step takes at least=0]
 */
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { checkpoint, createMlpGan, ring8, useBackend } from 'tfjs-gan';
import { directoryStore } from 'tfjs-gan/node';

const [folder = '', until = '0', backend = 'wasm-train', pause = '0'] = process.argv.slice(2);

try {
  await useBackend(backend as 'cpu' | 'wasm-train');
  const gan = createMlpGan({ sampleShape: [2], latentSize: 4, hiddenUnits: [64, 64] });
  const run = directoryStore(folder);
  await gan.trainer.restore(run);
  console.log(`from ${gan.trainer.step}`);
  await gan.trainer.fit(ring8({ size: 640 }), {
    batchSize: 64,
    until: { steps: Number(until) },
    callbacks: [
      checkpoint(run, { every: { steps: 1 }, keep: 2 }),
      {
        onStepEnd: (step) => {
          console.log(`wrote ${step.number}`);
        },
      },
      { onStepEnd: () => setTimeout(1000 * Number(pause)) },
    ],
  });
  const { networks, optimizers, random, cursor } = await gan.trainer.snapshot();
  const hash = createHash('sha256').update(
    JSON.stringify({ networks, optimizers, random, cursor }),
  );
  console.log(`ended ${gan.trainer.step} ${hash.digest('hex')}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

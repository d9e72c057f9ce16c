// What you learn: checkpoints: a killed run continues, and ends bit-for-bit as if undisturbed.
// Run it: npm run example -- resume (--part train to kill it yourself; --quick for a few seconds)
// In about a minute, runs/resume/ has killed.png and undisturbed.png, the same picture,
// and the checkpoints of the killed run (checkpoints/).

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type Callback, checkpoint, createDcgan, useBackend } from 'tfjs-gan';
import { directoryStore, loadMnist, progress, saveImageGrid } from 'tfjs-gan/node';
import { choice, count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';

const flags = {
  steps: count(600, 'training steps'),
  filters: count(8, 'filters of the layer next to the image'),
  every: count(50, 'steps between checkpoints'),
  killAt: count(275, 'the step after which the run is killed'),
  part: choice('all', ['all', 'train'], 'all: the whole demonstration; train: training only'),
};
const quick = { steps: 8, filters: 2, every: 3, killAt: 5 };

await lesson('resume', flags, quick, async ({ steps, filters, every, killAt, part, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const mnist = await loadMnist({ split: 'train' });
  const killed = join(out, 'checkpoints');

  // Resuming takes two things: restore before fit, and `until`, a bound that includes earlier
  // steps.
  async function train(folder: string | undefined): Promise<tf.Tensor> {
    using gan = createDcgan({ imageShape: [28, 28, 1], baseFilters: filters, seed });
    const callbacks: Callback[] = [progress({ every: { steps: 100 } })];
    if (folder !== undefined) {
      const store = directoryStore(folder);
      const found = await gan.trainer.restore(store);
      console.log(found ? `continuing from step ${gan.trainer.step}` : 'starting from scratch');
      const say: Callback = { onStepEnd: ({ number }) => console.log(`finished step ${number}`) };
      callbacks.push(
        checkpoint(store, { every: { steps: every } }),
        ...(part === 'train' ? [say] : []),
      );
    }
    await gan.trainer.fit(mnist, { until: { steps }, batchSize: 64, callbacks });
    return gan.generator.sample(64, { seed: 7 });
  }

  if (part === 'train') {
    tf.dispose(await train(killed));
    return;
  }

  // A separate process, since SIGKILL leaves it no time to save anything.
  await rm(killed, { recursive: true, force: true });
  const given = Object.entries({ steps, filters, every, seed, out }).flatMap(([name, value]) => [
    `--${name}`,
    String(value),
  ]);
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1]!, '--part', 'train', ...given],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes(`finished step ${killAt}\n`)) child.kill('SIGKILL');
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  console.log(`the run ended by ${signal ?? `code ${code}`}, after step ${killAt} of ${steps}`);

  const samples = await train(killed);
  console.log('\nthe undisturbed run, for comparison');
  const undisturbed = await train(undefined);
  await saveImageGrid(join(out, 'killed.png'), samples, { columns: 8, scale: 2 });
  await saveImageGrid(join(out, 'undisturbed.png'), undisturbed, { columns: 8, scale: 2 });

  const difference = tf.tidy(() => tf.max(tf.abs(tf.sub(samples, undisturbed))));
  const [largest = NaN] = await difference.data();
  tf.dispose([samples, undisturbed, difference]);
  console.log(
    `\n${largest} is the largest difference of any pixel; look at ${join(out, 'killed.png')}`,
  );
});

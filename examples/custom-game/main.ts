// What you learn: a custom game: three networks (one frozen), two datasets, a phase, a kept value.
// Run it: npm run example -- custom-game (--quick for a few seconds)
// In about half a minute, runs/custom-game/ has points.svg and report.html: one dataset widens the
// shadow, the other keeps the ring.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { checkpoint, grid25, ring8, Trainer, unpaired, useBackend } from 'tfjs-gan';
import { directoryStore, progress, runReport } from 'tfjs-gan/node';
import { drawPoints } from '../shared/draw-points.ts';
import { count } from '../shared/flags.ts';
import { lesson } from '../shared/lesson.ts';
import { shadowGame } from './game.ts';

const flags = { steps: count(600, 'training steps') };
const quick = { steps: 20 };

await lesson('custom-game', flags, quick, async ({ steps, seed, out }) => {
  console.log(`backend ${String(await useBackend('auto'))}`);
  const trainer = new Trainer({ game: shadowGame({ seed }), seed });
  // Each dataset has its own order; a resumed run continues at its position in both.
  const ring = ring8({ size: 10_000, seed });
  const data = unpaired({ samples: ring, grid: grid25({ seed }) });

  const store = directoryStore(out);
  if (await trainer.restore(store)) console.log(`continues after step ${trainer.step}`);
  const callbacks = [progress(), runReport(out), checkpoint(store)];
  const { steps: all } = await trainer.fit(data, { until: { steps }, batchSize: 128, callbacks });

  const { metrics, losses } = all.at(-1)!;
  console.log(
    `losses ${Object.keys(losses).join(', ')}; metrics ${Object.keys(metrics).join(', ')}`,
  );
  console.log(
    `width ${metrics['width/fake']?.toFixed(3)}, of the grid ${metrics['width/grid']?.toFixed(3)}`,
  );

  const points = trainer.generator.sample(1000, { seed: 1 });
  const rows = (await points.array()) as [number, number][];
  await writeFile(join(out, 'points.svg'), drawPoints(rows, ring.modes));
  tf.dispose(points);
  trainer.dispose();
});

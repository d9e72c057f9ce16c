import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { type Dataset, grid25, ring8, Trainer, unpaired, useBackend } from 'tfjs-gan';
import { connectTrainer } from 'tfjs-gan/worker';
import { describe, expect, test } from 'vitest';
import { shadowGame } from '../../examples/custom-game/game.ts';
import { serveHere } from '../platforms/worker/in-process.ts';
import { runExample } from './run.ts';

const data = (): Dataset =>
  unpaired({ samples: ring8({ size: 96, seed: 1 }), grid: grid25({ size: 160, seed: 2 }) });

const make = (): Trainer => new Trainer({ game: shadowGame({ adversarialFrom: 6 }), seed: 5 });

describe('the game of one’s own', () => {
  test('runs as an example, and continues at the same place', async () => {
    const out = await mkdtemp(join(tmpdir(), 'custom-game-'));
    const first = await runExample('custom-game', ['--quick', '--out', out]);
    expect({ code: first.code, errors: first.errors }).toEqual({ code: 0, errors: '' });
    expect(first.output).toContain('losses critic, generator; metrics width/fake, width/grid');
    for (const file of ['points.svg', 'report.html', 'checkpoints']) await access(join(out, file));
    const flags = ['--quick', '--steps', '25', '--out', out];
    const second = await runExample('custom-game', flags);
    expect(second.output).toContain('continues after step 20');
    await rm(out, { recursive: true });
  });

  test('resumes inside its phase and before it, bit-for-bit', async () => {
    await useBackend('wasm-train');
    const run = { batchSize: 16 };
    const whole = make();
    await whole.fit(data(), { ...run, steps: 13 });
    const terms = whole.history.steps.map((step) => Object.keys(step.terms.generator));
    expect(terms[4]).toEqual(['width']);
    expect(terms[5]).toEqual(['width', 'hinge']);
    const end = { ...(await whole.snapshot()), history: 0 };
    for (const stop of [3, 8]) {
      const first = make();
      await first.fit(data(), { ...run, until: { steps: stop } });
      const second = make();
      await second.restore(structuredClone(await first.snapshot()));
      await second.fit(data(), { ...run, until: { steps: 13 } });
      expect({ ...(await second.snapshot()), history: 0 }).toEqual(end);
      for (const trainer of [first, second]) trainer.dispose();
    }
    whole.dispose();
    await useBackend('cpu');
  });

  test('trains in a worker as in a Trainer, and shows what is its own', async () => {
    await useBackend('wasm-train');
    const before = tf.memory().numTensors;
    const worker = serveHere(() => ({ gan: make(), data: data() }));
    const remote = await connectTrainer(worker);
    await remote.fit({ steps: 7, batchSize: 16 });
    const { steps } = await remote.history();
    const here = make();
    const { steps: wanted } = await here.fit(data(), { steps: 7, batchSize: 16 });
    expect(steps.map(({ losses, metrics }) => ({ losses, metrics }))).toEqual(
      wanted.map(({ losses, metrics }) => ({ losses, metrics })),
    );
    expect((await remote.sample(4, { seed: 1 })).shape).toEqual([4, 2]);
    await remote.dispose();
    worker.terminate();
    here.dispose();
    for (const { network } of Object.values(here.game.networks)) network.model.dispose();
    for (const generator of Object.values(here.game.generators)) generator.clearEma();
    expect(tf.memory().numTensors).toBe(before);
    await useBackend('cpu');
  });
});

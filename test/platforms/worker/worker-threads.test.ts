import { once } from 'node:events';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import {
  connectTrainer,
  type RemoteTrainer,
  serveTrainer,
  WorkerEndedError,
} from 'tfjs-gan/worker';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tinyDcgan } from '../../support/tiny-gan.ts';
import type { WorkerSettings } from './train.worker.ts';

function start(file: string | URL, options: WorkerOptions = {}): Worker {
  const worker = new Worker(file, options);
  onTestFinished(async () => {
    await worker.terminate();
  });
  return worker;
}

/** The worker of this folder; by way of a line of JavaScript, because Node 20 starts no worker with a `.ts` file. */
function startTraining(): Worker {
  const file = new URL('./train.worker.ts', import.meta.url).href;
  const code = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(file)})));`;
  return start(code, { eval: true });
}

describe('a trainer in a thread of Node', () => {
  test('trains, draws, pauses, stops, and is connected to again', async () => {
    const worker = startTraining();
    await expect(connectTrainer(worker, { settings: { twice: true } })).rejects.toThrow(
      new Error('Cannot serve a trainer: this worker serves a trainer already'),
    );
    const trainer = await connectTrainer(worker);
    expect(trainer.backend.name).toBe('wasm-train');
    expect(trainer.backend.detail).toContain('WebAssembly SIMD');
    // What comlink sends if a connection was forgotten and is collected as garbage.
    worker.postMessage({ id: '1', type: 'RELEASE' });

    const seen: number[] = [];
    const run = trainer.fit({ batchSize: 8, onStepEnd: ({ number }) => void seen.push(number) });
    await trainer.pause();
    const { step } = await trainer.status();
    const picture = await trainer.draw(4, { seed: 7 });
    expect(picture.data).toHaveLength(4 * picture.width * picture.height);
    await trainer.resume();
    while ((await trainer.status()).step < step + 20);
    await trainer.stop();
    const end = await run;
    expect(end.reason).toBe('stopped');
    expect(end.step).toBeGreaterThanOrEqual(step + 20);
    expect(seen).toEqual(Array.from({ length: end.step }, (_, i) => i + 1));

    const snapshot = await trainer.snapshot();
    await trainer.dispose();
    const again = await connectTrainer(worker, { settings: {} });
    expect((await again.status()).step).toBe(0);
    await again.restore(snapshot);
    expect((await again.status()).step).toBe(end.step);
    await expect(again.fit({ steps: 1, batchSize: 0 })).rejects.toThrow(
      new RangeError('Cannot train: batchSize must be a positive integer, got 0'),
    );

    again.terminate();
    await expect(again.draw(1)).rejects.toThrow(
      new WorkerEndedError('Cannot draw: the worker has ended: it was terminated'),
    );
  });

  test('stops within a step of its signal', async () => {
    // Longer steps than a message takes to cross, so that "within a step" can be seen.
    const settings: WorkerSettings = { slow: 300 };
    const trainer = await connectTrainer(startTraining(), { settings });
    const controller = new AbortController();
    const end = await trainer.fit({
      batchSize: 8,
      signal: controller.signal,
      onStepEnd: ({ number }) => {
        if (number === 2) controller.abort();
      },
    });
    expect(end.reason).toBe('aborted');
    // The third may be under way by then; it is the last.
    expect([2, 3]).toContain(end.step);
  });

  test.each([
    ['exit', 'it ended with code 3', undefined],
    ['throw', 'a slip of the user', 'TypeError'],
  ] as const)('that dies by %s is no more', async (die, reason, cause) => {
    const worker = startTraining();
    const settings: WorkerSettings = { die };
    const trainer: RemoteTrainer = await connectTrainer(worker, { settings });
    const error: unknown = await trainer.fit({ batchSize: 8 }).catch((thrown: unknown) => thrown);
    expect(error).toEqual(new WorkerEndedError(`Cannot train: the worker has ended: ${reason}`));
    expect((error as Error).cause?.constructor.name).toBe(cause);
    await expect(trainer.snapshot()).rejects.toBeInstanceOf(WorkerEndedError);
  });

  test('is not found if the file serves none, or is not there', async () => {
    const silent = start('process.exitCode = 0;', { eval: true });
    await expect(connectTrainer(silent)).rejects.toThrow(
      'Cannot connect to the trainer: the worker has ended: it ended with code 0',
    );
    const missing = start('/nowhere/train.worker.js');
    await expect(connectTrainer(missing)).rejects.toThrow(
      /^Cannot connect to the trainer: the worker has ended: Cannot find module/,
    );
    await once(missing, 'exit').catch(() => undefined);
  });
});

describe('serveTrainer', () => {
  test('says that it must run in a worker', () => {
    expect(() => {
      serveTrainer(() => tinyDcgan());
    }).toThrow(
      'Cannot serve a trainer: serveTrainer must be called in a worker, got the main thread. ' +
        'Put it into its own file and pass new Worker(…) of that file to connectTrainer',
    );
    expect(() => {
      serveTrainer(tinyDcgan);
      serveTrainer('dcgan' as never);
    }).toThrow(Error);
    expect(() => {
      serveTrainer('dcgan' as never);
    }).toThrow(
      new TypeError(
        "Cannot serve a trainer: serveTrainer must be called with a function that creates a GAN, got 'dcgan'",
      ),
    );
  });
});

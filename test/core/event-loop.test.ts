import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkpoint, memoryStore, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { progress } from 'tfjs-gan/node';
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';

/** All that fake timers replace, but for `nextTick`, which a process that talks to Vitest needs. */
const toFake = [
  ...(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const),
  ...(['setImmediate', 'clearImmediate', 'queueMicrotask'] as const),
  ...(['Date', 'performance', 'hrtime'] as const),
];

beforeEach(async () => {
  await tf.setBackend('cpu');
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('eventLoopTurn', () => {
  test('lets a run with callbacks end while a test holds all clocks', async () => {
    vi.useFakeTimers({ toFake });
    const lines: string[] = [];
    const stream = { write: (line: string) => lines.push(line) } as never;
    const gan = tinyDcgan();
    const { steps } = await gan.trainer.fit(blobs(), {
      steps: 3,
      batchSize: 8,
      callbacks: [progress({ stream }), checkpoint(memoryStore(), { every: { minutes: 1 } })],
    });
    gan.dispose();
    expect(steps).toHaveLength(3);
    expect(lines.join('')).not.toMatch(/NaN|Infinity/);
  });

  test('is not what wasm-train waits for: its threads start while a test holds all clocks', async () => {
    vi.useFakeTimers({ toFake });
    expect((await useBackend(wasmTrain({ threads: 2 }))).detail).toMatch(/2 threads/);
  });

  test('ends as well if the clocks were held before the library was loaded', async () => {
    vi.useFakeTimers({ toFake });
    vi.resetModules();
    const { eventLoopTurn } = await import('../../src/core/event-loop.ts');
    await expect(eventLoopTurn()).resolves.toBeUndefined();
  });

  test.each([
    ['setImmediate', ['setImmediate']],
    ['setImmediate and MessageChannel', ['setImmediate', 'MessageChannel']],
  ])('gives timers a turn if there is no %s', async (_, missing) => {
    for (const name of missing) vi.stubGlobal(name, undefined);
    vi.resetModules();
    const { eventLoopTurn } = await import('../../src/core/event-loop.ts');
    let served = false;
    setTimeout(() => (served = true), 0);
    for (let turn = 0; turn < 1_000 && !served; turn += 1) await eventLoopTurn();
    expect(served).toBe(true);
  });
});

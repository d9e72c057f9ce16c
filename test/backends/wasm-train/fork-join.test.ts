import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ForkJoin } from '../../../src/backends/wasm-train/fork-join.ts';
import type { ForkJoinOptions } from '../../../src/backends/wasm-train/fork-join.ts';
import type { KernelExports } from '../../../src/backends/wasm-train/kernels-binary.ts';
import { compileKernels } from '../../../src/backends/wasm-train/load-kernels.ts';
import { startWorker } from '../../../src/backends/wasm-train/threads.ts';
import type { StartedWorker, StartWorker } from '../../../src/backends/wasm-train/threads.ts';
import { control, type WorkerData } from '../../../src/backends/wasm-train/worker-source.ts';

const made: ForkJoin[] = [];

/** @param onCopy - Called when this thread takes a part that copies. */
async function forkJoin(
  threads: number,
  options?: ForkJoinOptions,
  onCopy: () => void = () => undefined,
): Promise<{ pool: ForkJoin; floats: Float32Array }> {
  const module = await compileKernels('plain', true);
  const memory = new WebAssembly.Memory({ initial: 4, maximum: 8, shared: true });
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  const exports = instance.exports as unknown as KernelExports;
  const own: KernelExports = {
    ...exports,
    copyStrided: (...part) => {
      onCopy();
      exports.copyStrided(...part);
    },
  };
  const pool = new ForkJoin(threads, own, module, memory, options);
  made.push(pool);
  await pool.started();
  return { pool, floats: new Float32Array(memory.buffer, 65_536) };
}

/** Parts that write 1, 2, 3, … to sixteen floats each. */
function fills(count: number): number[][] {
  return Array.from({ length: count }, (_, i) => [65_536 + i * 64, 16, i + 1]);
}

/** A faulty worker: it runs `body` after it takes a part, or sees one that it does not take. */
function brokenWorker(takes: 0 | 1, body: string): StartWorker {
  const source = `(data, ready) => {
    const words = new Int32Array(data.control);
    ready();
    for (let left = 0; ; left = Atomics.load(words, ${control.left})) {
      if (left > 0 && Atomics.compareExchange(words, ${control.left}, left, left - ${takes}) === left) break;
    }
    ${body}
  }`;
  return (_, data, events) => startWorker(source, data, events);
}

describe('ForkJoin', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    for (const pool of made.splice(0)) pool.dispose();
  });

  test('runs every part once, on any thread', async () => {
    const { pool, floats } = await forkJoin(3);
    expect(pool.alive).toBe(3);
    for (let job = 0; job < 2000; job++) {
      const count = 1 + (job % control.mostParts);
      floats.fill(0);
      pool.run('fillFloats', fills(count));
      for (let i = 0; i < count; i++) expect(floats[i * 16 + (job % 16)]).toBe(i + 1);
      expect(floats[count * 16]).toBe(0);
    }
  });

  test('wakes its workers after they went to sleep', async () => {
    const { pool, floats } = await forkJoin(2);
    for (let job = 0; job < 20; job++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      floats.fill(0);
      pool.run('fillFloats', fills(8));
      expect(floats[7 * 16 + 15]).toBe(8);
    }
  });

  test('gives each thread its own scratch memory', async () => {
    const { pool, floats } = await forkJoin(3);
    const bytes = 16 * 64;
    // The target is the scratch argument: the address that a thread writes to identifies it.
    const parts = Array.from({ length: 12 }, () => [65_536, 256, 1]);
    const writers = (): number => [0, 1, 2].filter((thread) => floats[thread * 256] === 1).length;
    // Repeated until a worker had a core to run on.
    for (let job = 0; job < 1e6 && writers() < 2; job++) {
      pool.run('fillFloats', parts, { argument: 0, bytes });
    }
    expect(writers()).toBeGreaterThan(1);
    expect(floats[3 * 256]).toBe(0);
  });

  test('splits only work that is large enough', async () => {
    const awake: StartWorker = (_, data, events) =>
      startWorker('(_, ready) => { ready(); for (;;); }', data, events);
    const { pool } = await forkJoin(2, { startWorker: awake });
    expect(pool.partsFor(1000)).toBe(1);
    expect(pool.partsFor(1e6)).toBeGreaterThan(1);
    expect(pool.partsFor(1e12)).toBe(8);
  });

  test('splits work for sleeping workers only if it is worth waking one', async () => {
    let words: Int32Array | undefined;
    const start: StartWorker = (source, data, events) => {
      words = new Int32Array((data as WorkerData).control);
      return startWorker(source, data, events);
    };
    const { pool } = await forkJoin(2, { startWorker: start });
    await vi.waitFor(() => {
      expect(words?.[control.sleeping]).toBe(1);
    }, 60_000);
    expect(pool.partsFor(1e6)).toBe(1);
    expect(pool.partsFor(1e7)).toBe(8);
  });

  test('throws the error of a part, and continues', async () => {
    const { pool, floats } = await forkJoin(2);
    // An invalid operation: the module traps, on any thread.
    const bad = Array.from({ length: 8 }, () => [99, 65_536, 65_536, 4, 0, 0]);
    for (let job = 0; job < 50; job++) {
      expect(() => {
        pool.run('unary', bad);
      }).toThrow(/unreachable|Cannot run unary on wasm-train: one of its threads failed/);
      pool.run('fillFloats', fills(8));
      expect(floats[7 * 16]).toBe(8);
    }
  });

  test('refuses a kernel it does not know', async () => {
    const { pool } = await forkJoin(2);
    expect(() => {
      pool.run('lost', fills(2));
    }).toThrow('Cannot run 2 parts of lost on wasm-train');
  });

  test('continues with fewer threads if one ended between two jobs', async () => {
    const start = brokenWorker(0, '');
    const { pool, floats } = await forkJoin(2, { startWorker: start });
    // Repeated until it has seen one, for which it needs a core.
    const seen = setInterval(() => {
      for (let job = 0; job < 1000; job++) pool.run('fillFloats', fills(64));
    }, 1);
    await vi.waitFor(() => {
      expect(pool.alive).toBe(1);
    }, 60_000);
    clearInterval(seen);
    expect(pool.failure).toBe('a worker ended with code 0');
    pool.run('fillFloats', fills(8));
    expect(floats[7 * 16]).toBe(8);
  });

  test('does not wait forever for a part whose thread died', async () => {
    const start = brokenWorker(1, 'process.exit(3);');
    const { pool } = await forkJoin(2, { startWorker: start, patienceMs: 200 });
    const runUntilTaken = (): void => {
      for (let job = 0; job < 1e6; job++) pool.run('fillFloats', fills(64));
    };
    const message =
      'Cannot continue on wasm-train: one of its threads has not responded for 0.2 s. ' +
      "Remove the backend (tf.removeBackend('wasm-train')) and activate it again. If the error returns, use threads: 1";
    expect(runUntilTaken).toThrow(message);
    // Nor does it use memory that the lost thread may still write to.
    expect(runUntilTaken).toThrow(message);
  });

  test('a thread terminated at work causes an error or nothing, never a wrong value or an endless wait', async () => {
    // The same value again and again to one place: a thread is at work on it nearly all the time.
    const slowCopies = Array.from({ length: 16 }, (_, i) => [
      ...[65_536 + (i + 1) * 64, 65_536, 1, 1, 1_000_000, 1],
      ...[0, 0, 0, 0, 0, 0, 0, 0],
    ]);
    for (let round = 0; round < 6; round++) {
      let worker: StartedWorker | undefined;
      let copies = 0;
      const { pool, floats } = await forkJoin(
        2,
        { startWorker: (...args) => (worker = startWorker(...args)), patienceMs: 200 },
        () => {
          copies += 1;
          if (copies !== 10) return;
          // Time for the worker to take a part, which itself takes some milliseconds.
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + round);
          worker?.end();
        },
      );
      try {
        for (let job = 1; job < 3; job++) {
          floats[0] = job;
          pool.run('copyStrided', slowCopies);
          for (let i = 1; i <= 16; i++) expect(floats[i * 16]).toBe(job);
        }
      } catch (error) {
        expect(String(error)).toContain(
          'Cannot continue on wasm-train: one of its threads has not',
        );
      }
      // On a busy machine the worker may take so many parts that the tenth copy never comes.
      worker?.end();
      await vi.waitFor(() => {
        expect(pool.alive).toBe(1);
      }, 60_000);
    }
  });

  test('runs without a worker that never becomes ready', async () => {
    vi.useFakeTimers();
    try {
      const silent: StartWorker = () => ({ release: () => undefined, end: () => undefined });
      const starting = forkJoin(3, { startWorker: silent });
      // The kernels compile in real time, and the wait begins after that.
      await vi.waitFor(() => {
        expect(vi.getTimerCount()).toBe(2);
      });
      vi.advanceTimersByTime(10_000);
      const { pool, floats } = await starting;
      expect(pool.alive).toBe(1);
      expect(pool.failure).toBe('a worker did not start within 10 s');
      pool.run('fillFloats', fills(8));
      expect(floats[7 * 16]).toBe(8);
    } finally {
      vi.useRealTimers();
    }
  });

  test('runs without workers that cannot start', async () => {
    const refusing: StartWorker = () => {
      throw new Error('no more threads');
    };
    const { pool, floats } = await forkJoin(3, { startWorker: refusing });
    expect(pool.alive).toBe(1);
    expect(pool.failure).toBe('no more threads');
    pool.run('fillFloats', fills(8));
    expect(floats[7 * 16]).toBe(8);
  });

  test('runs without a worker whose code fails', async () => {
    const failing: StartWorker = (_, data, events) =>
      startWorker(`() => { throw new Error('no instance'); }`, data, events);
    const { pool } = await forkJoin(2, { startWorker: failing });
    expect(pool.alive).toBe(1);
    expect(pool.failure).toBe('no instance');
  });

  test('spins if it may not block, as on the main thread of a page', async () => {
    const wait = vi.spyOn(Atomics, 'wait').mockImplementation(() => {
      throw new TypeError('Atomics.wait cannot be called in this context');
    });
    const { pool, floats } = await forkJoin(2);
    for (let job = 0; job < 200; job++) {
      floats.fill(0);
      pool.run('fillFloats', fills(64));
      expect(floats[63 * 16 + 15]).toBe(64);
    }
    // Only the check whether it may.
    expect(wait).toHaveBeenCalledOnce();
  });
});

describe('a process whose backend has threads', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const tsx = fileURLToPath(import.meta.resolve('tsx/cli'));
  const run = async (code: string): Promise<string> => {
    const program = `import * as tf from '@tensorflow/tfjs';
      import { wasmTrain } from './src/backends/wasm-train/index.ts';
      await wasmTrain({ threads: 3 }).activate();
      const x = tf.ones([512, 512]);
      const sum = tf.matMul(x, x).sum().dataSync()[0];
      ${code}
      console.log(sum);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [tsx, '--input-type=module', '--eval', program],
      { cwd: root, timeout: 120_000 },
    );
    return stdout.trim();
  };

  test('ends by itself', async () => {
    expect(await run('')).toBe(String(512 ** 3));
  });

  test('ends by itself after the backend was removed', async () => {
    expect(await run("await tf.setBackend('cpu'); tf.removeBackend('wasm-train');")).toBe(
      String(512 ** 3),
    );
  });
});

import { resolveObjectURL } from 'node:buffer';
import { Worker as NodeWorker } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { startWorker, threadLimit } from '../../../src/backends/wasm-train/threads.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Makes this process look like a page: no Node modules, and workers that run the code of a URL. */
function pretendToBeAPage(crossOriginIsolated: boolean): void {
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined);
  vi.stubGlobal('Worker', PageWorker);
  vi.stubGlobal('crossOriginIsolated', crossOriginIsolated);
}

/** The members of a page's Worker used here, on a thread of Node. */
class PageWorker {
  onmessage: ((event: { data: unknown }) => void) | undefined;
  onerror: ((event: { message: string }) => void) | undefined;
  readonly #worker: Promise<NodeWorker>;

  constructor(url: string) {
    this.#worker = this.#start(resolveObjectURL(url) as Blob);
  }

  postMessage(data: unknown): void {
    void this.#worker.then((worker) => {
      worker.postMessage(data);
    });
  }

  terminate(): void {
    void this.#worker.then((worker) => worker.terminate());
  }

  async #start(blob: Blob): Promise<NodeWorker> {
    const page = `const { parentPort } = require('node:worker_threads');
      globalThis.postMessage = (value) => parentPort.postMessage(value);
      parentPort.on('message', (data) => globalThis.onmessage({ data }));`;
    const worker = new NodeWorker(`${page}\n${await blob.text()}`, { eval: true, execArgv: [] });
    worker.on('message', (data) => this.onmessage?.({ data }));
    worker.on('error', ({ message }) => this.onerror?.({ message }));
    return worker;
  }
}

/** Starts a worker and waits until it is ready or ended. */
async function outcomeOf(source: string, data: unknown): Promise<string> {
  let end: (() => void) | undefined;
  const outcome = await new Promise<string>((resolve) => {
    const worker = startWorker(source, data, {
      ready: () => {
        resolve('ready');
      },
      ended: resolve,
    });
    end = () => {
      worker.release();
      worker.end();
    };
  });
  end?.();
  return outcome;
}

const adds = `(words, ready) => { Atomics.add(words, 0, 41); ready(); }`;
const throws = `() => { throw new Error('no room'); }`;

describe('threadLimit', () => {
  test('is the number of cores in Node', () => {
    expect(threadLimit()).toMatchObject({ shared: true });
    expect(threadLimit().threads).toBeGreaterThan(0);
  });

  test('is the number of cores in a page that may share memory', () => {
    pretendToBeAPage(true);
    vi.stubGlobal('navigator', { hardwareConcurrency: 6 });
    expect(threadLimit()).toEqual({ shared: true, threads: 6 });
  });

  test('is one in a page that may not, with the reason', () => {
    pretendToBeAPage(false);
    expect(threadLimit()).toEqual({
      shared: false,
      threads: 1,
      reason: 'the page is not cross-origin isolated (headers COOP and COEP)',
    });
  });

  test('is one in an environment without workers, with the reason', () => {
    pretendToBeAPage(true);
    vi.stubGlobal('Worker', undefined);
    expect(threadLimit()).toEqual({
      shared: false,
      threads: 1,
      reason: 'this environment has no workers',
    });
  });
});

describe.each(['Node', 'a page'])('startWorker in %s', (place) => {
  test('runs the source with shared data', async () => {
    if (place === 'a page') pretendToBeAPage(true);
    const words = new Int32Array(new SharedArrayBuffer(4)).fill(1);
    expect(await outcomeOf(adds, words)).toBe('ready');
    expect(words[0]).toBe(42);
  });

  test('reports how it failed', async () => {
    if (place === 'a page') pretendToBeAPage(true);
    expect(await outcomeOf(throws, undefined)).toBe('no room');
  });
});

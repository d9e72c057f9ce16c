import { messageOf } from '../../core/realms.ts';
import { stopwatch } from '../../core/stopwatch.ts';
import type { KernelExports } from './kernels-binary.ts';
import { startWorker } from './threads.ts';
import type { StartedWorker, StartWorker } from './threads.ts';
import { control, workerSource } from './worker-source.ts';
import type { WorkerData } from './worker-source.ts';

/**
 * Handing a part to another thread costs one or two microseconds; this work takes several times as
 * long.
 */
const leastOperations = 2 ** 17;

/**
 * Waking a thread takes this one about 40 microseconds, and work of this many times
 * {@link leastOperations} 100 (docs/results/kernels.md).
 */
const leastToWake = 32;

/** More parts than threads: a thread that starts late or is interrupted then takes fewer. */
const partsPerThread = 4;

/**
 * How many times a thread polls before it sleeps: about 0.5 ms, the time that JavaScript needs
 * between two kernels, or between two images that are generated one after the other.
 */
const spins = 100_000;

const startTimeoutMs = 10_000;

/** Scratch memory with a separate block for each thread. @internal */
export interface ThreadScratch {
  /** The index of the argument that is the first thread's address. */
  readonly argument: number;
  /** Bytes from one thread's block to the next. */
  readonly bytes: number;
}

/** Settings of {@link ForkJoin}; only tests change the defaults. @internal */
export interface ForkJoinOptions {
  readonly startWorker?: StartWorker;
  /** How long to wait without any pending part finishing before giving up. */
  readonly patienceMs?: number;
}

/**
 * Shares the work of a kernel among threads: each free thread takes the next part, and the main
 * thread waits for the last.
 *
 * Kernels are synchronous, so the main thread works too, and waits without returning to its event
 * loop. If no worker is awake or alive, it runs every part itself.
 *
 * The assignment of parts to threads differs from run to run. Parts must therefore be independent,
 * and return the same bits on any thread and for any split of the work.
 *
 * @internal
 */
export class ForkJoin {
  /** The number of threads with scratch memory: the main one and the requested workers. */
  readonly threads: number;
  /**
   * Work of fewer than twice as many operations is not split, and of fewer than 32 times as many
   * wakes no thread; tests lower it.
   */
  leastOperations: number = leastOperations;
  readonly #functions: readonly ((...values: number[]) => void)[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #workers = new Set<StartedWorker>();
  readonly #words: Int32Array;
  readonly #parts: Float64Array;
  readonly #started: Promise<unknown>;
  readonly #patienceMs: number;
  readonly #mayBlock: boolean;
  #failure: string | undefined;
  #broken = false;

  /**
   * Starts the workers.
   *
   * @param threads - The number of threads, including the main one.
   * @param exports - The main thread's instance of the module.
   */
  constructor(
    threads: number,
    exports: KernelExports,
    module: WebAssembly.Module,
    memory: WebAssembly.Memory,
    options: ForkJoinOptions = {},
  ) {
    const { headerBytes, partLength, mostParts } = control;
    const block = new SharedArrayBuffer(headerBytes + partLength * mostParts * 8);
    this.threads = threads;
    this.#words = new Int32Array(block);
    this.#parts = new Float64Array(block, headerBytes);
    this.#patienceMs = options.patienceMs ?? 60_000;
    this.#mayBlock = mayBlock(this.#words);
    // In the order of the module, which is the same in the workers.
    const functions = Object.entries(exports).filter(([, value]) => typeof value === 'function');
    this.#functions = functions.map(([, value]) => value as (...values: number[]) => void);
    this.#numbers = new Map(functions.map(([name], index) => [name, index]));
    const starts: Promise<void>[] = [];
    for (let thread = 1; thread < threads; thread++) {
      const data: WorkerData = { module, memory, control: block, thread, spins };
      starts.push(this.#start(options.startWorker ?? startWorker, data));
    }
    this.#started = Promise.all(starts);
  }

  /** The number of threads that run now, including the main one. */
  get alive(): number {
    return 1 + this.#workers.size;
  }

  /** Why fewer threads run than requested. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Waits until every worker is ready or has failed. */
  async started(): Promise<void> {
    await this.#started;
  }

  /**
   * The number of parts to split about this many operations into; 1 also if every worker sleeps and
   * the work is not worth waking one.
   */
  partsFor(operations: number): number {
    const isAsleep = Atomics.load(this.#words, control.sleeping) >= this.#workers.size;
    if (isAsleep && operations < leastToWake * this.leastOperations) return 1;
    const most = Math.min(this.threads * partsPerThread, control.mostParts);
    return Math.max(1, Math.min(most, Math.floor(operations / this.leastOperations)));
  }

  /**
   * Runs one function of the module once for each list of arguments.
   *
   * @throws Error if a thread fails or does not respond.
   */
  run(name: string, parts: readonly (readonly number[])[], scratch?: ThreadScratch): void {
    if (this.#broken) throw noAnswer(this.#patienceMs);
    const number = this.#numbers.get(name);
    const kernel = number === undefined ? undefined : this.#functions[number];
    if (kernel === undefined || number === undefined || parts.length > control.mostParts) {
      throw new RangeError(`Cannot run ${parts.length} parts of ${name} on wasm-train`);
    }
    if (parts.length === 1 || this.#workers.size === 0) {
      for (const part of parts) kernel(...part);
      return;
    }
    this.#write(number, parts, scratch);
    const words = this.#words;
    Atomics.store(words, control.pending, parts.length);
    Atomics.store(words, control.left, parts.length);
    if (Atomics.load(words, control.sleeping) > 0) {
      Atomics.notify(words, control.left, parts.length - 1);
    }
    let error: unknown;
    for (let left = parts.length; left > 0; left = Atomics.load(words, control.left)) {
      if (Atomics.compareExchange(words, control.left, left, left - 1) !== left) continue;
      try {
        kernel(...(parts[left - 1] ?? []));
      } catch (cause) {
        error ??= cause;
      }
      Atomics.sub(words, control.pending, 1);
    }
    this.#join();
    if (error !== undefined) throw error as Error;
    if (Atomics.load(words, control.failed) !== 0) {
      throw new Error(`Cannot run ${name} on wasm-train: one of its threads failed`);
    }
  }

  /** Ends the workers. */
  dispose(): void {
    Atomics.store(this.#words, control.left, -1);
    Atomics.notify(this.#words, control.left);
    for (const worker of this.#workers) worker.end();
    this.#workers.clear();
  }

  #start(start: StartWorker, data: WorkerData): Promise<void> {
    return new Promise((resolve) => {
      let worker: StartedWorker | undefined;
      const ended = (reason: string): void => {
        clearTimeout(timer);
        if (worker === undefined || this.#workers.delete(worker)) this.#failure ??= reason;
        resolve();
      };
      const timer = setTimeout(() => {
        worker?.end();
        ended(`a worker did not start within ${startTimeoutMs / 1000} s`);
      }, startTimeoutMs);
      const ready = (): void => {
        clearTimeout(timer);
        worker?.release();
        resolve();
      };
      try {
        worker = start(workerSource, data, { ready, ended });
        this.#workers.add(worker);
      } catch (error) {
        ended(messageOf(error));
      }
    });
  }

  #write(number: number, parts: readonly (readonly number[])[], scratch?: ThreadScratch): void {
    this.#words[control.failed] = 0;
    this.#words[control.scratchArgument] = scratch?.argument ?? -1;
    this.#words[control.scratchBytes] = scratch?.bytes ?? 0;
    for (const [index, part] of parts.entries()) {
      const at = index * control.partLength;
      this.#parts[at] = number;
      this.#parts[at + 1] = part.length;
      this.#parts.set(part, at + 2);
    }
  }

  /** Waits for the parts that other threads have taken. */
  #join(): void {
    const words = this.#words;
    let pending = Atomics.load(words, control.pending);
    for (let i = 0; pending > 0 && i < spins; i++) pending = Atomics.load(words, control.pending);
    let seconds = stopwatch();
    while (pending > 0) {
      if (this.#mayBlock) Atomics.wait(words, control.pending, pending, this.#patienceMs);
      const now = Atomics.load(words, control.pending);
      if (now !== pending) seconds = stopwatch();
      else if (seconds() * 1000 >= this.#patienceMs) this.#giveUp();
      pending = now;
    }
  }

  /** Unfinished parts may still write into the memory, so nothing may run any more. */
  #giveUp(): never {
    this.#broken = true;
    this.dispose();
    throw noAnswer(this.#patienceMs);
  }
}

function noAnswer(patienceMs: number): Error {
  return new Error(
    `Cannot continue on wasm-train: one of its threads has not responded for ${patienceMs / 1000} s. ` +
      "Remove the backend (tf.removeBackend('wasm-train')) and activate it again. If the error returns, use threads: 1",
  );
}

/** Whether this thread may block: a page's main thread may not. */
function mayBlock(words: Int32Array): boolean {
  try {
    Atomics.wait(words, control.left, 1, 0);
    return true;
  } catch {
    return false;
  }
}

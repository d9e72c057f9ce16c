/**
 * The layout of the control block. Numbers that different threads write are a cache line apart.
 *
 * @internal
 */
export const control = {
  /** Index of the number of parts not yet taken; a negative value ends the workers. */
  left: 0,
  /** Index of the number of parts that are not finished. */
  pending: 16,
  /** Index of the number of workers that sleep. */
  sleeping: 32,
  /** Index of a flag: a part ended with an error. */
  failed: 48,
  /** Index of the position of the argument that is per-thread scratch memory; negative for none. */
  scratchArgument: 49,
  /** Index of the bytes of scratch memory per thread. */
  scratchBytes: 50,
  /** Bytes before the parts. */
  headerBytes: 256,
  /** Doubles per part: the function, the number of arguments, the arguments. */
  partLength: 20,
  /** The maximum number of parts of one job. */
  mostParts: 128,
} as const;

/** The data that a worker receives. @internal */
export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  /** Its number; the main thread is 0. */
  readonly thread: number;
  /** How many times it polls for work before it sleeps. */
  readonly spins: number;
}

/**
 * The code of a worker: a JavaScript function of {@link WorkerData} and of a callback that reports
 * readiness.
 *
 * It is text, because a worker needs code that no bundler has transformed. It takes parts until
 * none are left, polls for more, and sleeps. It reads a part only after taking it, and the main
 * thread writes the next job only after all taken parts have finished.
 *
 * @internal
 */
export const workerSource: string = `(data, ready) => {
  const instance = new WebAssembly.Instance(data.module, { env: { memory: data.memory } });
  const functions = Object.values(instance.exports).filter((value) => typeof value === 'function');
  const words = new Int32Array(data.control);
  const parts = new Float64Array(data.control, ${control.headerBytes});
  ready();
  for (;;) {
    let left = Atomics.load(words, ${control.left});
    for (let i = 0; left === 0 && i < data.spins; i++) left = Atomics.load(words, ${control.left});
    if (left < 0) return;
    if (left === 0) {
      Atomics.add(words, ${control.sleeping}, 1);
      Atomics.wait(words, ${control.left}, 0);
      Atomics.sub(words, ${control.sleeping}, 1);
      continue;
    }
    if (Atomics.compareExchange(words, ${control.left}, left, left - 1) !== left) continue;
    const at = (left - 1) * ${control.partLength};
    const args = Array.from(parts.subarray(at + 2, at + 2 + parts[at + 1]));
    const scratch = words[${control.scratchArgument}];
    if (scratch >= 0) args[scratch] += data.thread * words[${control.scratchBytes}];
    try {
      functions[parts[at]](...args);
    } catch {
      Atomics.store(words, ${control.failed}, 1);
    }
    if (Atomics.sub(words, ${control.pending}, 1) === 1) Atomics.notify(words, ${control.pending});
  }
}`;

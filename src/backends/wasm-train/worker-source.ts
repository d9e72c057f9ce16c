/**
 * Where the numbers of the control block are. Those that different threads write are a cache line apart.
 *
 * @internal
 */
export const control = {
  /** Index of the number of parts that nobody has taken yet; negative ends the workers. */
  left: 0,
  /** Index of the number of parts that are not finished. */
  pending: 16,
  /** Index of the number of workers that sleep. */
  sleeping: 32,
  /** Index of a flag: a part ended with an error. */
  failed: 48,
  /** Index of which argument is scratch memory, of which each thread has its own; negative for none. */
  scratchArgument: 49,
  /** Index of the bytes of scratch memory of one thread. */
  scratchBytes: 50,
  /** Bytes before the parts. */
  headerBytes: 256,
  /** Doubles that one part takes: the function, how many arguments, the arguments. */
  partLength: 20,
  /** The most parts of one job. */
  mostParts: 128,
} as const;

/** What a worker is given. @internal */
export interface WorkerData {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  /** Its number; the main thread is 0. */
  readonly thread: number;
  /** How often it looks for work before it sleeps. */
  readonly spins: number;
}

/**
 * The code of a worker: a JavaScript function of {@link WorkerData} and of a function that tells it is ready.
 *
 * Text, because a worker has to be made from something that no bundler has taken apart. It takes parts until there are
 * none, looks for more for a moment, and sleeps. Everything it knows of a part it reads after taking it, and the main
 * thread writes the next job only when all parts taken are finished.
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

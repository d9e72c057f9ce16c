import { stopwatch } from '../../core/stopwatch.ts';

/**
 * An operation that ran on the cpu backend's JavaScript.
 *
 * @example The mean time of each operation without its own kernel
 * ```ts
 * tf.cumsum([1, 2, 3]).dispose();
 * const ops: readonly InheritedOp[] = wasmTrain().report().inherited;
 * for (const { name, count, milliseconds } of ops) console.log(name, milliseconds / count);
 * ```
 */
export interface InheritedOp {
  /** TensorFlow.js's name of the kernel. */
  readonly name: string;
  /** How often it ran. */
  readonly count: number;
  /** Total time in milliseconds. */
  readonly milliseconds: number;
}

/** Kernels that touch no values: they only add a reference to existing ones. */
const free: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'Complex', 'Real', 'Imag']);

/**
 * Counts and times the operations that run on inherited kernels, by name. Each costs two clock
 * reads: about 0.1 µs, compared with the tens of microseconds that tfjs itself needs.
 *
 * @internal
 */
export class InheritedOps {
  readonly #ops = new Map<string, { count: number; milliseconds: number }>();

  /** Runs an inherited kernel, and counts it even if it fails. */
  run<Result>(name: string, kernel: () => Result): Result {
    if (free.has(name)) return kernel();
    const seconds = stopwatch();
    try {
      return kernel();
    } finally {
      const op = this.#ops.get(name) ?? { count: 0, milliseconds: 0 };
      op.count += 1;
      op.milliseconds += seconds() * 1000;
      this.#ops.set(name, op);
    }
  }

  /** The operations that ran so far, longest total time first. */
  list(): InheritedOp[] {
    return [...this.#ops]
      .map(([name, op]) => ({ name, ...op }))
      .sort((a, b) => b.milliseconds - a.milliseconds);
  }
}

import type * as tf from '@tensorflow/tfjs';
import { ownKernel } from '../register-kernels.ts';
import type { KernelHost } from '../wasm-kernel.ts';
import type { RunKernel } from './planned-layer.ts';

/**
 * Runs kernels without TensorFlow.js around them, and frees their results.
 *
 * @internal
 */
export class KernelArena {
  readonly #backend: KernelHost;
  readonly #made = new Set<tf.TensorInfo>();

  constructor(backend: KernelHost) {
    this.#backend = backend;
  }

  /** Runs a kernel; the arena owns its results. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- infers a type
  readonly run: RunKernel = <Result>(
    kernelName: string,
    inputs: Readonly<Record<string, tf.TensorInfo>>,
    attributes: object = {},
  ): Result => {
    const result = this.#backend.compute(ownKernel(kernelName), inputs, attributes);
    for (const info of Array.isArray(result) ? result : [result]) this.#made.add(info);
    return result as Result;
  };

  /** Calls a function, and frees what is left after it, even if it throws. */
  use<T>(action: (arena: this) => T): T {
    try {
      return action(this);
    } finally {
      this.sweep([]);
    }
  }

  /** Frees all results except these. */
  sweep(kept: readonly tf.TensorInfo[]): void {
    for (const info of this.#made) {
      if (kept.includes(info)) continue;
      this.#made.delete(info);
      this.#backend.disposeData(info.dataId);
    }
  }
}

import * as tf from '@tensorflow/tfjs';
import { replaceKernelCalls } from '../../tfjs-internals/kernel-calls.ts';
import { kinkFinder, type Kinked } from './kinked-kernels.ts';

/** One call of a kernel, and the side of its kinks that it was on, if it has some. */
interface Call {
  readonly kernelName: string;
  readonly side?: { readonly kinked: Kinked; readonly seen: tf.Tensor };
}

/**
 * Computes a function near a point as if it had no kinks: each operation that has some stays on the side that it was on
 * at the point. Value and slopes are the same there, but central differences see no jump between two sides.
 *
 * In a wide network some unit always has its kink within a step, however small, and the jumps of many units add up.
 *
 * @internal
 */
export class HeldKinks {
  readonly #kinksOf = kinkFinder();
  readonly #calls: Call[] = [];

  /** Runs the function at the point and remembers the sides. */
  remember<T>(run: () => T): T {
    return replaceKernelCalls((kernelName, inputs, attributes, call) => {
      const output = call(inputs);
      const kinked = this.#kinksOf(kernelName, output);
      if (kinked === undefined) {
        this.#calls.push({ kernelName });
      } else {
        const seen = tf.keep(tf.tidy(() => kinked.remember(inputs, attributes, output)));
        this.#calls.push({ kernelName, side: { kinked, seen } });
      }
      return output;
    }, run);
  }

  /** Runs the same function, nearby, on these sides. */
  hold<T>(run: () => T): T {
    let place = 0;
    return replaceKernelCalls((kernelName, inputs, attributes, call) => {
      const remembered = this.#calls[place++];
      // A function that takes another way here has no sides to stay on.
      if (remembered?.side === undefined || remembered.kernelName !== kernelName) {
        return call(inputs);
      }
      const { kinked, seen } = remembered.side;
      return kinked.replay(inputs, attributes, seen, (others) => call(others) as tf.Tensor);
    }, run);
  }

  dispose(): void {
    tf.dispose(this.#calls.map(({ side }) => side?.seen ?? []));
  }
}

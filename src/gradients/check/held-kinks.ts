import * as tf from '@tensorflow/tfjs';
import { replaceKernelCalls } from '../../tfjs-internals/kernel-calls.ts';
import { kinkFinder, type Kinked } from './kinked-kernels.ts';

/** One call of a kernel, and the branch of its kinks, if it has any. */
interface Call {
  readonly kernelName: string;
  readonly side?: { readonly kinked: Kinked; readonly seen: tf.Tensor };
}

/**
 * Evaluates a function near a point without its kinks: each operation that has kinks keeps the
 * branch it took at the point. Value and gradient at the point are the same, but central
 * differences do not cross a kink.
 *
 * In a wide network some unit has a kink within any step, however small, and the errors of many
 * units add up.
 *
 * @internal
 */
export class HeldKinks {
  readonly #kinksOf = kinkFinder();
  readonly #calls: Call[] = [];

  /** Runs the function at the point and records the branches. */
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

  /** Runs the same function at a nearby point with these branches. */
  hold<T>(run: () => T): T {
    let place = 0;
    return replaceKernelCalls((kernelName, inputs, attributes, call) => {
      const remembered = this.#calls[place++];
      // A function that calls other kernels here has no branches to keep.
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

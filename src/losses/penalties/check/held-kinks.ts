import * as tf from '@tensorflow/tfjs';
import { type Kinked, kinksOf } from './kinked-kernels.ts';
import { watchEngine } from './watched-engine.ts';

/** One call of a kernel on the way, and the side of its kinks that it was on, where it has some. */
interface Call {
  readonly kernelName: string;
  readonly side?: { readonly kinked: Kinked; readonly seen: tf.Tensor };
}

/**
 * Lets a function be computed near a point as if it had no kinks: each operation that has some stays on the side where
 * it was at the point. There, value and slopes are the same; but central differences see no jump between two sides.
 *
 * In a wide network some unit always has its kink within a step, however small, and the jumps of many units add up.
 *
 * @internal
 */
export class HeldKinks {
  readonly #calls: Call[] = [];

  /** Runs the function at the point and remembers the sides. */
  remember<T>(run: () => T): T {
    return watchEngine(
      {
        kernel: (kernelName, inputs, attributes = {}, call) => {
          const output = call(inputs);
          const kinked = kinksOf(kernelName, output);
          if (kinked === undefined) {
            this.#calls.push({ kernelName });
          } else {
            const seen = tf.tidy(() => kinked.remember(inputs, attributes, output));
            this.#calls.push({ kernelName, side: { kinked, seen: tf.keep(seen) } });
          }
          return output;
        },
      },
      run,
    );
  }

  /** Runs the same function, nearby, on these sides. */
  hold<T>(run: () => T): T {
    let place = 0;
    return watchEngine(
      {
        kernel: (kernelName, inputs, attributes = {}, call) => {
          const remembered = this.#calls[place];
          place += 1;
          // A function that takes another way here has no sides to stay on.
          if (remembered?.side === undefined || remembered.kernelName !== kernelName) {
            return call(inputs);
          }
          const { kinked, seen } = remembered.side;
          return kinked.replay(inputs, attributes, seen, () => call(inputs) as tf.Tensor);
        },
      },
      run,
    );
  }

  dispose(): void {
    tf.dispose(this.#calls.map(({ side }) => side?.seen ?? []));
  }
}

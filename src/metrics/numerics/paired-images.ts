import * as tf from '@tensorflow/tfjs';
import { checkSameShape } from '../../core/checks.ts';
import { formatShape } from '../../core/format.ts';

/** Images that are compared at once, to bound the memory. */
const imagesAtOnce = 64;

/**
 * The mean over images of a number that tells how far each is from its partner.
 *
 * @param action - What is done, for errors.
 * @param compare - One number for each of some pairs, `[count]`; it must be NaN if a pixel is not
 *   finite.
 * @throws RangeError if the shapes differ or are not those of images, or a pixel is not finite.
 *
 * @internal
 */
export async function meanOverPairs(
  action: string,
  [first, second]: readonly [tf.Tensor4D, tf.Tensor4D],
  compare: (x: tf.Tensor4D, y: tf.Tensor4D) => tf.Tensor,
): Promise<number> {
  checkSameShape(action, 'first and second', first.shape, second.shape);
  const [count] = first.shape;
  if (first.shape.length !== 4 || count === 0) {
    throw new RangeError(
      `Cannot ${action}: images must have the shape [batch, height, width, channels], got ${formatShape(first.shape)}`,
    );
  }
  let sum = 0;
  for (let from = 0; from < count; from += imagesAtOnce) {
    const size = Math.min(imagesAtOnce, count - from);
    const values = tf.tidy(() => {
      const [x, y] = [first, second].map((images) => tf.slice(images, from, size));
      return compare(x!, y!);
    });
    const numbers = await values.data();
    values.dispose();
    const wrong = numbers.findIndex(Number.isNaN);
    if (wrong >= 0) {
      throw new RangeError(
        `Cannot ${action}: images must hold finite numbers, got others in image ${from + wrong}`,
      );
    }
    for (const value of numbers) sum += value;
  }
  return sum / count;
}

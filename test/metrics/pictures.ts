import * as tf from '@tensorflow/tfjs';

/** The pictures of `make_metrics.py`. */
export function pictures(shape: readonly number[]): [tf.Tensor4D, tf.Tensor4D] {
  const [count, height, width, channels] = shape as [number, number, number, number];
  const [first, second]: [number[], number[]] = [[], []];
  for (let b = 0; b < count; b += 1)
    for (let h = 0; h < height; h += 1)
      for (let w = 0; w < width; w += 1)
        for (let c = 0; c < channels; c += 1) {
          const value = Math.sin(h * 0.3 + b) * Math.cos(w * 0.5 * (c + 1));
          first.push(value);
          second.push(0.8 * value + 0.2 * Math.sin(h * w * 0.7 + b));
        }
  const size: [number, number, number, number] = [count, height, width, channels];
  return [tf.tensor4d(first, size), tf.tensor4d(second, size)];
}

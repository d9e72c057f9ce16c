import * as tf from '@tensorflow/tfjs';

/** The shape of {@link pictureFor}. */
export const pictureShape = [16, 16, 1] as const;

/** The picture that saved networks are given, in Node and in the page; the caller disposes it. */
export function pictureFor(): tf.Tensor3D {
  const values = Float32Array.from({ length: 256 }, (_, i) => Math.sin(i / 3) * Math.cos(i / 40));
  return tf.tensor3d(values, [...pictureShape]);
}

/** Its hole: a box; the caller disposes it. */
export function holeFor(): tf.Tensor3D {
  const isIn = (side: number): boolean => side >= 5 && side < 12;
  const values = Float32Array.from({ length: 256 }, (_, i) =>
    isIn(i % 16) && isIn(Math.floor(i / 16)) ? 1 : 0,
  );
  return tf.tensor3d(values, [...pictureShape]);
}

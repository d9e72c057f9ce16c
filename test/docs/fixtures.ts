import * as tf from '@tensorflow/tfjs';
import { createDcgan, datasetFromTensor, type Dataset, type Game, type Gan } from 'tfjs-gan';

/**
 * What examples may use without making it. Each name here that an example uses and does not declare is made for it,
 * small enough to train in a moment; all fit each other.
 */

const imageShape = [8, 8, 1] as const;

export function gan(): Gan {
  return createDcgan({ imageShape, latentSize: 8, baseFilters: 4, seed: 1 });
}

export function generator(): Gan['generator'] {
  return gan().generator;
}

export function discriminator(): Gan['discriminator'] {
  return gan().discriminator;
}

export function trainer(): Gan['trainer'] {
  return gan().trainer;
}

export function game(): Game {
  return trainer().game;
}

export async function dataset(): Promise<Dataset> {
  return datasetFromTensor(images());
}

/** Images in −1…1. */
export function images(): tf.Tensor4D {
  return tf.randomUniform([128, ...imageShape], -1, 1, 'float32', 1);
}

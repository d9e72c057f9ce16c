import * as tf from '@tensorflow/tfjs';
import {
  type Batch,
  createDcgan,
  type CreateDcganOptions,
  type Dataset,
  type Gan,
  type Loss,
  type StepInfo,
} from 'tfjs-gan';

/** Reads what a Gan's networks consist of, in order. */
export function weightsOf(gan: Pick<Gan, 'generator' | 'discriminator'>): number[][] {
  return [gan.generator.model, gan.discriminator.model].flatMap((model) =>
    model.weights.map((weight) => [...weight.read().dataSync()]),
  );
}

/** A DCGAN that trains a step in milliseconds. */
export function tinyDcgan(options: Partial<CreateDcganOptions> = {}): Gan {
  return createDcgan({
    imageShape: [8, 8, 1],
    baseFilters: 2,
    latentSize: 4,
    kernelSize: 3,
    ...options,
  });
}

/** Images of smooth blobs in −1…1, the same each time; batch k of a pass depends on seed and k alone. */
export function blobs(size = 40, sampleShape: readonly number[] = [8, 8, 1]): Dataset {
  const length = sampleShape.reduce((a, b) => a * b, 1);
  const sample = (index: number): number[] =>
    Array.from({ length }, (_, i) => Math.sin(index * 0.7 + i * (1 + (index % 3)) * 0.3));
  return {
    name: 'blobs',
    size,
    sampleShape,
    async *batches({ batchSize, seed = 0, firstBatch = 0 }): AsyncGenerator<Batch> {
      for (let batch = firstBatch; (batch + 1) * batchSize <= size; batch += 1) {
        const rows = Array.from({ length: batchSize }, (_, i) =>
          sample((seed + batch * batchSize + i) % 997),
        );
        yield await Promise.resolve({
          samples: tf.tensor(rows.flat(), [batchSize, ...sampleShape]),
        });
      }
    },
  };
}

/** A linear game whose every number has a closed form. */
export const linearLoss: Loss = {
  name: 'linear',
  discriminator: (real, fake) => tf.tidy(() => tf.sub(tf.mean(fake), tf.mean(real)).asScalar()),
  generator: (fake) => tf.tidy(() => tf.neg(tf.mean(fake)).asScalar()),
};

/** Steps without the times they took: all that the seed decides. */
export function timeless(steps: readonly StepInfo[]): object[] {
  return steps.map(({ seconds: _, partSeconds: _parts, ...step }) => step);
}

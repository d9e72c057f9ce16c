import * as tf from '@tensorflow/tfjs';
import type { Dataset } from 'tfjs-gan';

/** Trains a classifier that outputs logits by cross-entropy, with `steps` batches of 64 images. */
export async function fitClassifier(
  model: tf.LayersModel,
  dataset: Dataset,
  { classes, steps }: { readonly classes: number; readonly steps: number },
): Promise<void> {
  const optimizer = tf.train.adam(1e-3);
  let step = 0;
  for (let epoch = 0; step < steps; epoch += 1) {
    for await (const batch of dataset.batches({ batchSize: 64, seed: epoch })) {
      if (step < steps) {
        optimizer.minimize(() => {
          const logits = model.apply(batch.samples, { training: true }) as tf.Tensor;
          return tf.losses
            .softmaxCrossEntropy(tf.oneHot(batch.labels!, classes), logits)
            .asScalar();
        });
      }
      step += 1;
      tf.dispose({ ...batch });
    }
  }
  optimizer.dispose();
}

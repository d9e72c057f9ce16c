import * as tf from '@tensorflow/tfjs';
import { datasetFromArray } from 'tfjs-gan';
import { type FeatureExtractor, featureExtractor } from 'tfjs-gan/metrics';
import { fitClassifier } from '../../examples/shared/fit-classifier.ts';

/**
 * Trains a small classifier of square pictures in color, whose layer before the logits are features to compare pictures by.
 *
 * @param name - Of the features in reports.
 */
export async function trainClassifier(
  name: string,
  {
    pictures,
    labels,
    side,
    steps,
  }: {
    /** Bytes, `[count, side, side, 3]`. */
    readonly pictures: Uint8Array;
    readonly labels: readonly number[];
    readonly side: number;
    /** Of 64 pictures. */
    readonly steps: number;
  },
): Promise<FeatureExtractor> {
  const layer = (filters: number, seed: number, inputShape?: number[]): tf.layers.Layer =>
    tf.layers.conv2d({
      filters,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: tf.initializers.heNormal({ seed }),
      ...(inputShape && { inputShape }),
    });
  const classes = Math.max(...labels) + 1;
  const dense = (units: number, name: string, seed: number): tf.layers.Layer =>
    tf.layers.dense({ units, name, kernelInitializer: tf.initializers.heNormal({ seed }) });
  const model = tf.sequential({
    layers: [
      ...[layer(32, 1, [side, side, 3]), layer(64, 2), layer(128, 3), tf.layers.flatten()],
      ...[dense(64, 'features', 4), tf.layers.reLU(), dense(classes, 'logits', 5)],
    ],
  });
  const data = datasetFromArray(pictures, {
    sampleShape: [side, side, 3],
    name,
    classes,
    labels,
  });
  await fitClassifier(model, data, { classes, steps });
  return featureExtractor(model, { name, layer: 'features', logits: 'logits' });
}

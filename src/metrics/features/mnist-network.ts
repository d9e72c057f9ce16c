import * as tf from '@tensorflow/tfjs';

/** Weights of one layer: factors and offsets. @internal */
export interface LayerWeights {
  readonly kernel: tf.Tensor;
  readonly bias: tf.Tensor;
}

/** A layer of the digit classifier; the stride is that of a convolution. @internal */
export interface MnistLayer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly stride: number;
}

/** The layers, in order. @internal */
export const mnistLayers: readonly MnistLayer[] = [
  { name: 'conv1', shape: [3, 3, 1, 16], stride: 1 },
  { name: 'conv2', shape: [3, 3, 16, 32], stride: 2 },
  { name: 'conv3', shape: [3, 3, 32, 64], stride: 2 },
  { name: 'conv4', shape: [3, 3, 64, 64], stride: 2 },
  { name: 'features', shape: [1024, 64], stride: 1 },
  { name: 'logits', shape: [64, 10], stride: 1 },
];

/**
 * The digit classifier: four convolutions, a dense layer whose outputs are the features, and one
 * logit for each digit.
 *
 * Training and evaluation use this function.
 *
 * @internal
 */
export function mnistNetwork(
  images: tf.Tensor4D,
  weights: readonly LayerWeights[],
): { features: tf.Tensor2D; logits: tf.Tensor2D } {
  const convolutions = mnistLayers.filter(({ shape }) => shape.length === 4);
  let maps = images;
  convolutions.forEach(({ stride }, index) => {
    // [28, 28, 1] → [28, 28, 16] → [14, 14, 32] → [7, 7, 64] → [4, 4, 64]
    const { kernel, bias } = weights[index]!;
    maps = tf.fused.conv2d({
      x: maps,
      filter: kernel as tf.Tensor4D,
      strides: stride,
      pad: 'same',
      bias,
      activation: 'relu',
    });
  });
  const [hidden, last] = weights.slice(convolutions.length) as [LayerWeights, LayerWeights];
  const features = tf.relu(
    tf.add(tf.matMul(flat(maps), hidden.kernel as tf.Tensor2D), hidden.bias),
  );
  const logits = tf.add(tf.matMul(features as tf.Tensor2D, last.kernel as tf.Tensor2D), last.bias);
  return { features: features as tf.Tensor2D, logits: logits as tf.Tensor2D };
}

function flat(maps: tf.Tensor4D): tf.Tensor2D {
  const [count, ...rest] = maps.shape;
  return tf.reshape(maps, [count, rest.reduce((product, side) => product * side, 1)]);
}

import * as tf from '@tensorflow/tfjs';

/** The output of a layer for a tensor. @internal */
export function pass(layer: tf.layers.Layer, x: tf.SymbolicTensor): tf.SymbolicTensor {
  return layer.apply(x) as tf.SymbolicTensor;
}

/** @internal */
export function relu(x: tf.SymbolicTensor): tf.SymbolicTensor {
  return pass(tf.layers.reLU(), x);
}

import * as tf from '@tensorflow/tfjs';

interface Activation {
  apply(x: tf.Tensor): tf.Tensor;
}

/** An activation of a class derived from ReLU, whose name it has: max(x, 0) + 1. */
export function shiftedRelu(): 'relu' {
  const { activation } = tf.layers.dense({ units: 1, activation: 'relu' }) as unknown as {
    readonly activation: Activation;
  };
  const Relu = activation.constructor as new () => Activation;
  class Shifted extends Relu {
    override apply(x: tf.Tensor): tf.Tensor {
      return tf.add(super.apply(x), 1);
    }
  }
  // TensorFlow.js takes an instance too, which its types do not say.
  return new Shifted() as unknown as 'relu';
}

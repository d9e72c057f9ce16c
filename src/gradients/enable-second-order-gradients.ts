import * as tf from '@tensorflow/tfjs';
import { activationGradients } from './activations.ts';
import { arrangementGradients } from './arrangement.ts';
import { averagePoolingGradients } from './average-pooling.ts';
import { mendBatchNormLayers } from '../tfjs-internals/batch-norm-layers.ts';
import { comparisonGradients } from './comparisons.ts';
import { convolutionGradients } from './convolution.ts';
import { mendCustomGradients } from './custom-gradients.ts';
import { maxPoolingGradients } from './max-pooling.ts';
import { mendMissingScaleAndOffset, normalizationGradients } from './normalization.ts';
import { productGradients } from './products.ts';
import { reductionGradients } from './reductions.ts';
import { resizingGradients } from './resizing.ts';
import { selectionGradients } from './selections.ts';

/** On the engine, so that two copies of this library in one program do not both do it. */
const mark = Symbol.for('tfjs-gan: second-order gradients');

/**
 * Teaches TensorFlow.js to differentiate gradients: right second-order gradients for the operations critics are made
 * of, on every backend.
 *
 * A penalty on a gradient, such as WGAN-GP's, differentiates `∇D(x)` once more, with respect to the weights. Of
 * TensorFlow.js 4.22 alone many operations refuse this (leakyRelu, maxPooling2d, upSampling2d, …), and some answer
 * wrongly without a word (tanh, sigmoid, exp, softmax, …). A `Trainer` calls it as it is made; call it yourself before
 * you differentiate a gradient without one.
 *
 * Gradients are registered for the whole of TensorFlow.js, so it also serves models that this library has no part in.
 * First-order gradients keep their bits. Calling it again does nothing.
 *
 * @example Differentiate a gradient
 * ```ts
 * enableSecondOrderGradients();
 * const slope = (x: tf.Tensor): tf.Tensor => tf.grad((value) => tf.tanh(value))(x);
 * const [bend = 0] = await tf.grad((x) => slope(x))(tf.scalar(0.5)).data();
 * console.log(bend.toFixed(4)); // -0.7269
 * ```
 */
export function enableSecondOrderGradients(): void {
  const engine: ReturnType<typeof tf.engine> & { [mark]?: boolean } = tf.engine();
  if (engine[mark] === true) return;
  engine[mark] = true;
  const gradients = [
    ...activationGradients(),
    ...arrangementGradients(),
    ...averagePoolingGradients(),
    ...comparisonGradients(),
    ...convolutionGradients(),
    ...maxPoolingGradients(),
    ...normalizationGradients(),
    ...productGradients(),
    ...reductionGradients(),
    ...resizingGradients(),
    ...selectionGradients(),
  ];
  for (const gradient of gradients) {
    // Registering over a gradient warns in debug mode.
    if (hasGradient(gradient.kernelName)) tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
  mendCustomGradients();
  mendMissingScaleAndOffset();
  mendBatchNormLayers();
}

function hasGradient(kernelName: string): boolean {
  return (tf.getGradient(kernelName) as tf.GradConfig | undefined) !== undefined;
}

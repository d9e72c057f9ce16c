import * as tf from '@tensorflow/tfjs';
import { activationGradients } from './activations.ts';
import { arrangementGradients } from './arrangement.ts';
import { averagePoolingGradients } from './average-pooling.ts';
import { fixBatchNormLayers } from '../tfjs-internals/batch-norm-layers.ts';
import { comparisonGradients } from './comparisons.ts';
import { convolutionGradients } from './convolution.ts';
import { fixCustomGradients } from './custom-gradients.ts';
import { maxPoolingGradients } from './max-pooling.ts';
import { fixMissingScaleAndOffset, normalizationGradients } from './normalization.ts';
import { productGradients } from './products.ts';
import { reductionGradients } from './reductions.ts';
import { resizingGradients } from './resizing.ts';
import { selectionGradients } from './selections.ts';

/**
 * A property of the engine, so that two copies of this library in one program do not both register.
 */
const mark = Symbol.for('tfjs-gan: second-order gradients');

/**
 * Enables second-order gradients in TensorFlow.js: correct ones, for the operations of critics, on
 * every backend.
 *
 * A penalty on a gradient, such as WGAN-GP's, differentiates `∇D(x)` a second time, with respect to
 * the weights. TensorFlow.js 4.22 alone refuses this for many operations (leakyRelu, maxPooling2d,
 * upSampling2d, …) and silently returns wrong results for others (tanh, sigmoid, exp, softmax, …).
 * The constructor of `Trainer` calls it; call it yourself before you differentiate a gradient
 * without a trainer.
 *
 * Gradients are registered globally in TensorFlow.js, so they also apply to models outside this
 * library. First-order gradients do not change, bit-for-bit. Calling it again has no effect.
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
    // tfjs warns in debug mode if a gradient is replaced.
    if (hasGradient(gradient.kernelName)) tf.unregisterGradient(gradient.kernelName);
    tf.registerGradient(gradient);
  }
  fixCustomGradients();
  fixMissingScaleAndOffset();
  fixBatchNormLayers();
}

function hasGradient(kernelName: string): boolean {
  return (tf.getGradient(kernelName) as tf.GradConfig | undefined) !== undefined;
}

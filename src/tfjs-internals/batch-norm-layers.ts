import * as tf from '@tensorflow/tfjs';

/** The fields of tfjs's batch norm layer that are used here. */
interface BatchNormLayer extends tf.layers.Layer {
  readonly gamma?: tf.LayerVariable | null;
  readonly beta?: tf.LayerVariable | null;
}

/**
 * Lets batch norm layers without a scale or an offset be trained, including existing ones.
 *
 * In training tfjs reads both weights, even if the layer does not have them, and fails on the
 * missing one before any operation runs, so registering a gradient does not help. Here it reads
 * undefined instead, which the operation accepts.
 *
 * @internal
 */
export function fixBatchNormLayers(): void {
  const prototype = Object.getPrototypeOf(tf.layers.batchNormalization({})) as BatchNormLayer;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the layer as `this`
  const original = prototype.call;
  prototype.call = function (this: BatchNormLayer, inputs, kwargs) {
    const { gamma, beta } = this;
    if (kwargs['training'] !== true || (gamma && beta)) return original.call(this, inputs, kwargs);
    const nothing = { read: () => undefined };
    const whole = Object.create(this, {
      gamma: { value: gamma ?? nothing },
      beta: { value: beta ?? nothing },
    }) as BatchNormLayer;
    return original.call(whole, inputs, kwargs);
  };
}

import * as tf from '@tensorflow/tfjs';

/** What tfjs's batch norm layer has, as far as it is read here. */
interface BatchNormLayer extends tf.layers.Layer {
  readonly gamma?: tf.LayerVariable | null;
  readonly beta?: tf.LayerVariable | null;
}

/**
 * Lets batch norm layers without a scale or an offset be trained, those made already too.
 *
 * In training tfjs reads both weights, whether the layer has them or not, and fails on the one that is missing: before
 * any operation runs, so that no gradient helps. What it reads instead is nothing, which the operation itself takes.
 *
 * @internal
 */
export function mendBatchNormLayers(): void {
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

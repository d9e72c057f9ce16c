import * as tf from '@tensorflow/tfjs';
import { settingsOf } from './registration.ts';

/**
 * Base class of layers, created from TensorFlow.js's own class by a function call.
 *
 * A bundler can remove the unused call. It cannot remove a class that extends `tf.layers.Layer`
 * directly, because reading that property may have side effects: every page that imports this
 * library would include the layer.
 *
 * @internal
 */
export const BaseLayer: typeof tf.layers.Layer = /* @__PURE__ */ ((): typeof tf.layers.Layer =>
  class extends tf.layers.Layer {
    /**
     * Creates an equal layer from the config of another one, without weights; TensorFlow.js calls
     * it when it loads a model.
     */
    static override fromConfig<T extends tf.serialization.Serializable>(
      layerClass: tf.serialization.SerializableConstructor<T>,
      config: tf.serialization.ConfigDict,
    ): T {
      return new layerClass(settingsOf(config));
    }
  })();

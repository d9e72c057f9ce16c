import * as tf from '@tensorflow/tfjs';
import { settingsOf } from './registration.ts';

/**
 * The class that layers extend, made by the config of another layer.
 *
 * It is made by a function that a bundler may leave out. To read a property may do anything, for all that it knows, so a class
 * that extends `tf.layers.Layer` as it is would be in every page that imports this library, used or not.
 *
 * @internal
 */
export const BaseLayer: typeof tf.layers.Layer = /* @__PURE__ */ ((): typeof tf.layers.Layer =>
  class extends tf.layers.Layer {
    /** Makes an equal layer of the config of another, without weights yet; TensorFlow.js calls it to read a model. */
    static override fromConfig<T extends tf.serialization.Serializable>(
      layerClass: tf.serialization.SerializableConstructor<T>,
      config: tf.serialization.ConfigDict,
    ): T {
      return new layerClass(settingsOf(config));
    }
  })();

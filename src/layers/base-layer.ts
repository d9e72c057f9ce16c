import * as tf from '@tensorflow/tfjs';

/**
 * The class that layers extend. To read a property may do anything, for all that a bundler knows, so a class that extends
 * `tf.layers.Layer` as it is would be in every page that imports this library, used or not.
 *
 * @internal
 */
export const BaseLayer: typeof tf.layers.Layer = /* @__PURE__ */ ((): typeof tf.layers.Layer =>
  tf.layers.Layer)();

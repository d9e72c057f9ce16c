import * as tf from '@tensorflow/tfjs';

/** Creates a model from its config; without initializers, if `fastWeightInit` is set. */
type FromConfig = (
  layerClass: unknown,
  config: object,
  customObjects: object,
  fastWeightInit: boolean,
) => tf.LayersModel;

/**
 * The class that TensorFlow.js uses for a name in a saved model, and its factory; `undefined` for
 * unknown names.
 *
 * Its registry has a public function to add a class, but none to look one up.
 *
 * @internal
 */
export function registeredClass(
  className: string,
): readonly [layerClass: unknown, fromConfig: FromConfig] | undefined {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  return classNameMap[className] as unknown as readonly [unknown, FromConfig] | undefined;
}

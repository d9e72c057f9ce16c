import * as tf from '@tensorflow/tfjs';

/** Makes a model from its config; without initializers, if `fastWeightInit`. */
type FromConfig = (
  layerClass: unknown,
  config: object,
  customObjects: object,
  fastWeightInit: boolean,
) => tf.LayersModel;

/**
 * The class that TensorFlow.js makes layers of when it reads a name, and how; `undefined` for a name it does not know.
 *
 * Its registry has a public function to put a class in, and none to look one up.
 *
 * @internal
 */
export function registeredClass(
  className: string,
): readonly [layerClass: unknown, fromConfig: FromConfig] | undefined {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  return classNameMap[className] as unknown as readonly [unknown, FromConfig] | undefined;
}

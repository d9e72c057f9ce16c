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

type AddWeight = (
  this: tf.layers.Layer,
  ...given: [name: string, shape: number[], ...rest: unknown[]]
) => tf.LayerVariable;

/**
 * Runs a function that builds layers, and throws before the memory of a weight is taken that would
 * make all of them far more than a file has: TensorFlow.js has no such point of its own.
 *
 * @param numbers - How many numbers the weights of the file have. Layers may have twice as many and
 * 4 MiB more, so that a small mistake gets the error that names its weight.
 * @param build - Builds the layers before it returns, so that nothing else runs meanwhile.
 *
 * @internal
 */
export function limitingWeights<T>(numbers: number, build: () => T): T {
  // Protected, as only layers call it.
  const prototype = tf.layers.Layer.prototype as unknown as { addWeight: AddWeight };
  const { addWeight } = prototype;
  let count = 0;
  prototype.addWeight = function (this: tf.layers.Layer, ...given) {
    count += tf.util.sizeFromShape(given[1]);
    if (count > 2 * numbers + 2 ** 20) {
      throw new Error(`weights of ${count} numbers or more, of which its files have ${numbers}`);
    }
    return addWeight.apply(this, given);
  };
  try {
    return build();
  } finally {
    prototype.addWeight = addWeight;
  }
}

/**
 * The class name of a layer or an activation of TensorFlow.js; `undefined` for one of another
 * class, also of a derived one, which inherits the name.
 *
 * @internal
 */
export function stockName(part: { getClassName(): string }): string | undefined {
  const name = part.getClassName();
  return registeredClass(name)?.[0] === part.constructor ? name : undefined;
}

/**
 * Whether a model is of a class of TensorFlow.js: a derived one may compute something else.
 *
 * @internal
 */
export function isStockModel(model: tf.LayersModel): boolean {
  const prototype: unknown = Object.getPrototypeOf(model);
  return prototype === tf.Sequential.prototype || prototype === tf.LayersModel.prototype;
}

/**
 * Whether the `call` of a layer is replaced, or somebody listens to it by `setCallHook`.
 *
 * @internal
 */
export function isTapped(layer: tf.layers.Layer): boolean {
  const { _callHook } = layer as unknown as { readonly _callHook: unknown };
  return Object.hasOwn(layer, 'call') || _callHook !== null;
}

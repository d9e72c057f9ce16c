import * as tf from '@tensorflow/tfjs';
import { registeredClass } from '../tfjs-internals/layer-classes.ts';

/** A layer class with a name that minifiers do not change. */
type NamedClass = Parameters<typeof tf.serialization.registerClass>[0] & {
  readonly className: string;
};

/**
 * Registers a layer class, so that TensorFlow.js can load models with it.
 *
 * Constructors of layers call it, and the loader of models calls it for all layers of this library.
 * Importing a class does not: package.json declares imports free of side effects, so bundlers may
 * remove them. A class that is already registered under the name is kept: it is the program's own,
 * or this one in another copy of this library.
 *
 * @internal
 */
export function registerLayer(layerClass: NamedClass): void {
  if (registeredClass(layerClass.className) !== undefined) return;
  tf.serialization.registerClass(layerClass);
}

/**
 * The settings of a config that TensorFlow.js read, without the entry it adds, which would count as
 * an unknown option.
 *
 * @internal
 */
export function settingsOf(config: tf.serialization.ConfigDict): tf.serialization.ConfigDict {
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'customObjects'));
}

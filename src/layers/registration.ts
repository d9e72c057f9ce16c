import * as tf from '@tensorflow/tfjs';
import { registeredClass } from '../tfjs-internals/layer-classes.ts';

/** A class of layers that knows its name, whatever a minifier calls it. */
type NamedClass = Parameters<typeof tf.serialization.registerClass>[0] & {
  readonly className: string;
};

/**
 * Lets TensorFlow.js make layers of a class when it reads a model that names it.
 *
 * A layer calls it as it is made, and the loader of models calls it for all layers of this library. The import of a class
 * does not: package.json promises bundlers that imports have no side effects, so they might leave it out.
 * A class that has the name already stays: it is the program's own, or this one in another copy of this library.
 *
 * @internal
 */
export function registerLayer(layerClass: NamedClass): void {
  if (registeredClass(layerClass.className) !== undefined) return;
  tf.serialization.registerClass(layerClass);
}

/**
 * The settings in a config that TensorFlow.js read: it adds an entry of its own, which would count as an unknown option.
 *
 * @internal
 */
export function settingsOf(config: tf.serialization.ConfigDict): tf.serialization.ConfigDict {
  return Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'customObjects'));
}

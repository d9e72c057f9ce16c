import * as tf from '@tensorflow/tfjs';
import { deriveSeed } from '../core/random.ts';

/** What each layer of TensorFlow.js can be given, as far as it means something for one with two inputs. @internal */
export interface LayerSettings {
  readonly name?: string | undefined;
  readonly trainable?: boolean | undefined;
}

/** Names of {@link LayerSettings}. @internal */
export const layerSettings: readonly string[] = ['name', 'trainable'];

/** They, as the constructor of a layer takes them. @internal */
export function layerArguments({ name, trainable }: LayerSettings): {
  name?: string;
  trainable?: boolean;
} {
  return {
    ...(name !== undefined && { name }),
    ...(trainable !== undefined && { trainable }),
  };
}

/**
 * Glorot's uniform distribution for one weight of a layer: its own numbers of the layer's seed, or new ones each time.
 *
 * @internal
 */
export function glorotUniform(
  seed: number | undefined,
  weight: string,
): ReturnType<typeof tf.initializers.glorotUniform> {
  if (seed === undefined) return tf.initializers.glorotUniform({});
  // A seed of 0 would count as none and fall back to Math.random.
  return tf.initializers.glorotUniform({ seed: deriveSeed(seed, weight) || 1 });
}

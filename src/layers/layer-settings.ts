import * as tf from '@tensorflow/tfjs';
import { layerSeed } from '../core/random.ts';

/** Settings of every TensorFlow.js layer that apply to a layer with two inputs. @internal */
export interface LayerSettings {
  readonly name?: string | undefined;
  readonly trainable?: boolean | undefined;
}

/** Names of {@link LayerSettings}. @internal */
export const layerSettings: readonly string[] = ['name', 'trainable'];

/** The settings in the form that the constructor of a layer expects. @internal */
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
 * Glorot's uniform distribution for one weight of a layer: seeded by the layer's seed and the
 * weight, or unseeded.
 *
 * @internal
 */
export function glorotUniform(
  seed: number | undefined,
  weight: string,
): ReturnType<typeof tf.initializers.glorotUniform> {
  if (seed === undefined) return tf.initializers.glorotUniform({});
  return tf.initializers.glorotUniform({ seed: layerSeed(seed, weight) });
}

import type * as tf from '@tensorflow/tfjs';

/**
 * Whether `model.dispose()` was called as often as the model is used; TensorFlow.js counts this in
 * a private field.
 *
 * @internal
 */
export function isReleased(model: tf.LayersModel): boolean {
  return (model as unknown as { readonly _refCount: number | null })._refCount === 0;
}

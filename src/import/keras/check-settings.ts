import type * as tf from '@tensorflow/tfjs';
import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';
import type { KerasPart } from './keras-topology.ts';

/** Settings that change nothing in a trained layer, whatever their value. */
const idle: ReadonlySet<string> = new Set([
  ...['name', 'dtype', 'trainable', 'seed', 'batch_input_shape', 'input_shape', 'shared_object_id'],
  ...['implementation', 'unroll', 'use_cudnn', 'renorm_momentum', 'depth_multiplier'],
]);

/** The value with which a setting that TensorFlow.js does not have may be left out. */
const neutral: Readonly<Record<string, unknown>> = {
  data_format: 'channels_last',
  groups: 1,
  negative_slope: 0,
  threshold: 0,
};

/**
 * Refuses settings of a layer that TensorFlow.js would ignore or compute differently: it reads any
 * setting without a word.
 *
 * @param layer - The layer that TensorFlow.js built.
 * @param part - What it was built from.
 * @param file - Name of the file in messages.
 *
 * @internal
 */
export function checkSettings(
  layer: tf.layers.Layer,
  { class_name: kind, config }: KerasPart,
  { file, isKeras3 }: { readonly file: string; readonly isKeras3: boolean },
): void {
  const refuse = (what: string, cure = ''): DataFormatError =>
    new DataFormatError(
      'Keras',
      `Cannot read ${file}: the layer '${layer.name}' (${kind}) must have ${what}${cure}`,
    );
  const known = new Set(Object.keys(layer.getConfig()).map(snakeCase));
  for (const [key, value] of Object.entries(config)) {
    if (known.has(key) || idle.has(key) || value === null || value === false) continue;
    const isOnes = key === 'dilation_rate' && [value].flat().every((each) => each === 1);
    if (isOnes || value === neutral[key] || (Array.isArray(value) && value.length === 0)) continue;
    throw refuse(`only settings that TensorFlow.js has, got ${key}: ${formatValue(value)}`);
  }
  if (kind === 'UpSampling2D' && config['interpolation'] === 'bilinear') {
    throw refuse(
      "the interpolation 'nearest', got 'bilinear', which TensorFlow.js computes differently",
    );
  }
  if (isKeras3 && config['activation'] === 'hard_sigmoid') {
    throw refuse("another activation than 'hard_sigmoid', which Keras 3 defines differently");
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

import { pairIn } from './layer-config.ts';
import type { PortableLayer } from './portable-layer.ts';

/** What is added to one side of an image before a window moves over it. @internal */
export interface Margin {
  readonly before: number;
  readonly after: number;
}

/**
 * What `padding: 'same'` adds to height and width for a convolution or a pool: as little as gives
 * ⌈size / stride⌉ places, the odd one behind.
 *
 * @internal
 */
export function windowMargins(layer: PortableLayer, window: readonly number[]): readonly Margin[] {
  if (layer.config['padding'] !== 'same') return [none, none];
  const strides = pairIn(layer, 'strides');
  const dilation = 'dilationRate' in layer.config ? pairIn(layer, 'dilationRate') : [1, 1];
  return [0, 1].map((side) => {
    const size = layer.inputShapes[0]![side]!;
    const [stride, reach] = [strides[side]!, (window[side]! - 1) * dilation[side]! + 1];
    const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach - size);
    return { before: Math.floor(total / 2), after: Math.ceil(total / 2) };
  });
}

/** What a transposed convolution drops of one side of its image, or lacks behind. @internal */
export interface Trim extends Margin {
  readonly missing: number;
}

/**
 * What a transposed convolution drops: TensorFlow pads as the convolution from its output would, so
 * the odd one is behind.
 *
 * @internal
 */
export function transposedTrims(layer: PortableLayer, window: readonly number[]): readonly Trim[] {
  const strides = pairIn(layer, 'strides');
  return [0, 1].map((side) => {
    const full = strides[side]! * (layer.inputShapes[0]![side]! - 1) + window[side]!;
    const spare = full - layer.outputShape[side]!;
    const before = layer.config['padding'] === 'same' ? Math.floor(Math.max(0, spare) / 2) : 0;
    return { before, after: Math.max(0, spare) - before, missing: Math.max(0, -spare) };
  });
}

const none: Margin = { before: 0, after: 0 };

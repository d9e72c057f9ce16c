import { pairIn } from '../layer-config.ts';
import type { PortableLayer } from '../portable-layer.ts';
import { type Margin, windowMargins } from '../windows.ts';

/** @internal */
export type WindowAttributes = Readonly<
  Record<'kernel_shape' | 'strides' | 'pads', readonly number[]>
>;

/** What convolutions and pools have in common. @internal */
export function windowAttributes(
  layer: PortableLayer,
  window: readonly number[],
): WindowAttributes {
  const margins = windowMargins(layer, window);
  return { kernel_shape: window, strides: pairIn(layer, 'strides'), pads: pads(margins) };
}

/** All margins before, then all after. @internal */
export function pads(margins: readonly Margin[]): readonly number[] {
  return [...margins.map(({ before }) => before), ...margins.map(({ after }) => after)];
}

/** `Resize` that repeats pixels. @internal */
export const nearest = {
  coordinate_transformation_mode: 'asymmetric',
  mode: 'nearest',
  nearest_mode: 'floor',
} as const;

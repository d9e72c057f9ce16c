import type { PortableLayer } from '../portable-layer.ts';
import type { TorchModule } from './torch-module.ts';

/**
 * Writes a layer type as a Python expression.
 *
 * @param layer - Settings, weights and shapes.
 * @param inputs - Python expressions for its inputs; images (4 axes) are channels first.
 * @param module - Receives its weights.
 * @returns A Python expression for its output.
 *
 * @example A layer that multiplies by a weight of its own
 * ```ts
 * const scale: TorchLayer = ({ outputShape }, [x], module) => {
 *   const value = `nn.Parameter(torch.empty(${outputShape.at(-1)}))`;
 *   return `${x} * ${module.member('scale', value, { '': { role: 'factor' } })}`;
 * };
 * const options: ExportTorchOptions = { layers: { Scale: scale } };
 * ```
 */
export type TorchLayer = (
  layer: PortableLayer,
  inputs: readonly string[],
  module: TorchModule,
) => string;

/** Writers by layer type. @internal */
export type TorchLayers = Readonly<Record<string, TorchLayer>>;

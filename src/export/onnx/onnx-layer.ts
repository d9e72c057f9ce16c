import type { PortableLayer } from '../portable-layer.ts';
import type { OnnxGraph } from './onnx-graph.ts';

/**
 * Writes a layer type as ONNX operators.
 *
 * @param layer - Settings, weights and shapes.
 * @param inputs - Names of its inputs in the graph; images (4 axes) are channels first.
 * @param graph - Receives the operators.
 * @returns Name of its output.
 *
 * @example A layer that multiplies by a weight of its own
 * ```ts
 * const scale: OnnxLayer = (_layer, [x], graph) => graph.op('Mul', [x!, graph.weight('factor')]);
 * const options: ExportOnnxOptions = { layers: { Scale: scale } };
 * ```
 */
export type OnnxLayer = (
  layer: PortableLayer,
  inputs: readonly string[],
  graph: OnnxGraph,
) => string;

/** Writers by layer type. @internal */
export type OnnxLayers = Readonly<Record<string, OnnxLayer>>;

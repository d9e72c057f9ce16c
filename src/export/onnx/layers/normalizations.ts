import type { NamedArray } from '../../../core/named-arrays.ts';
import { numberIn, numbersIn, unsupported } from '../../layer-config.ts';
import { permuted } from '../../permuted.ts';
import type { PortableLayer } from '../../portable-layer.ts';
import { heldAxis } from '../../channels-first.ts';
import { channelsFirst, scalar } from '../channels.ts';
import type { OnnxGraph } from '../onnx-graph.ts';
import type { OnnxLayers } from '../onnx-layer.ts';

/** @internal */
export const onnxNormalizations: OnnxLayers = {
  BatchNormalization: (layer, [x], graph) => {
    const { config, outputShape } = layer;
    const { axis = -1 } = config;
    if (axis !== -1 && axis !== outputShape.length)
      throw unsupported(layer, 'axis', 'the last one');
    return normalizedByStatistics(layer, x!, graph);
  },
  // Its own operator came with opset 17.
  LayerNormalization: (layer, [x], graph) => {
    const rank = layer.outputShape.length + 1;
    const axes = numbersIn(layer, 'axis').map((axis) => (axis < 0 ? axis + rank : axis));
    const held = { axes: axes.map((axis) => heldAxis(axis, layer.outputShape)), keepdims: 1 };
    const centered = graph.op('Sub', [x!, graph.op('ReduceMean', [x!], held)]);
    const variance = graph.op('ReduceMean', [graph.op('Mul', [centered, centered])], held);
    const sum = graph.op('Add', [variance, scalar(graph, numberIn(layer, 'epsilon'))]);
    const normalized = graph.op('Div', [centered, graph.op('Sqrt', [sum])]);
    const scaled = withWeight(layer, 'gamma', axes, (gamma) =>
      graph.op('Mul', [normalized, graph.floats(gamma)]),
    );
    const last = scaled ?? normalized;
    const moved = withWeight(layer, 'beta', axes, (beta) =>
      graph.op('Add', [last, graph.floats(beta)]),
    );
    return moved ?? last;
  },
};

/**
 * Normalizes by moving statistics, then scales by γ and moves by β, as far as the layer has them as
 * vectors.
 *
 * @internal
 */
export function normalizedByStatistics(layer: PortableLayer, x: string, graph: OnnxGraph): string {
  const { weights, outputShape } = layer;
  const channels = outputShape.at(-1)!;
  const epsilon = numberIn(layer, 'epsilon');
  const roles = { gamma: 1, beta: 0, moving_mean: 0, moving_variance: 1 };
  const own = Object.entries(roles).map(([role, otherwise]): [string, NamedArray] => {
    const weight = weights[role];
    if (weight?.shape.length === 1) return [role, weight];
    return ['', { shape: [channels], values: new Float32Array(channels).fill(otherwise) }];
  });
  if (outputShape.length === 1 || outputShape.length === 3) {
    const names = own.map(([role, vector]) => (role ? graph.weight(role) : graph.floats(vector)));
    return graph.op('BatchNormalization', [x, ...names], { epsilon: { float: epsilon } });
  }
  // The operator takes channels at axis 1 only.
  const [gamma, beta, mean, variance] = own.map(([, { values }]) => values);
  const scale = gamma!.map((value, i) => value / Math.sqrt(variance![i]! + epsilon));
  const offset = beta!.map((value, i) => value - mean![i]! * scale[i]!);
  const scaled = graph.op('Mul', [x, graph.floats({ shape: [channels], values: scale })]);
  return graph.op('Add', [scaled, graph.floats({ shape: [channels], values: offset })]);
}

/**
 * What is made of a weight over some axes, in the order in which the value is held; nothing if
 * there is none.
 */
function withWeight(
  { weights, outputShape }: PortableLayer,
  role: string,
  axes: readonly number[],
  make: (weight: NamedArray) => string,
): string | undefined {
  const own = weights[role];
  if (own === undefined) return undefined;
  const shape = Array.from({ length: outputShape.length + 1 }, () => 1);
  for (const [i, axis] of axes.entries()) shape[axis] = own.shape[i]!;
  // TensorFlow.js takes the sizes for those of the tensor's axes, in the order of these.
  const spread = { shape, values: own.values };
  return make(shape.length === 4 ? permuted(spread, channelsFirst) : spread);
}

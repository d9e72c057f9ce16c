import { activationIn } from '../../activation-of.ts';
import { numberIn } from '../../layer-config.ts';
import type { PortableLayer } from '../../portable-layer.ts';
import { heldAxis } from '../../channels-first.ts';
import { scalar } from '../channels.ts';
import type { OnnxGraph } from '../onnx-graph.ts';
import type { OnnxLayer, OnnxLayers } from '../onnx-layer.ts';

type Activation = (graph: OnnxGraph, x: string, layer: PortableLayer) => string;

/** One operator without settings. */
function plain(type: string): Activation {
  return (graph, x) => graph.op(type, [x]);
}

function overChannels(type: string): Activation {
  return (graph, x, { outputShape }) => graph.op(type, [x], { axis: heldAxis(-1, outputShape) });
}

function clip(graph: OnnxGraph, x: string, high: number): string {
  return graph.op('Clip', [x, scalar(graph, 0), scalar(graph, high)]);
}

/** Activations by the names that TensorFlow.js has for them. */
const activations: Readonly<Record<string, Activation>> = {
  linear: (_graph, x) => x,
  relu: plain('Relu'),
  tanh: plain('Tanh'),
  sigmoid: plain('Sigmoid'),
  softplus: plain('Softplus'),
  softsign: plain('Softsign'),
  elu: plain('Elu'),
  selu: plain('Selu'),
  relu6: (graph, x) => clip(graph, x, 6),
  // Its defaults are TensorFlow's: 0.2 · x + 0.5.
  hardSigmoid: plain('HardSigmoid'),
  swish: (graph, x) => graph.op('Mul', [x, graph.op('Sigmoid', [x])]),
  mish: (graph, x) => graph.op('Mul', [x, graph.op('Tanh', [graph.op('Softplus', [x])])]),
  // x · (1 + erf(x / √2)) / 2
  gelu: (graph, x) => {
    const erf = graph.op('Erf', [graph.op('Mul', [x, scalar(graph, Math.SQRT1_2)])]);
    const share = graph.op('Add', [erf, scalar(graph, 1)]);
    return graph.op('Mul', [graph.op('Mul', [x, share]), scalar(graph, 0.5)]);
  },
  softmax: overChannels('Softmax'),
  logSoftmax: overChannels('LogSoftmax'),
};

/** @internal */
export const onnxActivations: OnnxLayers = {
  Activation: (layer, [x], graph) => activationIn(activations, layer)(graph, x!, layer),
  ReLU: (layer, [x], graph) => {
    const isBounded = typeof layer.config['maxValue'] === 'number';
    return isBounded ? clip(graph, x!, numberIn(layer, 'maxValue')) : graph.op('Relu', [x!]);
  },
  LeakyReLU: withSlope('LeakyRelu', 'alpha'),
  ELU: withSlope('Elu', 'alpha'),
  ThresholdedReLU: (layer, [x], graph) =>
    graph.op('ThresholdedRelu', [x!], { alpha: { float: numberIn(layer, 'theta') } }),
  PReLU: ({ weights }, [x], graph) => {
    const isImage = weights['alpha']?.shape.length === 3;
    return graph.op('PRelu', [
      x!,
      isImage ? graph.weight('alpha', [2, 0, 1]) : graph.weight('alpha'),
    ]);
  },
  Softmax: (layer, [x], graph) => {
    const axis = heldAxis(numberIn(layer, 'axis', -1), layer.outputShape);
    return graph.op('Softmax', [x!], { axis });
  },
};

function withSlope(type: string, setting: string): OnnxLayer {
  return (layer, [x], graph) =>
    graph.op(type, [x!], { [setting]: { float: numberIn(layer, setting) } });
}

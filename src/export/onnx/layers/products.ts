import { checkChannelsLast, pairIn } from '../../layer-config.ts';
import type { PortableLayer } from '../../portable-layer.ts';
import { transposedTrims } from '../../windows.ts';
import { toFirst, toLast } from '../channels.ts';
import type { OnnxGraph } from '../onnx-graph.ts';
import type { OnnxLayers } from '../onnx-layer.ts';
import { pads, windowAttributes } from '../windows.ts';

/** Layers that multiply by a kernel. @internal */
export const onnxProducts: OnnxLayers = {
  Dense: ({ weights, inputShapes, outputShape }, [x], graph) => {
    const bias = weights['bias'] === undefined ? [] : [graph.weight('bias')];
    if (outputShape.length === 1) return graph.op('Gemm', [x!, graph.weight('kernel'), ...bias]);
    const product = graph.op('MatMul', [
      toLast(graph, x!, inputShapes[0]!),
      graph.weight('kernel'),
    ]);
    const sum = bias.length === 0 ? product : graph.op('Add', [product, ...bias]);
    return toFirst(graph, sum, outputShape);
  },
  Conv2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    const window = layer.weights['kernel']!.shape.slice(0, 2);
    // [height, width, in, out] → [out, in, height, width]
    const kernel = graph.weight('kernel', [3, 2, 0, 1]);
    return graph.op('Conv', [x!, kernel, ...biasOf(layer, graph)], {
      ...windowAttributes(layer, window),
      dilations: pairIn(layer, 'dilationRate'),
    });
  },
  DepthwiseConv2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    return graph.op('Conv', [x!, depthwiseKernel(layer, graph), ...biasOf(layer, graph)], {
      ...windowAttributes(layer, layer.weights['depthwise_kernel']!.shape.slice(0, 2)),
      dilations: pairIn(layer, 'dilationRate'),
      group: layer.inputShapes[0]![2]!,
    });
  },
  SeparableConv2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    const depthwise = graph.op('Conv', [x!, depthwiseKernel(layer, graph)], {
      ...windowAttributes(layer, layer.weights['depthwise_kernel']!.shape.slice(0, 2)),
      dilations: pairIn(layer, 'dilationRate'),
      group: layer.inputShapes[0]![2]!,
    });
    const kernel = graph.weight('pointwise_kernel', [3, 2, 0, 1]);
    return graph.op('Conv', [depthwise, kernel, ...biasOf(layer, graph)]);
  },
  Conv2DTranspose: (layer, [x], graph) => {
    checkChannelsLast(layer);
    const window = layer.weights['kernel']!.shape.slice(0, 2);
    const trims = transposedTrims(layer, window);
    // [height, width, out, in] → [in, out, height, width]
    const kernel = graph.weight('kernel', [3, 2, 0, 1]);
    return graph.op('ConvTranspose', [x!, kernel, ...biasOf(layer, graph)], {
      kernel_shape: window,
      strides: pairIn(layer, 'strides'),
      pads: pads(trims),
      output_padding: trims.map(({ missing }) => missing),
    });
  },
};

/** [height, width, in, multiplier] → [in · multiplier, 1, height, width] */
function depthwiseKernel({ weights, inputShapes }: PortableLayer, graph: OnnxGraph): string {
  const [height, width, , multiplier] = weights['depthwise_kernel']!.shape;
  const ordered = graph.weight('depthwise_kernel', [2, 3, 0, 1]);
  const filters = inputShapes[0]![2]! * multiplier!;
  return graph.op('Reshape', [ordered, graph.integers([filters, 1, height!, width!])]);
}

function biasOf({ weights }: PortableLayer, graph: OnnxGraph): readonly string[] {
  return weights['bias'] === undefined ? [] : [graph.weight('bias')];
}

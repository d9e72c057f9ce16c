import { heldAxis } from '../../channels-first.ts';
import {
  checkChannelsLast,
  marginsIn,
  numberIn,
  numbersIn,
  pairIn,
  unsupported,
  unsupportedRank,
} from '../../layer-config.ts';
import { labelColumn } from '../../portable-graph.ts';
import type { PortableLayer } from '../../portable-layer.ts';
import { scalar, toFirst, toLast } from '../channels.ts';
import { onnxTypes } from '../graph-builder.ts';
import type { OnnxLayer, OnnxLayers } from '../onnx-layer.ts';
import { nearest, type WindowAttributes, windowAttributes } from '../windows.ts';

/** Keeps TensorFlow's order of numbers: channels are the last. */
const reshape: OnnxLayer = ({ inputShapes, outputShape }, [x], graph) => {
  const shape = graph.integers([-1, ...outputShape]);
  const reshaped = graph.op('Reshape', [toLast(graph, x!, inputShapes[0]!), shape]);
  return toFirst(graph, reshaped, outputShape);
};

/** Layers that arrange, choose, join or average what they are given. @internal */
export const onnxShapes: OnnxLayers = {
  Reshape: reshape,
  Flatten: reshape,
  Permute: ({ inputShapes, outputShape, ...layer }, [x], graph) => {
    const dims = numbersIn({ inputShapes, outputShape, ...layer }, 'dims');
    const last = toLast(graph, x!, inputShapes[0]!);
    return toFirst(graph, graph.op('Transpose', [last], { perm: [0, ...dims] }), outputShape);
  },
  RepeatVector: ({ outputShape }, [x], graph) => {
    const column = graph.op('Unsqueeze', [x!, graph.integers([1])]);
    return graph.op('Expand', [column, graph.integers([1, ...outputShape])]);
  },
  UpSampling2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    const scales = graph.floats({
      shape: [4],
      values: Float32Array.of(1, 1, ...pairIn(layer, 'size')),
    });
    const { interpolation = 'nearest' } = layer.config;
    if (interpolation === 'nearest') {
      return graph.op('Resize', [x!, '', scales], nearest);
    }
    if (interpolation !== 'bilinear')
      throw unsupported(layer, 'interpolation', 'nearest or bilinear');
    return graph.op('Resize', [x!, '', scales], {
      coordinate_transformation_mode: 'asymmetric',
      mode: 'linear',
    });
  },
  ZeroPadding2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    const [[top, bottom], [left, right]] = marginsIn(layer, 'padding') as [number[], number[]];
    return graph.op('Pad', [x!, graph.integers([0, 0, top!, left!, 0, 0, bottom!, right!])]);
  },
  Cropping2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    const [[top, bottom], [left, right]] = marginsIn(layer, 'cropping') as [number[], number[]];
    const [height, width] = layer.inputShapes[0]!;
    const [begins, ends] = [
      [top!, left!],
      [height! - bottom!, width! - right!],
    ];
    const axes = [2, 3];
    return graph.op('Slice', [x!, ...[begins, ends, axes].map((each) => graph.integers(each))]);
  },
  AveragePooling2D: (layer, [x], graph) =>
    // TensorFlow counts only what is inside the image.
    graph.op('AveragePool', [x!], { ...pool(layer), count_include_pad: 0 }),
  MaxPooling2D: (layer, [x], graph) => graph.op('MaxPool', [x!], pool(layer)),
  GlobalAveragePooling2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    return graph.op('ReduceMean', [x!], { axes: [2, 3], keepdims: 0 });
  },
  GlobalMaxPooling2D: (layer, [x], graph) => {
    checkChannelsLast(layer);
    return graph.op('ReduceMax', [x!], { axes: [2, 3], keepdims: 0 });
  },
  Rescaling: (layer, [x], graph) => {
    const scaled = graph.op('Mul', [x!, scalar(graph, numberIn(layer, 'scale'))]);
    return graph.op('Add', [scaled, scalar(graph, numberIn(layer, 'offset', 0))]);
  },
  Embedding: (layer, [x], graph) => {
    if (layer.inputShapes[0]!.length > 2) throw unsupportedRank(layer, '1 to 3');
    const rows = graph.op('Cast', [x!], { to: onnxTypes.int32 });
    // Of a map of labels it makes one channel a column, behind the sides.
    const columns = graph.op('Gather', [graph.weight('embeddings'), rows]);
    return toFirst(graph, columns, layer.outputShape);
  },
  Add: merge('Add'),
  Multiply: merge('Mul'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Average: (layer, inputs, graph) =>
    graph.op('Div', [merge('Add')(layer, inputs, graph), scalar(graph, inputs.length)]),
  Concatenate: (layer, inputs, graph) =>
    graph.op('Concat', inputs, { axis: heldAxis(numberIn(layer, 'axis', -1), layer.outputShape) }),
  [labelColumn]: ({ config, outputShape }, [x], graph) => {
    const column = outputShape.length === 0 ? x! : graph.op('Unsqueeze', [x!, graph.integers([1])]);
    const isInteger = config['dtype'] === 'int32';
    return isInteger ? column : graph.op('Cast', [column], { to: onnxTypes.float32 });
  },
};

function merge(type: string): OnnxLayer {
  return (layer, inputs, graph) => {
    const ranks = new Set(layer.inputShapes.map(({ length }) => length));
    // TensorFlow.js spreads a vector over an image in an order of its own.
    if (ranks.size > 1) throw unsupportedRank(layer, 'equally many');
    return inputs.reduce((all, each) => graph.op(type, [all, each]));
  };
}

function pool(layer: PortableLayer): WindowAttributes {
  checkChannelsLast(layer);
  return windowAttributes(layer, pairIn(layer, 'poolSize'));
}

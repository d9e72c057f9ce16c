import type { NamedArray } from '../../../core/named-arrays.ts';
import { numberIn } from '../../layer-config.ts';
import { scalar } from '../channels.ts';
import type { OnnxLayers } from '../onnx-layer.ts';
import { nearest } from '../windows.ts';

/** Layers of `tfjs-gan/image-to-image`. @internal */
export const onnxImageLayers: OnnxLayers = {
  // The threshold is that of the layer, which is not loaded here.
  FillHole: (_layer, [image, hole, filling], graph) => {
    const isHole = graph.op('Greater', [hole!, scalar(graph, 0.5)]);
    return graph.op('Where', [isHole, filling ?? scalar(graph, 0), image!]);
  },
  InstanceNorm: (layer, [x], graph) => {
    const channels = layer.outputShape.at(-1)!;
    const constant = (value: number): NamedArray => ({
      shape: [channels],
      values: new Float32Array(channels).fill(value),
    });
    const vectors =
      layer.weights['gamma'] === undefined
        ? [constant(1), constant(0)].map((each) => graph.floats(each))
        : ['gamma', 'beta'].map((role) => graph.weight(role));
    const epsilon = { float: numberIn(layer, 'epsilon') };
    return graph.op('InstanceNormalization', [x!, ...vectors], { epsilon });
  },
  // Its channels are ordered as PyTorch's, [channel, row, column].
  PixelShuffle: (layer, [x], graph) =>
    graph.op('DepthToSpace', [x!], { blocksize: numberIn(layer, 'factor'), mode: 'CRD' }),
  ReflectionPadding: (layer, [x], graph) => {
    const padding = numberIn(layer, 'padding');
    const pads = [0, 0, padding, padding, 0, 0, padding, padding];
    return graph.op('Pad', [x!, graph.integers(pads)], { mode: 'reflect' });
  },
  Upsampling: (layer, [x], graph) => {
    const factor = numberIn(layer, 'factor');
    const scales = graph.floats({ shape: [4], values: Float32Array.of(1, 1, factor, factor) });
    if (layer.config['interpolation'] === 'bilinear') {
      return graph.op('Resize', [x!, '', scales], {
        coordinate_transformation_mode: 'half_pixel',
        mode: 'linear',
      });
    }
    return graph.op('Resize', [x!, '', scales], nearest);
  },
};

import { numberIn } from '../../layer-config.ts';
import { scalar } from '../channels.ts';
import type { OnnxLayers } from '../onnx-layer.ts';

/**
 * Layers of networks without normalization: blur, sines, learned constants, deviations over the batch.
 *
 * @internal
 */
export const onnxModernLayers: OnnxLayers = {
  Blur: ({ outputShape }, [x], graph) => {
    const channels = outputShape.at(-1)!;
    const line = [0.25, 0.5, 0.25];
    const square = line.flatMap((a) => line.map((b) => a * b));
    const values = Float32Array.from({ length: 9 * channels }, (_, i) => square[i % 9]!);
    const filter = graph.floats({ shape: [channels, 1, 3, 3], values });
    return graph.op('Conv', [x!, filter], { group: channels, pads: [1, 1, 1, 1] });
  },
  FourierFeatures: (_layer, [x], graph) => {
    const phases = graph.op('MatMul', [x!, graph.weight('frequencies', [0, 1])]);
    const waves = ['Sin', 'Cos'].map((wave) => graph.op(wave, [phases]));
    return graph.op('Concat', [x!, ...waves], { axis: 1 });
  },
  LearnedBasis: ({ outputShape }, [x], graph) => {
    const maps = graph.op('Reshape', [x!, graph.integers([-1, outputShape.at(-1)!, 1, 1])]);
    // [height, width, channels] → [channels, height, width]
    return graph.op('Mul', [maps, graph.weight('basis', [2, 0, 1])]);
  },
  MinibatchDeviation: (layer, [x], graph) => {
    const { outputShape } = layer;
    const sizes = Array.from({ length: numberIn(layer, 'groupSize') }, (_, i) => i + 1);
    const [one, zero] = [graph.integers([1]), graph.integers([0])];
    const batch = graph.op('Slice', [graph.op('Shape', [x!]), zero, one]);
    // The largest group that the batch is a multiple of.
    const candidates = graph.integers(sizes);
    const fits = graph.op('Equal', [graph.op('Mod', [batch, candidates]), zero]);
    const group = graph.op('ReduceMax', [graph.op('Where', [fits, candidates, one])], {
      axes: [0],
      keepdims: 1,
    });
    const groups = graph.op('Div', [batch, group]);
    const shape = graph.op('Concat', [group, groups, graph.integers([-1])], { axis: 0 });
    const grouped = graph.op('Reshape', [x!, shape]);
    const over = { axes: [0], keepdims: 1 };
    const centered = graph.op('Sub', [grouped, graph.op('ReduceMean', [grouped], over)]);
    const variance = graph.op('ReduceMean', [graph.op('Mul', [centered, centered])], over);
    const root = graph.op('Sqrt', [graph.op('Add', [variance, scalar(graph, 1e-8)])]);
    const deviation = graph.op('ReduceMean', [root], { axes: [0, 2], keepdims: 0 });
    const places =
      outputShape.length === 3 ? [1, ...outputShape.slice(0, 2)] : [...outputShape.slice(0, -1), 1];
    const column = graph.integers([-1, ...places.map(() => 1)]);
    const bySample = graph.op('Reshape', [graph.op('Tile', [deviation, group]), column]);
    const plane = graph.op('Expand', [bySample, graph.integers([1, ...places])]);
    return graph.op('Concat', [x!, plane], {
      axis: outputShape.length === 3 ? 1 : outputShape.length,
    });
  },
};

import type { OnnxLayers } from '../onnx-layer.ts';

/** Layers of networks without normalization: blur and learned constants. @internal */
export const onnxModernLayers: OnnxLayers = {
  Blur: ({ outputShape }, [x], graph) => {
    const channels = outputShape.at(-1)!;
    const line = [0.25, 0.5, 0.25];
    const square = line.flatMap((a) => line.map((b) => a * b));
    const values = Float32Array.from({ length: 9 * channels }, (_, i) => square[i % 9]!);
    const filter = graph.floats({ shape: [channels, 1, 3, 3], values });
    return graph.op('Conv', [x!, filter], { group: channels, pads: [1, 1, 1, 1] });
  },
  LearnedBasis: ({ outputShape }, [x], graph) => {
    const maps = graph.op('Reshape', [x!, graph.integers([-1, outputShape.at(-1)!, 1, 1])]);
    // [height, width, channels] → [channels, height, width]
    return graph.op('Mul', [maps, graph.weight('basis', [2, 0, 1])]);
  },
};

import type { PortableLayer } from '../../portable-layer.ts';
import { scalar } from '../channels.ts';
import type { OnnxGraph } from '../onnx-graph.ts';
import type { OnnxLayers } from '../onnx-layer.ts';
import { numberIn } from '../../layer-config.ts';
import { normalizedByStatistics } from './normalizations.ts';

/** This library's layers that take a condition: class labels, or vectors. @internal */
export const onnxConditionalLayers: OnnxLayers = {
  OneHot: (layer, [labels], graph) => {
    const classes = numberIn(layer, 'classes');
    const values = new Float32Array(classes * classes);
    for (let label = 0; label < classes; label += 1) values[label * (classes + 1)] = 1;
    // A row of the identity, as a lookup refuses what is no class.
    const identity = graph.floats({ shape: [classes, classes], values });
    return graph.op('Gather', [identity, flat(layer.inputShapes[0]!, labels!, graph)]);
  },
  ConditionalBatchNorm: (layer, [x, condition], graph) => {
    const { outputShape } = layer;
    const isByClass = isLabels(layer);
    const suffix = isByClass ? '' : '_kernel';
    const normalized = normalizedByStatistics(layer, x!, graph);
    // [batch, channels] → [batch, channels, 1, 1], or [batch, 1, channels] where channels are last.
    const places = outputShape.slice(1).map(() => 1);
    const channels = outputShape.at(-1)!;
    const isImage = outputShape.length === 3;
    const shape = isImage ? [-1, channels, ...places] : [-1, ...places, channels];
    const select = (role: string): string =>
      graph.op('Reshape', [selected(layer, role, condition!, graph), graph.integers(shape)]);
    const gamma = select(`gamma${suffix}`);
    const scale = isByClass ? gamma : graph.op('Add', [gamma, scalar(graph, 1)]);
    return graph.op('Add', [graph.op('Mul', [normalized, scale]), select(`beta${suffix}`)]);
  },
  ProjectionHead: (layer, [features, condition], graph) => {
    const [shape] = layer.inputShapes;
    const places = shape!.slice(1).map((_, i) => (shape!.length === 3 ? i + 2 : i + 1));
    const h =
      places.length === 0
        ? features!
        : graph.op('ReduceSum', [features!, graph.integers(places)], { keepdims: 0 });
    const score = graph.op('Gemm', [h, graph.weight('kernel'), graph.weight('bias')]);
    const role = isLabels(layer) ? 'embeddings' : 'condition_kernel';
    const product = graph.op('Mul', [selected(layer, role, condition!, graph), h]);
    const fit = graph.op('ReduceSum', [product, graph.integers([1])], { keepdims: 1 });
    return graph.op('Add', [score, fit]);
  },
};

function isLabels({ config }: PortableLayer): boolean {
  return config['classes'] !== undefined;
}

/** The rows of a matrix that labels choose, or what it makes of vectors: `[batch, columns]`. */
function selected(layer: PortableLayer, role: string, condition: string, graph: OnnxGraph): string {
  if (!isLabels(layer)) return graph.op('MatMul', [condition, graph.weight(role)]);
  return graph.op('Gather', [graph.weight(role), flat(layer.inputShapes[1]!, condition, graph)]);
}

/** Labels as `[batch]`. */
function flat(shape: readonly number[], labels: string, graph: OnnxGraph): string {
  return shape.length === 0 ? labels : graph.op('Reshape', [labels, graph.integers([-1])]);
}

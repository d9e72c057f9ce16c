import { numberIn, numbersIn, unsupported, unsupportedRank } from '../../layer-config.ts';
import type { PortableLayer } from '../../portable-layer.ts';
import { python, toFirst, toLast } from '../python.ts';
import type { TorchLayers } from '../torch-layer.ts';
import type { TorchWeight } from '../torch-module.ts';

/** Writes batch norm without its weights. @internal */
export type BatchNormWriter = (layer: PortableLayer, isAffine: boolean) => string;

/** Normalizations, with a writer for what batch norm is. @internal */
export const normalizationsWith = (batchNorm: BatchNormWriter): TorchLayers => ({
  BatchNormalization: (layer, [x], module) => {
    const { config, outputShape } = layer;
    const { axis = -1 } = config;
    if (axis !== -1 && axis !== outputShape.length)
      throw unsupported(layer, 'axis', 'the last one');
    const isAffine = layer.weights['gamma'] !== undefined || layer.weights['beta'] !== undefined;
    const shape = [outputShape.at(-1)!];
    const weights = {
      ...(isAffine && {
        weight: { role: 'gamma', shape, otherwise: 1 },
        bias: { role: 'beta', shape, otherwise: 0 },
      }),
      ...statistics,
    };
    const norm = module.member('batch_norm', batchNorm(layer, isAffine), weights);
    // nn.BatchNorm1d has channels at axis 1.
    if (outputShape.length === 2) return `${norm}(${x}.transpose(1, 2)).transpose(1, 2)`;
    return `${norm}(${x})`;
  },
  LayerNormalization: (layer, [x], module) => {
    const { outputShape, weights } = layer;
    const rank = outputShape.length + 1;
    const axes = numbersIn(layer, 'axis').map((axis) => (axis < 0 ? axis + rank : axis));
    const isWhole = String([...axes].sort()) === String(outputShape.map((_, i) => i + 1));
    if (!isWhole && String(axes) !== String(rank - 1)) {
      throw unsupported(layer, 'axis', 'the last one, or all of them');
    }
    const isOrdered = axes.every((axis, i) => i === 0 || axis > axes[i - 1]!);
    if (!isOrdered) throw unsupported(layer, 'axis', 'in ascending order');
    const isImage = isWhole && rank === 4;
    const order = isImage ? [2, 0, 1] : axes.map((_, i) => i);
    const sizes = order.map((i) => outputShape[axes[i]! - 1]!);
    const isAffine = weights['gamma'] !== undefined || weights['beta'] !== undefined;
    const options = `eps=${numberIn(layer, 'epsilon')}${isAffine ? '' : ', elementwise_affine=False'}`;
    const value = `nn.LayerNorm(${python(sizes)}, ${options})`;
    const affine = {
      weight: { role: 'gamma', order, shape: sizes, otherwise: 1 },
      bias: { role: 'beta', order, shape: sizes, otherwise: 0 },
    };
    const norm = module.member('layer_norm', value, isAffine ? affine : {});
    if (isImage || rank !== 4) return `${norm}(${x})`;
    return toFirst(`${norm}(${toLast(x!, outputShape)})`, outputShape);
  },
  ConditionalBatchNorm: (layer, [x, condition], module) => {
    const { config, outputShape, weights } = layer;
    const isByClass = config['classes'] !== undefined;
    module.define(isByClass ? classBatchNorm : vectorBatchNorm);
    const norm = batchNorm(layer, false);
    const [rows] = weights[isByClass ? 'gamma' : 'gamma_kernel']!.shape;
    const name = isByClass ? 'ClassBatchNorm' : 'VectorBatchNorm';
    const tables: Record<string, TorchWeight> = isByClass
      ? { 'gamma.weight': { role: 'gamma' }, 'beta.weight': { role: 'beta' } }
      : {
          'gamma.weight': { role: 'gamma_kernel', order: [1, 0] },
          'beta.weight': { role: 'beta_kernel', order: [1, 0] },
        };
    const inner = Object.entries(statistics).map(
      ([key, weight]) => [`norm.${key}`, weight] as const,
    );
    const all = { ...tables, ...Object.fromEntries(inner) };
    const member = module.member('conditional_batch_norm', `${name}(${norm}, ${rows})`, all);
    const labels = isByClass ? flat(layer, condition!) : condition!;
    if (outputShape.length === 2) {
      return `${member}(${x}.transpose(1, 2), ${labels}).transpose(1, 2)`;
    }
    return `${member}(${x}, ${labels})`;
  },
  ProjectionHead: (layer, [features, condition], module) => {
    const { config, inputShapes, weights } = layer;
    const shape = inputShapes[0]!;
    if (shape.length !== 1 && shape.length !== 3) throw unsupportedRank(layer, '2 or 4');
    const isByClass = config['classes'] !== undefined;
    module.define(projectionHead);
    const [rows] = weights[isByClass ? 'embeddings' : 'condition_kernel']!.shape;
    const size = shape.at(-1)!;
    const vectors = isByClass
      ? `nn.Embedding(${rows}, ${size})`
      : `nn.Linear(${rows}, ${size}, bias=False)`;
    const member = module.member('projection_head', `ProjectionHead(${size}, ${vectors})`, {
      'score.weight': { role: 'kernel', order: [1, 0] },
      'score.bias': { role: 'bias' },
      'vectors.weight': isByClass
        ? { role: 'embeddings' }
        : { role: 'condition_kernel', order: [1, 0] },
    });
    const labels = isByClass ? flat(layer, condition!) : condition!;
    return `${member}(${features}, ${labels})`;
  },
  OneHot: (layer, [labels]) => {
    const [shape] = layer.inputShapes;
    const row = shape!.length === 0 ? labels! : `${labels}.reshape(-1)`;
    return `F.one_hot(${row}.long(), ${numberIn(layer, 'classes')}).float()`;
  },
});

/** For use: batch norm by its moving statistics. @internal */
export const torchNormalizations: TorchLayers = normalizationsWith(batchNorm);

const statistics: Readonly<Record<string, TorchWeight>> = {
  running_mean: { role: 'moving_mean' },
  running_var: { role: 'moving_variance' },
};

/** PyTorch's momentum is the share of the new value. */
function batchNorm(layer: PortableLayer, isAffine: boolean): string {
  const { outputShape } = layer;
  if (outputShape.length > 3) throw unsupportedRank(layer, '2 to 4');
  const kind = outputShape.length === 3 ? 'nn.BatchNorm2d' : 'nn.BatchNorm1d';
  const momentum = Number((1 - numberIn(layer, 'momentum')).toPrecision(12));
  const settings = `eps=${numberIn(layer, 'epsilon')}, momentum=${momentum}`;
  return `${kind}(${outputShape.at(-1)}, ${settings}${isAffine ? '' : ', affine=False'})`;
}

function flat(layer: PortableLayer, labels: string): string {
  return layer.inputShapes[1]!.length === 0 ? labels : `${labels}.reshape(-1)`;
}

const classBatchNorm = `class ClassBatchNorm(nn.Module):
    """Batch norm with a scale and an offset for each class."""

    def __init__(self, norm, classes):
        super().__init__()
        self.norm = norm
        self.gamma = nn.Embedding(classes, norm.num_features)
        self.beta = nn.Embedding(classes, norm.num_features)

    def forward(self, x, labels):
        shape = (len(x), -1) + (1,) * (x.dim() - 2)
        return self.norm(x) * self.gamma(labels).reshape(shape) + self.beta(labels).reshape(shape)`;

const vectorBatchNorm = `class VectorBatchNorm(nn.Module):
    """Batch norm whose scale and offset are linear in a vector."""

    def __init__(self, norm, size):
        super().__init__()
        self.norm = norm
        self.gamma = nn.Linear(size, norm.num_features, bias=False)
        self.beta = nn.Linear(size, norm.num_features, bias=False)

    def forward(self, x, vectors):
        shape = (len(x), -1) + (1,) * (x.dim() - 2)
        scale = (1 + self.gamma(vectors)).reshape(shape)
        return self.norm(x) * scale + self.beta(vectors).reshape(shape)`;

const projectionHead = `class ProjectionHead(nn.Module):
    """How real the features are, plus how well they fit the condition."""

    def __init__(self, features, vectors):
        super().__init__()
        self.score = nn.Linear(features, 1)
        self.vectors = vectors

    def forward(self, x, condition):
        h = x.sum((2, 3)) if x.dim() == 4 else x
        return self.score(h) + (self.vectors(condition) * h).sum(1, keepdim=True)`;

import {
  checkChannelsLast,
  marginsIn,
  numberIn,
  numbersIn,
  pairIn,
  unsupported,
  unsupportedRank,
} from '../../layer-config.ts';
import type { PortableLayer } from '../../portable-layer.ts';
import { labelColumn } from '../../portable-graph.ts';
import { windowMargins } from '../../windows.ts';
import { heldAxis } from '../../channels-first.ts';
import { call, python, sides, toFirst, toLast } from '../python.ts';
import type { TorchLayer, TorchLayers } from '../torch-layer.ts';

/** Keeps TensorFlow's order of numbers: channels are the last. */
const reshape: TorchLayer = ({ inputShapes, outputShape }, [x]) =>
  toFirst(`${toLast(x!, inputShapes[0]!)}.reshape(-1, ${outputShape.join(', ')})`, outputShape);

/** Layers that arrange, choose, join or average what they are given. @internal */
export const torchShapes: TorchLayers = {
  Reshape: reshape,
  Flatten: reshape,
  Permute: (layer, [x]) => {
    const dims = numbersIn(layer, 'dims');
    const last = toLast(x!, layer.inputShapes[0]!);
    return toFirst(`${last}.permute(0, ${dims.join(', ')})`, layer.outputShape);
  },
  RepeatVector: ({ outputShape }, [x]) => `${x}[:, None].repeat(1, ${outputShape[0]}, 1)`,
  UpSampling2D: (layer, [x], module) => {
    checkChannelsLast(layer);
    const size = pairIn(layer, 'size');
    const { interpolation = 'nearest' } = layer.config;
    if (interpolation === 'nearest') return nearest(x!, size);
    if (interpolation !== 'bilinear')
      throw unsupported(layer, 'interpolation', 'nearest or bilinear');
    module.define(bilinear);
    return size.reduce((made, factor, side) => {
      return factor === 1 ? made : `upsample(${made}, ${factor}, ${side + 2})`;
    }, x!);
  },
  ZeroPadding2D: (layer, [x]) => {
    checkChannelsLast(layer);
    const [rows, columns] = marginsIn(layer, 'padding');
    return `F.pad(${x}, ${python([...columns!, ...rows!])})`;
  },
  Cropping2D: (layer, [x]) => {
    checkChannelsLast(layer);
    const [height, width] = layer.inputShapes[0]!;
    const [[top, bottom], [left, right]] = marginsIn(layer, 'cropping') as [number[], number[]];
    return `${x}[:, :, ${top}:${height! - bottom!}, ${left}:${width! - right!}]`;
  },
  AveragePooling2D: (layer, [x], module) => {
    const { window, strides, around } = pool(layer);
    if (around === undefined) return call('F.avg_pool2d', x, sides(window), sides(strides));
    // TensorFlow counts only what is inside the image.
    module.define(averagePool);
    return call('average_pool', x, python(window), python(strides), python(around));
  },
  MaxPooling2D: (layer, [x]) => {
    const { window, strides, around } = pool(layer);
    const padded = around === undefined ? x : `F.pad(${x}, ${python(around)}, value=-torch.inf)`;
    return call('F.max_pool2d', padded, sides(window), sides(strides));
  },
  GlobalAveragePooling2D: (layer, [x]) => {
    checkChannelsLast(layer);
    return `${x}.mean((2, 3))`;
  },
  GlobalMaxPooling2D: (layer, [x]) => {
    checkChannelsLast(layer);
    return `${x}.amax((2, 3))`;
  },
  Rescaling: (layer, [x]) => {
    const offset = numberIn(layer, 'offset', 0);
    const scaled = `${x} * ${numberIn(layer, 'scale')}`;
    return offset === 0 ? scaled : `${scaled} + ${offset}`;
  },
  Embedding: (layer, [x], module) => {
    const { weights, inputShapes, outputShape } = layer;
    if (inputShapes[0]!.length > 2) throw unsupportedRank(layer, '1 to 3');
    const [rows, columns] = weights['embeddings']!.shape;
    const value = `nn.Embedding(${rows}, ${columns})`;
    const table = module.member('embedding', value, { weight: { role: 'embeddings' } });
    return toFirst(`${table}(${x}.long())`, outputShape);
  },
  Add: merge((inputs) => inputs.join(' + ')),
  Multiply: merge((inputs) => inputs.join(' * ')),
  Maximum: merge((inputs) => inputs.reduce((all, each) => `torch.maximum(${all}, ${each})`)),
  Minimum: merge((inputs) => inputs.reduce((all, each) => `torch.minimum(${all}, ${each})`)),
  Average: merge((inputs) => `(${inputs.join(' + ')}) / ${inputs.length}`),
  Concatenate: (layer, inputs) => {
    const axis = heldAxis(numberIn(layer, 'axis', -1), layer.outputShape);
    return `torch.cat((${inputs.join(', ')}), ${axis})`;
  },
  FillHole: (_layer, [image, hole, filling]) =>
    `torch.where(${hole} > 0.5, ${filling ?? `torch.zeros_like(${image})`}, ${image})`,
  InstanceNorm: (layer, [x], module) => {
    const isAffine = layer.weights['gamma'] !== undefined;
    const settings = `eps=${numberIn(layer, 'epsilon')}${isAffine ? ', affine=True' : ''}`;
    const value = `nn.InstanceNorm2d(${layer.outputShape.at(-1)}, ${settings})`;
    const weights = { weight: { role: 'gamma' }, bias: { role: 'beta' } };
    return `${module.member('instance_norm', value, isAffine ? weights : {})}(${x})`;
  },
  PixelShuffle: (layer, [x]) => `F.pixel_shuffle(${x}, ${numberIn(layer, 'factor')})`,
  ReflectionPadding: (layer, [x]) => {
    const padding = numberIn(layer, 'padding');
    return `F.pad(${x}, ${python([padding, padding, padding, padding])}, mode='reflect')`;
  },
  Upsampling: (layer, [x]) => {
    const factor = numberIn(layer, 'factor');
    if (layer.config['interpolation'] !== 'bilinear') return nearest(x!, [factor, factor]);
    return `F.interpolate(${x}, scale_factor=${factor}, mode='bilinear', align_corners=False)`;
  },
  [labelColumn]: ({ config, outputShape }, [x]) => {
    const column = outputShape.length === 0 ? x! : `${x}[:, None]`;
    return config['dtype'] === 'int32' ? column : `${column}.float()`;
  },
};

function nearest(x: string, size: readonly number[]): string {
  return `F.interpolate(${x}, scale_factor=${sides(size)}, mode='nearest')`;
}

function merge(write: (inputs: readonly string[]) => string): TorchLayer {
  return (layer, inputs) => {
    const ranks = new Set(layer.inputShapes.map(({ length }) => length));
    // TensorFlow.js spreads a vector over an image in an order of its own.
    if (ranks.size > 1) throw unsupportedRank(layer, 'equally many');
    return write(inputs);
  };
}

function pool(layer: PortableLayer): {
  readonly window: readonly number[];
  readonly strides: readonly number[];
  /** Left, right, top, bottom; none without padding. */
  readonly around: readonly number[] | undefined;
} {
  checkChannelsLast(layer);
  const window = pairIn(layer, 'poolSize');
  const [rows, columns] = windowMargins(layer, window).map(({ before, after }) => [before, after]);
  const around = [...columns!, ...rows!];
  const isPadded = around.some((side) => side > 0);
  return { window, strides: pairIn(layer, 'strides'), around: isPadded ? around : undefined };
}

const bilinear = `def upsample(x, factor, axis):
    """Between the upper left corners of pixels, as TensorFlow.js does it; PyTorch knows centers only."""
    size = x.shape[axis]
    at = torch.arange(size * factor, device=x.device) / factor
    low = at.long()
    high = (low + 1).clamp(max=size - 1)
    shape = [1] * x.dim()
    shape[axis] = -1
    share = (at - low).reshape(shape)
    return x.index_select(axis, low) * (1 - share) + x.index_select(axis, high) * share`;

const averagePool = `def average_pool(x, window, strides, around):
    """The mean of what is inside the image."""
    inside = F.pad(torch.ones_like(x[:1, :1]), around)
    sums = F.avg_pool2d(F.pad(x, around), window, strides)
    return sums / F.avg_pool2d(inside, window, strides)`;

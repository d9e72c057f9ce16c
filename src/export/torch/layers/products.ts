import { checkChannelsLast, pairIn } from '../../layer-config.ts';
import type { PortableLayer } from '../../portable-layer.ts';
import { transposedTrims, windowMargins } from '../../windows.ts';
import { call, python, sides, toFirst, toLast } from '../python.ts';
import type { TorchLayer, TorchLayers } from '../torch-layer.ts';
import type { TorchWeight } from '../torch-module.ts';

/**
 * [height, width, in, out] → [out, in, height, width], and the same for transposed convolutions.
 */
const filters: readonly number[] = [3, 2, 0, 1];

/** Layers that multiply by a kernel. @internal */
export const torchProducts: TorchLayers = {
  Dense: (layer, [x], module) => {
    const { inputShapes, outputShape } = layer;
    const [input, output] = [inputShapes[0]!.at(-1)!, outputShape.at(-1)!];
    const value = call('nn.Linear', input, output, noBias(layer));
    const weights = withBias(layer, { weight: { role: 'kernel', order: [1, 0] } });
    const linear = module.member('dense', value, weights);
    return toFirst(`${linear}(${toLast(x!, inputShapes[0]!)})`, outputShape);
  },
  Conv2D: (layer, [x], module) => {
    const weights = withBias(layer, { weight: { role: 'kernel', order: filters } });
    return convolved(layer, x!, (padding) => {
      const [height, width, input, output] = layer.weights['kernel']!.shape;
      const more = convolution(layer, [height!, width!], padding);
      return module.member('conv', call('nn.Conv2d', input, output, ...more), weights);
    });
  },
  DepthwiseConv2D: (layer, [x], module) => {
    const weights = withBias(layer, { weight: depthwise(layer) });
    return convolved(layer, x!, (padding) =>
      module.member('depthwise_conv', depthwiseValue(layer, padding, noBias(layer)), weights),
    );
  },
  SeparableConv2D: (layer, [x], module) => {
    const names = withBias(
      layer,
      { '1.weight': { role: 'pointwise_kernel', order: filters } },
      '1.bias',
    );
    return convolved(layer, x!, (padding) => {
      const [, , input, output] = layer.weights['pointwise_kernel']!.shape;
      const point = call('nn.Conv2d', input, output, 1, noBias(layer));
      const value = `nn.Sequential(${depthwiseValue(layer, padding, 'bias=False')}, ${point})`;
      return module.member('separable_conv', value, { '0.weight': depthwise(layer), ...names });
    });
  },
  Conv2DTranspose: (layer, [x], module) => {
    checkChannelsLast(layer);
    const [height, width, output, input] = layer.weights['kernel']!.shape;
    const trims = transposedTrims(layer, [height!, width!]);
    const before = trims.map((trim) => trim.before);
    const missing = trims.map((trim) => trim.missing);
    const value = call(
      'nn.ConvTranspose2d',
      ...[input, output, sides([height!, width!])],
      ...[`stride=${sides(pairIn(layer, 'strides'))}`, option('padding', before)],
      ...[option('output_padding', missing), noBias(layer)],
    );
    const weights = withBias(layer, { weight: { role: 'kernel', order: filters } });
    const made = `${module.member('conv_transpose', value, weights)}(${x})`;
    // TensorFlow drops the odd line behind.
    const cuts = trims.map((trim) => trim.after - trim.before);
    if (cuts.every((cut) => cut === 0)) return made;
    return `${made}[:, :, ${cuts.map((cut) => (cut === 0 ? ':' : `:-${cut}`)).join(', ')}]`;
  },
};

/** A convolution over an image, which is padded before it if both ends are not padded alike. */
function convolved(
  layer: PortableLayer,
  x: string,
  member: (padding: readonly number[]) => string,
): string {
  checkChannelsLast(layer);
  const kernel = layer.weights['kernel'] ?? layer.weights['depthwise_kernel'];
  const margins = windowMargins(layer, kernel!.shape.slice(0, 2));
  const [rows, columns] = margins as [(typeof margins)[0], (typeof margins)[0]];
  if (margins.every(({ before, after }) => before === after)) {
    return `${member(margins.map(({ before }) => before))}(${x})`;
  }
  const around = [columns.before, columns.after, rows.before, rows.after];
  return `${member([0, 0])}(F.pad(${x}, ${python(around)}))`;
}

function convolution(
  layer: PortableLayer,
  window: readonly number[],
  padding: readonly number[],
): readonly (string | undefined)[] {
  return [
    ...[sides(window), option('stride', pairIn(layer, 'strides'), 1), option('padding', padding)],
    ...[option('dilation', pairIn(layer, 'dilationRate'), 1), noBias(layer)],
  ];
}

function depthwiseValue(
  layer: PortableLayer,
  padding: readonly number[],
  bias: string | undefined,
): string {
  const [height, width, input, multiplier] = layer.weights['depthwise_kernel']!.shape;
  const more = convolution(layer, [height!, width!], padding).slice(0, -1);
  return call('nn.Conv2d', input, input! * multiplier!, ...more, `groups=${input}`, bias);
}

/** [height, width, in, multiplier] → [in · multiplier, 1, height, width] */
function depthwise({ weights }: PortableLayer): TorchWeight {
  const [height, width, input, multiplier] = weights['depthwise_kernel']!.shape;
  const shape = [input! * multiplier!, 1, height!, width!];
  return { role: 'depthwise_kernel', order: [2, 3, 0, 1], shape };
}

function option(name: string, pair: readonly number[], otherwise = 0): string | undefined {
  return pair.every((each) => each === otherwise) ? undefined : `${name}=${sides(pair)}`;
}

function noBias({ weights }: PortableLayer): string | undefined {
  return weights['bias'] === undefined ? 'bias=False' : undefined;
}

function withBias(
  { weights }: Parameters<TorchLayer>[0],
  named: Readonly<Record<string, TorchWeight>>,
  name = 'bias',
): Readonly<Record<string, TorchWeight>> {
  return weights['bias'] === undefined ? named : { ...named, [name]: { role: 'bias' } };
}

import type { TorchLayers } from '../torch-layer.ts';

/** Layers of networks without normalization: blur and learned constants. @internal */
export const torchModernLayers: TorchLayers = {
  Blur: (_layer, [x], module) => {
    module.define(blur);
    return `blur(${x})`;
  },
  LearnedBasis: ({ outputShape }, [x], module) => {
    const [height, width, channels] = outputShape;
    const value = `nn.Parameter(torch.empty(${channels}, ${height}, ${width}))`;
    const weight = { role: 'basis', order: [2, 0, 1] };
    return `${x}[:, :, None, None] * ${module.member('basis', value, { '': weight })}`;
  },
};

const blur = `def blur(x):
    """The filter [1, 2, 1] / 4 along both sides."""
    line = x.new_tensor([0.25, 0.5, 0.25])
    kernel = torch.outer(line, line).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(x, kernel, padding=1, groups=x.shape[1])`;

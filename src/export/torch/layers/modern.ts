import { numberIn } from '../../layer-config.ts';
import type { TorchLayers } from '../torch-layer.ts';

/**
 * Layers of networks without normalization: blur, sines, learned constants, deviations over the batch.
 *
 * @internal
 */
export const torchModernLayers: TorchLayers = {
  Blur: (_layer, [x], module) => {
    module.define(blur);
    return `blur(${x})`;
  },
  FourierFeatures: (layer, [x], module) => {
    const count = numberIn(layer, 'count');
    const size = layer.outputShape[0]! - 2 * count;
    const value = `nn.Parameter(torch.empty(${size}, ${count}), requires_grad=False)`;
    const weight = { role: 'frequencies', order: [0, 1] };
    const phases = `${x} @ ${module.member('frequencies', value, { '': weight })}`;
    return `torch.cat((${x}, torch.sin(${phases}), torch.cos(${phases})), 1)`;
  },
  LearnedBasis: ({ outputShape }, [x], module) => {
    const [height, width, channels] = outputShape;
    const value = `nn.Parameter(torch.empty(${channels}, ${height}, ${width}))`;
    const weight = { role: 'basis', order: [2, 0, 1] };
    return `${x}[:, :, None, None] * ${module.member('basis', value, { '': weight })}`;
  },
  MinibatchDeviation: (layer, [x], module) => {
    module.define(deviation);
    const axis = layer.outputShape.length === 3 ? 1 : -1;
    return `minibatch_deviation(${x}, ${numberIn(layer, 'groupSize')}, ${axis})`;
  },
};

const blur = `def blur(x):
    """The filter [1, 2, 1] / 4 along both sides."""
    line = x.new_tensor([0.25, 0.5, 0.25])
    kernel = torch.outer(line, line).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(x, kernel, padding=1, groups=x.shape[1])`;

const deviation = `def minibatch_deviation(x, group, axis):
    """One more channel: how much the samples of a group differ."""
    group = max(size for size in range(1, group + 1) if len(x) % size == 0)
    grouped = x.reshape(group, len(x) // group, -1)
    spread = (grouped.var(0, unbiased=False) + 1e-8).sqrt().mean(1).repeat(group)
    plane = x.narrow(axis, 0, 1)
    return torch.cat((x, spread.reshape((-1,) + (1,) * (x.dim() - 1)).expand_as(plane)), axis)`;

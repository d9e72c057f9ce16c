/** Layers that differ from those of PyTorch: `tfjs_gan/layers.py`. @internal */
export const layersPy: string = String.raw`"""Layers that differ from PyTorch's own."""
import contextlib

import numpy
import torch
from torch import nn

from tfjs_gan import ranks
from tfjs_gan.random_numbers import Alea


class BatchNorm(nn.Module):
    """Batch norm over the batch of all processes, or, if not synced, over the rows of this one. The moving variance divides by
    n, as in TensorFlow.js, and momentum is the share of the moving statistics that stays."""

    def __init__(self, channels, eps, momentum, affine=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = channels, eps, momentum
        self.held, self.synced = False, True
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None
        self.register_buffer('running_mean', torch.zeros(channels))
        self.register_buffer('running_var', torch.ones(channels))

    def forward(self, x):
        axes = [0, *range(2, x.dim())]
        shape = [1, -1] + [1] * (x.dim() - 2)
        over_all = ranks.mean if self.synced else lambda own: own
        mean = over_all(x.mean(axes))
        centered = x - mean.view(shape)
        variance = over_all(centered.square().mean(axes))
        if not self.held:
            with torch.no_grad():
                for moving, now in ((self.running_mean, mean), (self.running_var, variance)):
                    moving -= (moving - now) * (1 - self.momentum)
        scale = torch.rsqrt(variance + self.eps)
        if self.weight is None:
            return centered * scale.view(shape)
        return centered * (scale * self.weight).view(shape) + self.bias.view(shape)

    def share(self):
        """Moving statistics that each process has for itself become their means over all."""
        if not self.synced:
            for moving, mean in zip((self.running_mean, self.running_var), ranks.mean_all([self.running_mean, self.running_var])):
                moving.copy_(mean)


class Dropout(nn.Module):
    """Dropout with the random numbers of tfjs-gan: those of the whole batch, channels last. The program sets drawn."""

    def __init__(self, rate):
        super().__init__()
        self.keep = numpy.float32(1 - rate)

    def forward(self, x):
        size, *inner = x.movedim(1, -1).shape
        seed = self.drawn('layers', lambda random: random.uniforms(1)[0])
        numbers = Alea(seed).uniforms(size * ranks.count() * x[0].numel()).reshape(-1, *inner)
        kept = numpy.floor(ranks.own_rows(numbers) + self.keep) / self.keep
        return x * torch.from_numpy(kept).to(x.device).movedim(-1, 1)


def minibatch_deviation(x, group, axis):
    """One more channel: how much the samples of a group differ, in the batch of all processes."""
    every = ranks.all_rows(x)
    group = max(size for size in range(1, group + 1) if len(every) % size == 0)
    grouped = every.reshape(group, len(every) // group, -1)
    spread = ranks.own_rows((grouped.var(0, unbiased=False) + 1e-8).sqrt().mean(1).repeat(group))
    return torch.cat((x, spread.reshape((-1,) + (1,) * (x.dim() - 1)).expand_as(x.narrow(axis, 0, 1))), axis)


def norms_of(network):
    return [module for module in network.modules() if isinstance(module, BatchNorm)]


@contextlib.contextmanager
def held(network):
    """Passes inside do not change the moving statistics of batch norm."""
    norms = norms_of(network)
    for norm in norms:
        norm.held = True
    try:
        yield
    finally:
        for norm in norms:
            norm.held = False
`;

"""Writes the article's generator as an ONNX file, with the weights of tfjs-gan's: the peer of `npm run bench -- generation`.

Needs Debian's python3-torch; run with Debian's own python3.
Usage: generator_to_onnx.py <weights> <out.onnx>

The weights are one run of float32 in the order of the layers: dense kernel; scale, offset, moving mean and variance of each batch
norm; kernel of each transposed convolution, and the last one's offset. TensorFlow's `same` padding drops the odd row at the end.
"""
import sys

import numpy
import torch
from torch import nn

weights = torch.from_numpy(numpy.fromfile(sys.argv[1], "<f4"))
taken = 0


def take(*shape):
    global taken
    count = int(numpy.prod(shape))
    taken += count
    return weights[taken - count : taken].view(shape)


class Norm(nn.BatchNorm2d):
    def __init__(self, channels):
        super().__init__(channels, eps=1e-5)
        for values in (self.weight.data, self.bias.data, self.running_mean, self.running_var):
            values.copy_(take(channels))


class Up(nn.ConvTranspose2d):
    def __init__(self, inside, outside, stride, last=False):
        super().__init__(inside, outside, 5, stride, 2 if last else 0, bias=last)
        # [height, width, out, in] → [in, out, height, width]
        self.weight.data.copy_(take(5, 5, outside, inside).permute(3, 2, 0, 1))
        if last:
            self.bias.data.copy_(take(outside))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Parameter(take(100, 7 * 7 * 128))
        self.norm0 = Norm(128)
        self.up1 = Up(128, 128, 2)
        self.norm1 = Norm(128)
        self.up2 = Up(128, 64, 2)
        self.norm2 = Norm(64)
        self.out = Up(64, 1, 1, last=True)

    def forward(self, latents):
        x = (latents @ self.dense).view(-1, 7, 7, 128).permute(0, 3, 1, 2)
        x = torch.relu(self.norm0(x))
        x = torch.relu(self.norm1(self.up1(x)[:, :, 1:-2, 1:-2]))
        x = torch.relu(self.norm2(self.up2(x)[:, :, 1:-2, 1:-2]))
        return torch.tanh(self.out(x))


generator = Generator().eval()
assert taken == len(weights), f"{taken} of {len(weights)} weights taken"
torch.onnx.export(
    generator,
    torch.zeros(2, 100),
    sys.argv[2],
    input_names=["latents"],
    output_names=["images"],
    dynamic_axes={"latents": {0: "batch"}, "images": {0: "batch"}},
    opset_version=13,
)

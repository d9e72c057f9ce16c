"""Makes image-layers.json: what PyTorch computes for layers of image translators, in float64.

    python3 test/golden/make_image_layers.py

For each: the output; the gradient of sum(probe * output) by every input and weight; and for the critic
sum(probe * tanh(output)) of each sample the penalty mean((norm of its gradient by x - 1)^2) with its gradient by x and
every weight. The resize-convolution is an upsampling with torch's 3x3 convolution behind it.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
generator = np.random.default_rng(23)


def normal(*shape, mean=0.0, spread=1.0):
    # Rounded, so that float32 holds what is written.
    values = np.float32(np.round(mean + spread * generator.normal(size=shape), 3))
    return torch.tensor(values.astype(np.float64))


def channels_first(x):
    return x.permute(0, 3, 1, 2)


def channels_last(x):
    return x.permute(0, 2, 3, 1)


def on_maps(function):
    return lambda x, *weights: channels_last(function(channels_first(x), *weights))


def instance_norm(x, gamma=None, beta=None):
    return F.instance_norm(x, weight=gamma, bias=beta, eps=1e-5)


def reflection(padding):
    return on_maps(lambda x: F.pad(x, [padding] * 4, mode="reflect"))


def shuffle(factor):
    return on_maps(lambda x: F.pixel_shuffle(x, factor))


def enlarged(x, factor, mode):
    corners = {} if mode == "nearest" else {"align_corners": False}
    return F.interpolate(x, scale_factor=factor, mode=mode, **corners)


def upsampling(factor, mode):
    return on_maps(lambda x: enlarged(x, factor, mode))


def resize_convolution(mode):
    # TensorFlow.js holds [height, width, in, out].
    return on_maps(lambda x, kernel: F.conv2d(enlarged(x, 2, mode), kernel.permute(3, 2, 0, 1), padding=1))


def flat(tensor):
    values = tensor.detach().flatten().tolist()
    return {"shape": list(tensor.shape), "values": [float(f"{v:.9g}") for v in values]}


def case(layer, x, weights={}):
    leaves = {"x": x, **weights}
    for leaf in leaves.values():
        leaf.requires_grad_(True)

    output = layer(x, *weights.values())
    probe = normal(*output.shape)
    gradients = torch.autograd.grad((probe * output).sum(), leaves.values())

    critic = (probe * torch.tanh(layer(x, *weights.values()))).sum()
    (slope,) = torch.autograd.grad(critic, x, create_graph=True)
    penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    of_penalty = torch.autograd.grad(penalty, leaves.values(), allow_unused=True)

    named = lambda values: {
        name: flat(torch.zeros_like(leaf) if value is None else value)
        for (name, leaf), value in zip(leaves.items(), values)
    }
    return {
        "x": flat(x),
        # No layer of these has one; the tests of layers with two inputs are the same.
        "condition": flat(torch.zeros(x.shape[0])),
        "weights": {name: flat(weight) for name, weight in weights.items()},
        "probe": flat(probe),
        "output": flat(output),
        "gradients": named(gradients),
        "penalty": penalty.item(),
        "penaltyGradients": named(of_penalty),
    }


golden = {
    "instanceNorm": {
        "maps": case(on_maps(instance_norm), normal(3, 3, 2, 4, mean=0.5, spread=2)),
        "with a scale and an offset": case(
            on_maps(instance_norm),
            normal(2, 2, 3, 3, mean=-1),
            {"gamma": normal(3, mean=1), "beta": normal(3)},
        ),
    },
    "reflectionPadding": {
        "1": case(reflection(1), normal(2, 2, 3, 2)),
        "3": case(reflection(3), normal(2, 4, 5, 1)),
    },
    "pixelShuffle": {
        "2": case(shuffle(2), normal(2, 2, 3, 8)),
        "3": case(shuffle(3), normal(2, 1, 2, 9)),
    },
    "upsampling": {
        "2 nearest": case(upsampling(2, "nearest"), normal(3, 2, 3, 2)),
        "3 nearest": case(upsampling(3, "nearest"), normal(2, 2, 1, 2)),
        "2 bilinear": case(upsampling(2, "bilinear"), normal(3, 2, 3, 2)),
        "3 bilinear": case(upsampling(3, "bilinear"), normal(2, 3, 1, 2)),
        "4 bilinear": case(upsampling(4, "bilinear"), normal(2, 2, 2, 1)),
    },
    "resizeConvolution": {
        mode: case(resize_convolution(mode), normal(2, 2, 3, 2), {"kernel": normal(3, 3, 2, 3, spread=0.3)})
        for mode in ("nearest", "bilinear")
    },
}

path = Path(__file__).with_name("image-layers.json")
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")

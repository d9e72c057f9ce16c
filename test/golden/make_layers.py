"""Makes layers.json: what PyTorch computes for conditional layers, in float64.

    python3 test/golden/make_layers.py

Conditional batch norm is torch's own batch norm without a scale and an offset, and an embedding (or a linear map) for
each of the two; a projection head is a linear map and an embedding. In training mode, for each: the output; the gradient
of sum(probe * output) by every input and weight; and for the critic sum(probe * tanh(output)) of each sample the penalty
mean((norm of its gradient by x - 1)^2) with its gradient by x and every weight.

Of batch norm also the moving statistics after two passes, and the output they give then at inference. PyTorch follows the
variance divided by n - 1, TensorFlow.js the one divided by n: each pass adds (n - 1) / n of what it adds in PyTorch.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
generator = np.random.default_rng(11)
EPSILON, MOMENTUM = 2e-5, 0.9


def normal(*shape, mean=0.0, spread=1.0):
    # Rounded, so that float32 holds what is written.
    values = np.float32(np.round(mean + spread * generator.normal(size=shape), 3))
    return torch.tensor(values.astype(np.float64))


def channels_first(x):
    return x.permute(0, x.ndim - 1, *range(1, x.ndim - 1))


def channels_last(x):
    return x.permute(0, *range(2, x.ndim), 1)


def selected(condition, matrix):
    return condition @ matrix if condition.is_floating_point() else F.embedding(condition, matrix)


class ConditionalBatchNorm:
    def __init__(self, channels):
        self.norm = nn.BatchNorm1d(channels, eps=EPSILON, momentum=1 - MOMENTUM, affine=False)

    def __call__(self, x, condition, first, second):
        # Over batch and pixels alike: rows of channels.
        normalized = self.norm(x.reshape(-1, x.shape[-1])).reshape(x.shape)
        per_sample = (x.shape[0], *[1] * (x.ndim - 2), x.shape[-1])
        gamma = selected(condition, first).reshape(per_sample)
        beta = selected(condition, second).reshape(per_sample)
        return normalized * (gamma + 1 if condition.is_floating_point() else gamma) + beta


def projection_head(x, condition, kernel, bias, of_condition):
    h = channels_first(x).flatten(2).sum(2) if x.ndim > 2 else x
    return F.linear(h, kernel.T, bias) + (selected(condition, of_condition) * h).sum(1, keepdim=True)


def embedding(x, condition, embeddings):
    # With x, so that the gradient by it depends on the embeddings.
    return x * selected(condition, embeddings)


def flat(tensor):
    shape = list(tensor.shape)
    values = tensor.detach().flatten().tolist()
    return {"shape": shape, "values": [float(f"{v:.9g}") for v in values]}


def case(layer, x, condition, weights):
    leaves = {"x": x, **weights}
    if condition.is_floating_point():
        leaves["condition"] = condition
    for leaf in leaves.values():
        leaf.requires_grad_(True)

    output = layer(x, condition, *weights.values())
    probe = normal(*output.shape)
    gradients = torch.autograd.grad((probe * output).sum(), leaves.values())

    critic = (probe * torch.tanh(layer(x, condition, *weights.values()))).sum()
    (slope,) = torch.autograd.grad(critic, x, create_graph=True)
    penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    of_penalty = torch.autograd.grad(penalty, leaves.values(), allow_unused=True)

    named = lambda values: {
        name: flat(torch.zeros_like(leaf) if value is None else value)
        for (name, leaf), value in zip(leaves.items(), values)
    }
    return {
        "x": flat(x),
        "condition": flat(condition),
        "weights": {name: flat(weight) for name, weight in weights.items()},
        "probe": flat(probe),
        "output": flat(output),
        "gradients": named(gradients),
        "penalty": penalty.item(),
        "penaltyGradients": named(of_penalty),
    }


def batch_norm_case(x, condition, weights):
    channels = x.shape[-1]
    result = case(ConditionalBatchNorm(channels), x, condition, weights)
    layer = ConditionalBatchNorm(channels)
    other = normal(*x.shape, mean=-1, spread=2)
    with torch.no_grad():
        for samples in (x, other):
            layer(samples, condition, *weights.values())
        count = x.numel() // channels
        stayed = MOMENTUM**2
        added = layer.norm.running_var - stayed
        layer.norm.running_var.copy_(stayed + added * (count - 1) / count)
        layer.norm.eval()
        inference = layer(x, condition, *weights.values())
    return {
        **result,
        "second": flat(other),
        "movingMean": flat(layer.norm.running_mean),
        "movingVariance": flat(layer.norm.running_var),
        "inference": flat(inference),
    }


labels = lambda *values: torch.tensor(values)
golden = {
    "batchNorm": {
        "rows by class": batch_norm_case(
            normal(5, 3, mean=0.5, spread=2),
            labels(2, 0, 2, 1, 0),
            {"gamma": normal(4, 3, mean=1), "beta": normal(4, 3)},
        ),
        "images by class": batch_norm_case(
            normal(3, 2, 2, 3, mean=-0.5),
            labels(1, 1, 0),
            {"gamma": normal(2, 3, mean=1), "beta": normal(2, 3)},
        ),
        "images by vector": batch_norm_case(
            normal(3, 2, 3, 2, mean=0.3),
            normal(3, 4),
            {"gamma_kernel": normal(4, 2, spread=0.4), "beta_kernel": normal(4, 2)},
        ),
    },
    "head": {
        "features by class": case(
            projection_head,
            normal(4, 3),
            labels(2, 0, 2, 1),
            {"kernel": normal(3, 1), "bias": normal(1), "embeddings": normal(4, 3)},
        ),
        "maps by class": case(
            projection_head,
            normal(3, 2, 2, 3, spread=0.3),
            labels(1, 1, 0),
            {"kernel": normal(3, 1), "bias": normal(1), "embeddings": normal(2, 3)},
        ),
        "maps by vector": case(
            projection_head,
            normal(3, 2, 2, 3, spread=0.3),
            normal(3, 2),
            {"kernel": normal(3, 1), "bias": normal(1), "condition_kernel": normal(2, 3)},
        ),
    },
    "embedding": {
        "rows by class": case(
            embedding, normal(4, 3), labels(2, 0, 2, 1), {"embeddings": normal(4, 3)}
        ),
    },
}

path = Path(__file__).with_name("layers.json")
path.write_text(json.dumps(golden, indent=None, separators=(",", ":")) + "\n")

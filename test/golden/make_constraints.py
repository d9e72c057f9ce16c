"""Makes constraints.json: what torch.nn.utils.spectral_norm does to kernels of every kind, in float64.

    python3 test/golden/make_constraints.py

Kernels are stored in the layout of TensorFlow.js. For each: u at the start, then after k power iterations u, sigma,
the normalized weight W / sigma, and the gradient with respect to W of sum(probe * W / sigma); and the largest singular
value by numpy.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.utils import spectral_norm

generator = np.random.default_rng(7)

# Name, the module, which of its axes counts outputs, and the way from PyTorch's layout to that of TensorFlow.js.
cases = [
    ("dense", nn.Linear(6, 5), 0, lambda w: w.transpose(1, 0)),
    ("conv1d", nn.Conv1d(3, 4, 3), 0, lambda w: w.transpose(2, 1, 0)),
    ("conv2d", nn.Conv2d(3, 4, (2, 3)), 0, lambda w: w.transpose(2, 3, 1, 0)),
    ("conv3d", nn.Conv3d(2, 3, 2), 0, lambda w: w.transpose(2, 3, 4, 1, 0)),
    ("conv2dTranspose", nn.ConvTranspose2d(3, 4, (2, 3)), 1, lambda w: w.transpose(2, 3, 1, 0)),
    ("conv3dTranspose", nn.ConvTranspose3d(2, 3, 2), 1, lambda w: w.transpose(2, 3, 4, 1, 0)),
    # [in · multiplier, 1, h, w] → [h, w, in, multiplier]
    (
        "depthwiseConv2d",
        nn.Conv2d(3, 6, (2, 3), groups=3),
        0,
        lambda w: w.transpose(2, 3, 0, 1).reshape(2, 3, 3, 2),
    ),
    ("embedding", nn.Embedding(7, 4), 1, lambda w: w),
]

golden = {}
for name, module, axis, to_tfjs in cases:
    module = module.double()
    weight = generator.normal(size=tuple(module.weight.shape))
    module.weight.data = torch.tensor(weight)
    probe = torch.tensor(generator.normal(size=weight.shape))
    size = weight.shape[axis]
    start = generator.normal(size=size)
    start /= np.linalg.norm(start)

    spectral_norm(module, n_power_iterations=1, eps=1e-12, dim=axis)
    module.weight_u.copy_(torch.tensor(start))
    hook = next(iter(module._forward_pre_hooks.values()))

    results = {}
    for iterations in (1, 2, 3):
        # In training mode each call makes one iteration.
        normalized = hook.compute_weight(module, do_power_iteration=True)
        (gradient,) = torch.autograd.grad((probe * normalized).sum(), module.weight_orig)
        sigma = (weight / normalized.detach().numpy()).flat[0]
        results[str(iterations)] = {
            "u": module.weight_u.tolist(),
            "sigma": sigma,
            "normalized": to_tfjs(normalized.detach().numpy()).flatten().tolist(),
            "gradient": to_tfjs(gradient.numpy()).flatten().tolist(),
        }

    matrix = np.moveaxis(weight, axis, 0).reshape(size, -1)
    golden[name] = {
        "shape": list(to_tfjs(weight).shape),
        "weight": to_tfjs(weight).flatten().tolist(),
        "probe": to_tfjs(probe.numpy()).flatten().tolist(),
        "u": start.tolist(),
        "largest": float(np.linalg.svd(matrix, compute_uv=False)[0]),
        "after": results,
    }

path = Path(__file__).with_name("constraints.json")
path.write_text(json.dumps(golden, indent=1) + "\n")

"""Golden values and parameter gradients of the penalties from PyTorch in float64, create_graph=True. Run with Debian's
python3-torch; prints JSON. Weights are in TensorFlow.js's layouts, and everything that goes in is exact in float32."""
import json
import torch
from torch.nn import functional as F

torch.manual_seed(4)


def exact(*shape, scale=1.0):
    return (torch.randn(*shape, dtype=torch.float64) * scale).float().double()


def flat(tensors):
    return [t.detach().flatten().tolist() for t in tensors]


ACTIVATIONS = {"relu": torch.relu, "leakyReLU": lambda x: F.leaky_relu(x, 0.2), "tanh": torch.tanh}


def convolve(x, kernel, bias, stride):
    # [batch, height, width, channels] and [height, width, in, out] → PyTorch's orders and back
    y = F.conv2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), bias, stride)
    return y.permute(0, 2, 3, 1)


class Critic:
    """layers: ["dense", units] or ["conv", filters, kernel, stride] or ["flatten"]; the activation stands between."""

    def __init__(self, input_shape, activation, layers, scale):
        self.input_shape, self.activation, self.layers = input_shape, activation, layers
        self.weights, shape = [], list(input_shape)
        for kind, *sizes in layers:
            if kind == "dense":
                kernel, shape = [shape[0], sizes[0]], [sizes[0]]
            elif kind == "conv":
                filters, side, stride = sizes
                kernel = [side, side, shape[2], filters]
                shape = [(shape[0] - side) // stride + 1, (shape[1] - side) // stride + 1, filters]
            else:
                shape = [shape[0] * shape[1] * shape[2]]
                continue
            fan_in = torch.tensor(kernel[:-1]).prod().item()
            self.weights += [exact(*kernel, scale=scale / fan_in**0.5), exact(kernel[-1], scale=0.3)]
        for weight in self.weights:
            weight.requires_grad_()

    def __call__(self, x):
        weights = iter(self.weights)
        weighted = sum(kind != "flatten" for kind, *_ in self.layers)
        for kind, *sizes in self.layers:
            if kind == "flatten":
                x = x.reshape(x.shape[0], -1)
                continue
            kernel, bias = next(weights), next(weights)
            x = x @ kernel + bias if kind == "dense" else convolve(x, kernel, bias, sizes[2])
            weighted -= 1
            if weighted > 0:
                x = ACTIVATIONS[self.activation](x)
        return x

    def described(self):
        return {"inputShape": self.input_shape, "activation": self.activation, "layers": self.layers,
                "weights": flat(self.weights)}


def squared_slopes(critic, samples):
    samples = samples.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(samples).sum(), samples, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def miss(critic, samples, norm=1.0, one_sided=False):
    distance = (squared_slopes(critic, samples) + 1e-12).sqrt() - norm
    return (distance.clamp(min=0) if one_sided else distance).square().mean()


def measured(value, weights):
    gradients = torch.autograd.grad(value, weights, allow_unused=True)
    filled = [torch.zeros_like(w) if g is None else g for g, w in zip(gradients, weights)]
    return {"value": value.item(), "gradients": flat(filled)}


critics = {
    "pointsRelu": Critic([2], "relu", [["dense", 8], ["dense", 6], ["dense", 1]], 1.6),
    "pointsTanh": Critic([2], "tanh", [["dense", 8], ["dense", 6], ["dense", 1]], 1.4),
    "imagesLeaky": Critic([6, 6, 2], "leakyReLU", [["conv", 4, 3, 1], ["conv", 3, 2, 2], ["flatten"], ["dense", 1]], 1.2),
    "patchesTanh": Critic([6, 6, 1], "tanh", [["conv", 4, 3, 1], ["conv", 1, 2, 2]], 0.9),
}
result = {"torch": torch.__version__, "critics": {}}
for name, critic in critics.items():
    batch = 5
    real, fake = exact(batch, *critic.input_shape), exact(batch, *critic.input_shape, scale=0.7)
    share = torch.rand(batch, dtype=torch.float64).float().double()
    noise = (torch.rand(batch, *critic.input_shape, dtype=torch.float64) * 2 - 1).float().double()
    share_by_sample = share.reshape(batch, *[1] * len(critic.input_shape))
    between = share_by_sample * real + (1 - share_by_sample) * fake
    around = real + 0.5 * real.std(unbiased=False) * noise
    values = {
        "gradientPenalty": miss(critic, between),
        "oneSided": miss(critic, between, one_sided=True),
        "targetNorm": miss(critic, between, norm=0.5),
        "zeroCentered": miss(critic, between, norm=0.0),
        "atReal": miss(critic, real),
        "atFake": miss(critic, fake),
        "r1": squared_slopes(critic, real).mean() / 2,
        "r2": squared_slopes(critic, fake).mean() / 2,
        "dragan": miss(critic, around),
    }
    result["critics"][name] = {
        **critic.described(), "batch": batch, **dict(zip(["real", "fake", "share", "noise"], flat([real, fake, share, noise]))),
        "penalties": {kind: measured(value, critic.weights) for kind, value in values.items()},
    }

# Kernels as TensorFlow.js keeps them: dense [in, out], convolution [h, w, in, out], transposed [h, w, out, in].
kernels = [exact(4, 5, scale=0.6), exact(3, 3, 2, 4, scale=0.4), exact(3, 3, 4, 2, scale=0.4)]
for kernel in kernels:
    kernel.requires_grad_()
columns = [kernels[0], kernels[1].reshape(-1, 4), kernels[2].transpose(2, 3).reshape(-1, 4)]
result["orthogonal"] = {"kernels": flat(kernels)}
for entries in ("offDiagonal", "all"):
    total = 0
    for w in columns:
        products, unit = w.T @ w, torch.eye(w.shape[1], dtype=torch.float64)
        total = total + ((products - unit) if entries == "all" else products * (1 - unit)).square().sum()
    result["orthogonal"][entries] = measured(total, kernels)

# Samples are latents times one kernel; features are tanh of a dense layer. Batches of unequal size.
latents, kernel = exact(6, 3), exact(3, 2).requires_grad_()
real, layer, bias = exact(4, 2), exact(2, 5), exact(5, scale=0.3)
features = lambda x: torch.tanh(x @ layer + bias)
matching = (features(real).mean(0) - features(latents @ kernel).mean(0)).square().sum()
result["featureMatching"] = {
    **dict(zip(["latents", "kernel", "real", "layer", "bias"], flat([latents, kernel, real, layer, bias]))),
    **measured(matching, [kernel]),
}

path = [exact(6) for _ in range(4)]
last = path[-1].clone().requires_grad_()
average = torch.stack(path[:-1]).mean(0)
result["historicalAveraging"] = {"path": flat(path), **measured((last - average).square().sum(), [last])}
print(json.dumps(result))

"""Makes r3gan.json: three steps of R3GAN in PyTorch, in float64, by the authors' formulas.

    python3 test/golden/make_r3gan.py

Networks of 8x8 images with 2 and 4 filters; every weight is random and not zero, also where training starts at zero. A step is
an update of the discriminator, then one of the generator, each with latents of its own: those that a trainer of the seed 5
draws. For each update: the loss of pairs, the penalties, and the norm of the gradient. Resampling is by the transposed and the
strided convolution with [1, 3, 3, 1] of the authors' reference code. Weights are in TensorFlow.js's layouts.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
generator = np.random.default_rng(8)

# What the library draws: two lists for each step.
LATENTS = [
    [0.6082240343093872, -1.5506000518798828, -0.5236361622810364, 0.09011866897344589, 0.5058555006980896, -0.21879848837852478, -0.8154681324958801, -0.2584633529186249, 0.7538426518440247, -0.5834383368492126, -0.5418969988822937, -0.26610419154167175],
    [0.5188578963279724, 0.4098232388496399, -0.13283978402614594, -0.012748507782816887, -0.5239968299865723, -0.11069764941930771, 1.7573169469833374, 0.39981845021247864, 0.2714448869228363, -0.7009150385856628, 0.49175241589546204, -0.8984008431434631],
    [1.4895384311676025, 0.06220880523324013, 0.9915195107460022, -0.15886981785297394, -0.7854478359222412, -1.0560777187347412, 0.5993314981460571, 1.216208577156067, -0.5137550234794617, 0.5149950981140137, -1.352137565612793, 0.48195576667785645],
    [0.4122603237628937, 1.0047812461853027, 1.0327130556106567, -0.5160022974014282, 1.5386615991592407, -1.9092732667922974, 1.243554949760437, -0.3337065279483795, 0.24749045073986053, -0.6223136186599731, -0.4930567145347595, 0.897473156452179],
    [-1.792995572090149, 0.6179980039596558, -1.359756588935852, -0.5474491119384766, 2.3075942993164062, 0.049036238342523575, -0.04904491454362869, 0.18517252802848816, 0.0306683536618948, -2.758500576019287, -0.10755503177642822, -0.11489153653383255],
    [1.5825114250183105, -0.06734500080347061, -3.1391730308532715, 0.08377417176961899, 0.016407499089837074, -0.5689302086830139, -0.06390579789876938, 0.7487738132476807, -0.45209115743637085, -0.290774941444397, 0.5023912787437439, 0.8807064294815063],
]

BURN_IN = 1000


def weight(*shape, spread=0.6):
    values = np.float32(np.round(spread * generator.normal(size=shape), 3)).astype(np.float64)
    return torch.tensor(values).requires_grad_()


def block(width):
    inside = 2 * width
    return [weight(1, 1, width, inside), weight(inside), weight(3, 3, inside, inside, spread=0.3), weight(inside), weight(1, 1, inside, width)]


GENERATOR = [weight(3, 4), weight(4, 4, 4), *block(4), weight(1, 1, 4, 2), *block(2), weight(1, 1, 2, 1)]
DISCRIMINATOR = [weight(1, 1, 1, 2), *block(2), weight(1, 1, 2, 4), *block(4), weight(4, 4, 4, 1), weight(4, 1)]
start = {name: [w.detach().clone() for w in weights] for name, weights in [("generator", GENERATOR), ("discriminator", DISCRIMINATOR)]}


def conv(x, kernel, bias=None):
    return F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, padding=(kernel.shape[0] - 1) // 2)


def residual(x, weights):
    first, first_bias, second, second_bias, last = [next(weights) for _ in range(5)]
    y = F.leaky_relu(conv(x, first, first_bias), 0.2)
    y = F.leaky_relu(conv(y, second, second_bias), 0.2)
    return x + conv(y, last)


lowpass = torch.tensor([1.0, 3.0, 3.0, 1.0])
lowpass = torch.outer(lowpass, lowpass) / 64


def by_channel(x, run):
    batch, channels, height, width = x.shape
    y = run(x.reshape(batch * channels, 1, height, width))
    return y.reshape(batch, channels, *y.shape[2:])


def up(x):
    return by_channel(x, lambda y: F.conv_transpose2d(y, 4 * lowpass[None, None], stride=2, padding=1))


def down(x):
    return by_channel(x, lambda y: F.conv2d(y, lowpass[None, None], stride=2, padding=1))


def generate(latents):
    weights = iter(GENERATOR)
    features = latents @ next(weights)
    x = next(weights).permute(2, 0, 1)[None] * features[:, :, None, None]
    x = residual(x, weights)
    x = up(conv(x, next(weights)))
    x = residual(x, weights)
    return conv(x, next(weights))


def judge(x):
    weights = iter(DISCRIMINATOR)
    x = residual(conv(x, next(weights)), weights)
    x = conv(down(x), next(weights))
    x = residual(x, weights)
    basis = next(weights)  # [height, width, channels, 1]
    features = (x * basis[..., 0].permute(2, 0, 1)[None]).sum([2, 3])
    return (features @ next(weights))[:, 0]


def squared_gradient(logits, samples):
    (gradient,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)
    return gradient.square().sum([1, 2, 3])


class Adam:
    def __init__(self, weights):
        self.weights, self.second, self.count = weights, [torch.zeros_like(w) for w in weights], 0

    def update(self, gradients, rate, beta2):
        self.count += 1
        for w, v, g in zip(self.weights, self.second, gradients):
            v.mul_(beta2).addcmul_(g, g, value=1 - beta2)
            w.data -= rate * g / ((v / (1 - beta2**self.count)).sqrt() + 1e-8)


def cosine(first, last, step):
    share = min(1, (step - 1) / BURN_IN)
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2


def norm(gradients):
    return math.sqrt(sum(g.square().sum().item() for g in gradients))


real = torch.tensor(np.float32(np.round(generator.uniform(-1, 1, (4, 8, 8, 1)), 3)).astype(np.float64))
images = real.permute(0, 3, 1, 2)
optimizers = Adam(GENERATOR), Adam(DISCRIMINATOR)
steps = []
for step in (1, 2, 3):
    gamma, rate, beta2 = cosine(1, 0.1, step), cosine(2e-4, 5e-5, step), cosine(0.9, 0.99, step)
    of_discriminator, of_generator = (torch.tensor(LATENTS[2 * step - 2 + i]).reshape(4, 3) for i in (0, 1))
    x = images.clone().requires_grad_()
    fake = generate(of_discriminator).detach().requires_grad_()
    on_real, on_fake = judge(x), judge(fake)
    r1, r2 = squared_gradient(on_real, x), squared_gradient(on_fake, fake)
    adversarial = F.softplus(-(on_real - on_fake)).mean()
    loss = (F.softplus(-(on_real - on_fake)) + gamma / 2 * (r1 + r2)).mean()
    gradients = torch.autograd.grad(loss, DISCRIMINATOR)
    numbers = {
        "adversarial": adversarial.item(),
        "r1": (gamma / 2 * r1.mean()).item(),
        "r2": (gamma / 2 * r2.mean()).item(),
        "discriminatorNorm": norm(gradients),
    }
    optimizers[1].update(gradients, rate, beta2)
    fake = generate(of_generator)
    loss = F.softplus(-(judge(fake) - judge(images))).mean()
    gradients = torch.autograd.grad(loss, GENERATOR)
    numbers |= {"generator": loss.item(), "generatorNorm": norm(gradients)}
    optimizers[0].update(gradients, rate, beta2)
    steps.append(numbers)

stored = lambda tensor: {"shape": list(tensor.shape), "values": tensor.detach().flatten().tolist()}
result = {name: [stored(w) for w in weights] for name, weights in start.items()}
result |= {"real": stored(real), "burnIn": BURN_IN, "steps": steps}
Path(__file__).with_name("r3gan.json").write_text(json.dumps(result) + "\n")

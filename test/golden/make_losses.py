"""Golden values and gradients of the losses from PyTorch in float64. Run with Debian's python3-torch; prints JSON.

Answers are multiples of 1/64, which float32 holds as they are: what is compared is the loss, not the rounding of its input.
"""
import json
import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce, logsigmoid, mse_loss, relu

torch.manual_seed(1)


def draw(shape, scale):
    return torch.round(torch.randn(shape, dtype=torch.float64) * scale * 64) / 64


def column(*values):
    return torch.tensor(values, dtype=torch.float64).reshape(-1, 1)


cases = {
    "random": (draw((8, 1), 1), draw((8, 1), 1)),
    "spread": (draw((16, 1), 6), draw((16, 1), 6)),
    "sure": (column(100, 100, 40, 0.25), column(-100, -100, -40, -0.25)),
    "wrong": (column(-100, -100, -40, -0.25), column(100, 100, 40, 0.25)),
    "mixed": (column(100, -100, 1, -1), column(-100, 100, -1, 1)),
    "patches": (draw((2, 3, 3, 1), 2), draw((2, 3, 3, 1), 2)),
    "unequal": (draw((8, 1), 2), draw((4, 1), 2)),
}


def measured(discriminator, generator, real, fake):
    r, f, g = (x.clone().requires_grad_() for x in (real, fake, fake))
    d_loss, g_loss = discriminator(r, f), generator(g, real)
    d_loss.backward()
    g_loss.backward()
    flat = lambda x: x.flatten().tolist()
    return {"discriminator": d_loss.item(), "generator": g_loss.item(), "realGradient": flat(r.grad),
            "fakeGradient": flat(f.grad), "generatorGradient": flat(g.grad)}


def smoothed(smoothing):
    return (lambda r, f: bce(r, torch.full_like(r, 1 - smoothing)) + bce(f, torch.zeros_like(f)),
            lambda f, r: bce(f, torch.ones_like(f)))


def least_squares(a, b, c):
    target = torch.full_like
    return (lambda r, f: 0.5 * mse_loss(r, target(r, b)) + 0.5 * mse_loss(f, target(f, a)),
            lambda f, r: 0.5 * mse_loss(f, target(f, c)))


# f1 is what a comparison costs whose first member should look real, f2 one whose first member should look fake.
bases = {
    "Bce": (lambda d: bce(d, torch.ones_like(d)), lambda d: bce(d, torch.zeros_like(d))),
    "Hinge": (lambda d: relu(1 - d).mean(), lambda d: relu(1 + d).mean()),
    "LeastSquares": (lambda d: mse_loss(d, torch.ones_like(d)), lambda d: mse_loss(d, -torch.ones_like(d))),
}


def relativistic(base):
    f1, _ = bases[base]
    return (lambda r, f: f1(r - f), lambda f, r: f1(f - r))


def relativistic_average(base):
    f1, f2 = bases[base]
    return (lambda r, f: f1(r - f.mean()) + f2(f - r.mean()), lambda f, r: f1(f - r.mean()) + f2(r - f.mean()))


losses = {
    "bce": smoothed(0.0),
    "bceSmoothed": smoothed(0.1),
    "minimax": (lambda r, f: -logsigmoid(r).mean() - logsigmoid(-f).mean(), lambda f, r: logsigmoid(-f).mean()),
    "leastSquares": least_squares(0, 1, 1),
    "leastSquaresPearson": least_squares(-1, 1, 0),
    "wasserstein": (lambda r, f: f.mean() - r.mean(), lambda f, r: -f.mean()),
    "hinge": (lambda r, f: relu(1 - r).mean() + relu(1 + f).mean(), lambda f, r: -f.mean()),
    **{f"relativistic{base}": relativistic(base) for base in bases},
    **{f"relativisticAverage{base}": relativistic_average(base) for base in bases},
}


def comparable(loss, real, fake):
    return real.shape == fake.shape or not loss.startswith("relativistic") or "Average" in loss


print(json.dumps({
    "torch": torch.__version__,
    "cases": {name: {"realShape": list(real.shape), "real": real.flatten().tolist(),
                     "fakeShape": list(fake.shape), "fake": fake.flatten().tolist()}
              for name, (real, fake) in cases.items()},
    "losses": {loss: {name: measured(*losses[loss], real, fake)
                      for name, (real, fake) in cases.items() if comparable(loss, real, fake)}
               for loss in losses},
}))

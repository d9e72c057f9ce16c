"""Makes augmentations.json: what the formulas of DiffAugment and ADA give in PyTorch, in float64, for given random numbers.

    python3 test/golden/make_augmentations.py

Each case lists the draws in the order in which the library takes them: numbers uniform in a range, or normal ones, one for
each image. ADA's images are sampled by torch's own grid_sample with mirrored edges, without the filters of the authors' code.
Of both, the gradient of sum(probe * output) by the images is given too.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

torch.set_default_dtype(torch.float64)
generator = np.random.default_rng(5)


def rounded(values):
    return torch.tensor(np.float32(values).astype(np.float64))


class Draws:
    def __init__(self, batch):
        self.batch, self.taken = batch, []

    def keep(self, values):
        self.taken.append(values.tolist())
        return values

    def uniform(self, low, high):
        return self.keep(rounded(generator.uniform(low, high, self.batch)))

    def normal(self):
        return self.keep(rounded(generator.normal(size=self.batch)))

    def integer(self, bound):
        return self.keep(torch.tensor(generator.integers(0, bound, self.batch)))


def diff_augment(x, policy, draws):
    batch, channels, height, width = x.shape
    column = lambda values: values.view(-1, 1, 1, 1)
    for part in policy:
        if part == "color":
            brightness, saturation, contrast = draws.uniform(-0.5, 0.5), draws.uniform(0, 2), draws.uniform(0.5, 1.5)
            x = x + column(brightness)
            mean = x.mean(dim=1, keepdim=True)
            x = (x - mean) * column(saturation) + mean
            mean = x.mean(dim=[1, 2, 3], keepdim=True)
            x = (x - mean) * column(contrast) + mean
        elif part == "translation":
            tall, wide = int(height / 8 + 0.5), int(width / 8 + 0.5)
            down, right = draws.integer(2 * tall + 1) - tall, draws.integer(2 * wide + 1) - wide
            images = []
            for image, dy, dx in zip(x, down.tolist(), right.tolist()):
                padded = F.pad(image, [wide, wide, tall, tall])
                images.append(padded[:, tall + dy : tall + dy + height, wide + dx : wide + dx + width])
            x = torch.stack(images)
        else:
            tall, wide = int(height / 2 + 0.5), int(width / 2 + 0.5)
            rows, columns = draws.integer(height + 1 - tall % 2), draws.integer(width + 1 - wide % 2)
            mask = torch.ones(batch, 1, height, width)
            for i, (row, col) in enumerate(zip(rows.tolist(), columns.tolist())):
                for y in range(row - tall // 2, row - tall // 2 + tall):
                    for z in range(col - wide // 2, col - wide // 2 + wide):
                        if 0 <= y < height and 0 <= z < width:
                            mask[i, 0, y, z] = 0
            x = x * mask
    return x



def full(rows, batch):
    return torch.stack([torch.stack([torch.as_tensor(float(v)).expand(batch) if not torch.is_tensor(v) else v for v in row], -1) for row in rows], -2)


def ada(x, kinds, p, draws):
    batch, channels, height, width = x.shape
    scale_inv = lambda sx, sy: full([[1 / sx, 0, 0], [0, 1 / sy, 0], [0, 0, 1]], batch)
    rotate = lambda t: full([[torch.cos(t), -torch.sin(t), 0], [torch.sin(t), torch.cos(t), 0], [0, 0, 1]], batch)
    translate_inv = lambda tx, ty: full([[1, 0, -tx], [0, 1, -ty], [0, 0, 1]], batch)

    def gate(chance, *values, neutral=0.0):
        is_drawn = draws.uniform(0, 1) < chance
        return [torch.where(is_drawn, value, torch.full_like(value, neutral)) for value in values]

    one = torch.ones(batch)
    inverse = torch.eye(3).expand(batch, 3, 3)
    if "blit" in kinds:
        (flip,) = gate(p, torch.floor(draws.uniform(0, 2)))
        inverse = inverse @ scale_inv(1 - 2 * flip, one)
        (quarters,) = gate(p, torch.floor(draws.uniform(0, 4)))
        inverse = inverse @ rotate(math.pi / 2 * quarters)
        x_share, y_share = draws.uniform(-0.125, 0.125), draws.uniform(-0.125, 0.125)
        tx, ty = gate(p, torch.round(x_share * width), torch.round(y_share * height))
        inverse = inverse @ translate_inv(tx, ty)
    if "geometric" in kinds:
        p_turn = 1 - math.sqrt(1 - p)
        (scale,) = gate(p, 2 ** (draws.normal() * 0.2), neutral=1.0)
        inverse = inverse @ scale_inv(scale, scale)
        (angle,) = gate(p_turn, draws.uniform(-math.pi, math.pi))
        inverse = inverse @ rotate(angle)
        (stretch,) = gate(p, 2 ** (draws.normal() * 0.2), neutral=1.0)
        inverse = inverse @ scale_inv(stretch, 1 / stretch)
        (angle,) = gate(p_turn, draws.uniform(-math.pi, math.pi))
        inverse = inverse @ rotate(angle)
        tx, ty = gate(p, draws.normal() * 0.125 * width, draws.normal() * 0.125 * height)
        inverse = inverse @ translate_inv(tx, ty)
    if len(set(kinds) & {"blit", "geometric"}) > 0:
        # Pixels about the middle → the coordinates of grid_sample, whose -1 and 1 are the outermost pixels.
        ys, xs = torch.meshgrid(torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
        points = torch.stack([xs, ys, torch.ones_like(xs)], -1)
        there = torch.einsum("bij,hwj->bhwi", inverse, points)[..., :2]
        grid = there / torch.tensor([(width - 1) / 2, (height - 1) / 2])
        x = F.grid_sample(x, grid, mode="bilinear", padding_mode="reflection", align_corners=True)
    if "color" in kinds:
        v = torch.tensor([1.0, 1.0, 1.0, 0.0]) / math.sqrt(3)
        vv = torch.outer(v, v)
        eye = torch.eye(4)
        (b,) = gate(p, draws.normal() * 0.2)
        color = full([[1, 0, 0, b], [0, 1, 0, b], [0, 0, 1, b], [0, 0, 0, 1]], batch)
        (c,) = gate(p, 2 ** (draws.normal() * 0.5), neutral=1.0)
        color = full([[c, 0, 0, 0], [0, c, 0, 0], [0, 0, c, 0], [0, 0, 0, 1]], batch) @ color
        (i,) = gate(p, torch.floor(draws.uniform(0, 2)))
        color = (eye - 2 * vv * i.view(-1, 1, 1)) @ color
        if channels == 3:
            (t,) = gate(p, draws.uniform(-math.pi, math.pi))
            a, s, c = v[0].item(), torch.sin(t), torch.cos(t)
            same, up, down = a * a * (1 - c) + c, a * a * (1 - c) + a * s, a * a * (1 - c) - a * s
            color = full([[same, down, up, 0], [up, same, down, 0], [down, up, same, 0], [0, 0, 0, 1]], batch) @ color
            (s,) = gate(p, 2 ** draws.normal(), neutral=1.0)
            color = (vv + (eye - vv) * s.view(-1, 1, 1)) @ color
        flat = x.reshape(batch, channels, -1)
        if channels == 3:
            flat = color[:, :3, :3] @ flat + color[:, :3, 3:]
        else:
            mean = color[:, :3, :].mean(dim=1, keepdim=True)
            flat = flat * mean[:, :, :3].sum(dim=2, keepdim=True) + mean[:, :, 3:]
        x = flat.reshape(x.shape)
    return x


def case(shape, run):
    batch, height, width, channels = shape
    x = rounded(np.round(generator.uniform(-1, 1, shape), 3)).requires_grad_()
    probe = rounded(np.round(generator.normal(size=shape), 3))
    draws = Draws(batch)
    y = run(x.permute(0, 3, 1, 2), draws).permute(0, 2, 3, 1)
    (gradient,) = torch.autograd.grad((y * probe).sum(), x)
    numbers = lambda tensor: np.round(tensor.detach().flatten().numpy(), 6).tolist()
    return {"shape": list(shape), "x": numbers(x), "probe": numbers(probe), "draws": draws.taken, "output": numbers(y), "gradient": numbers(gradient)}


DIFF = {"color": ["color"], "color, gray": ["color"], "translation": ["translation"], "cutout": ["cutout"], "all": ["cutout", "translation", "color"]}
ADA = {"blit": (["blit"], 0.7), "blit, square": (["blit"], 0.7), "geometric": (["geometric"], 0.6), "color": (["color"], 0.8), "color, gray": (["color"], 0.8), "all": (["blit", "geometric", "color"], 0.5)}


def shape_of(name):
    if "square" in name:
        return (4, 6, 6, 1)
    return (4, 6, 5, 1) if "gray" in name or name in ("blit", "geometric") else (4, 8, 5, 3)


result = {
    "diffAugment": {
        name: {"policy": policy, **case(shape_of(name), lambda x, draws: diff_augment(x, policy, draws))}
        for name, policy in DIFF.items()
    },
    "adaptiveAugment": {
        name: {"policy": kinds, "probability": p, **case(shape_of(name), lambda x, draws: ada(x, kinds, p, draws))}
        for name, (kinds, p) in ADA.items()
    },
}
path = Path(__file__).with_name("augmentations.json")
path.write_text(json.dumps(result) + "\n")

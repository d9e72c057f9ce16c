"""The tutorial's DCGAN on MNIST in PyTorch: the peer of `npm run bench -- mnist`.

Needs Debian's python3-torch and libopenblas0-pthread; run with Debian's own python3.
Usage: mnist_dcgan_torch.py <train-images-idx3-ubyte> <out folder> <seed> <threads> <batch> <samples> <step,step,…>

The network, first weights, optimizer and batches are those of tfjs-gan's `createDcgan({ baseFilters: 64 })`: padding as
TensorFlow's `same` has it (the odd row goes to the end), kernels and scales from N(·, 0.02), batch norm with ε 1e-5 and
momentum 0.9 on the generator's hidden layers and the discriminator's second, its statistics moved by each player's own
updates only, Adam 2e-4 with β₁ 0.5, binary cross-entropy, real and fake judged apart, two fresh fake batches a step.

After each named step it writes `step-<n>.f32`, samples as 28×28 float32 in −1…1 by the moving statistics, and prints a
JSON line with the seconds of training so far.
"""
import contextlib
import json
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, leaky_relu, pad

images_path, out = sys.argv[1:3]
seed, threads, batch, samples = (int(value) for value in sys.argv[3:7])
points = [int(value) for value in sys.argv[7].split(",")]
torch.set_num_threads(threads)
torch.manual_seed(seed)


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense = nn.Linear(100, 7 * 7 * 128, bias=False)
        self.norm0 = nn.BatchNorm2d(128)
        self.up1 = nn.ConvTranspose2d(128, 128, 5, 2, bias=False)
        self.norm1 = nn.BatchNorm2d(128)
        self.up2 = nn.ConvTranspose2d(128, 64, 5, 2, bias=False)
        self.norm2 = nn.BatchNorm2d(64)
        self.out = nn.ConvTranspose2d(64, 1, 5, 1, 2)

    def forward(self, latents):
        x = torch.relu(self.norm0(self.dense(latents).view(-1, 128, 7, 7)))
        # 7 → 17 → 14: of the three rows too many, `same` drops one before and two behind.
        x = torch.relu(self.norm1(self.up1(x)[:, :, 1:-2, 1:-2]))
        x = torch.relu(self.norm2(self.up2(x)[:, :, 1:-2, 1:-2]))
        return torch.tanh(self.out(x))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 64, 5, 2)
        self.conv2 = nn.Conv2d(64, 128, 5, 2, bias=False)
        self.norm2 = nn.BatchNorm2d(128)
        self.dense = nn.Linear(7 * 7 * 128, 1)

    def forward(self, x):
        x = leaky_relu(self.conv1(pad(x, (1, 2, 1, 2))), 0.2)
        x = leaky_relu(self.norm2(self.conv2(pad(x, (1, 2, 1, 2)))), 0.2)
        return self.dense(x.flatten(1))


def begin(module):
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    if isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)


@contextlib.contextmanager
def held(player):
    """Batch norm uses the batch's statistics, and its moving ones rest."""
    norms = [module for module in player.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 0
    yield
    for norm in norms:
        norm.momentum = 0.1


generator, discriminator = Generator().apply(begin), Discriminator().apply(begin)
g_optim = torch.optim.Adam(generator.parameters(), 2e-4, (0.5, 0.999))
d_optim = torch.optim.Adam(discriminator.parameters(), 2e-4, (0.5, 0.999))
bytes_ = numpy.fromfile(images_path, numpy.uint8)[16:].reshape(-1, 1, 28, 28)
images = torch.from_numpy(bytes_.astype(numpy.float32) / 127.5 - 1)
ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)


def step(real):
    with held(generator), torch.no_grad():
        fake = generator(torch.randn(batch, 100))
    d_optim.zero_grad()
    on_real = binary_cross_entropy_with_logits(discriminator(real), ones)
    (on_real + binary_cross_entropy_with_logits(discriminator(fake), zeros)).backward()
    d_optim.step()
    g_optim.zero_grad()
    with held(discriminator):
        judged = discriminator(generator(torch.randn(batch, 100)))
    binary_cross_entropy_with_logits(judged, ones).backward()
    g_optim.step()


def export(number):
    state = torch.get_rng_state()
    torch.manual_seed(1_000_003 * seed + number)
    generator.eval()
    with torch.no_grad():
        made = [generator(torch.randn(250, 100)).numpy() for _ in range(-(-samples // 250))]
    generator.train()
    torch.set_rng_state(state)
    numpy.concatenate(made)[:samples].astype("<f4").tofile(f"{out}/step-{number}.f32")


number, seconds, cpu_seconds = 0, 0.0, 0.0
order = iter(())
while number < points[-1]:
    clock, processor = time.perf_counter(), time.process_time()
    rows = next(order, None)
    if rows is None or len(rows) < batch:
        order = iter(torch.randperm(len(images)).split(batch))
        rows = next(order)
    step(images[rows])
    number += 1
    seconds += time.perf_counter() - clock
    cpu_seconds += time.process_time() - processor
    if number in points:
        export(number)
        print(json.dumps({"step": number, "seconds": seconds, "cpuSeconds": cpu_seconds}), flush=True)

"""A second judge of digits for `npm run bench -- mnist --judge …`: a classifier of another architecture, trained by PyTorch.

Needs Debian's python3-torch and libopenblas0-pthread; run with Debian's own python3.
Usage: mnist_judge_torch.py <folder of MNIST> <weights.pt> <threads> <samples.f32> …

Trains the classifier for three epochs unless the file of weights is there. Then it prints a JSON line for each file of
samples, 28×28 float32 in −1…1, and one for as many training images. All are compared with the 10,000 test images by the
activations of the last hidden layer: Fréchet distance; precision, recall, density and coverage with five neighbors. The score is
exp(mean KL(p(y|x) ‖ p(y))) of all samples at once.

Our own features come from two 5×5 convolutions with stride 2; these from four 3×3 convolutions with max pooling and batch norm.
"""
import json
import os
import sys

import numpy
import torch
from torch import nn

folder, weights = sys.argv[1:3]
torch.set_num_threads(int(sys.argv[3]))
torch.manual_seed(0)
NEIGHBORS = 5


def read_images(name):
    data = numpy.fromfile(os.path.join(folder, name), numpy.uint8)[16:].reshape(-1, 1, 28, 28)
    return torch.from_numpy(data.astype(numpy.float32) / 127.5 - 1)


def read_labels(name):
    return torch.from_numpy(numpy.fromfile(os.path.join(folder, name), numpy.uint8)[8:].astype(numpy.int64))


def block(inputs, outputs):
    return [nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ELU()]


features = nn.Sequential(
    *block(1, 16), *block(16, 24), nn.MaxPool2d(2), *block(24, 32), *block(32, 48), nn.MaxPool2d(2),
    nn.Flatten(), nn.Dropout(0.3), nn.Linear(48 * 49, 96), nn.ELU(),
)
head = nn.Linear(96, 10)
judge = nn.Sequential(features, head)


def train(images, labels, epochs=3, batch=100):
    optimizer = torch.optim.Adam(judge.parameters(), 2e-3)
    steps = epochs * len(images) // batch
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    judge.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(judge(images[rows]), labels[rows]).backward()
            optimizer.step()
            schedule.step()


@torch.no_grad()
def see(images):
    judge.eval()
    seen = torch.cat([features(part) for part in images.split(1000)])
    return seen, torch.softmax(head(seen), 1)


def frechet(a, b):
    def moments(x):
        return x.mean(0), numpy.cov(x, rowvar=False)

    (mean_a, cov_a), (mean_b, cov_b) = moments(a.double().numpy()), moments(b.double().numpy())
    values, vectors = numpy.linalg.eigh(cov_a)
    root = (vectors * numpy.sqrt(values.clip(0))) @ vectors.T
    product = numpy.linalg.eigvalsh(root @ cov_b @ root)
    trace = numpy.trace(cov_a) + numpy.trace(cov_b) - 2 * numpy.sqrt(product.clip(0)).sum()
    return float(((mean_a - mean_b) ** 2).sum() + trace)


def radii(x):
    """The distance of each row to its fifth neighbor; the first of the six nearest is the row itself."""
    return torch.cat([torch.cdist(part, x).topk(NEIGHBORS + 1, largest=False)[0][:, -1] for part in x.split(1000)])


def neighbors(real, fake):
    """Kynkäänniemi et al. 2019 (precision, recall), Naeem et al. 2020 (density, coverage)."""
    real_radii, fake_radii = radii(real), radii(fake)
    inside, covered, recalled = 0, [], []
    precise = torch.zeros(len(fake), dtype=torch.bool)
    for rows in torch.arange(len(real)).split(1000):
        distances = torch.cdist(real[rows], fake)
        hits = distances < real_radii[rows, None]
        precise |= hits.any(0)
        inside += int(hits.sum())
        covered.append(hits.any(1))
        recalled.append((distances < fake_radii[None]).any(1))
    return {
        "precision": precise.float().mean().item(),
        "recall": torch.cat(recalled).float().mean().item(),
        "density": inside / (NEIGHBORS * len(fake)),
        "coverage": torch.cat(covered).float().mean().item(),
    }


def figures(images, against):
    seen, chances = see(images)
    chances = chances.double().clamp_min(1e-12)
    score = (chances * (chances.log() - chances.mean(0).log())).sum(1).mean().exp().item()
    return {"frechet": frechet(against, seen), "score": score, **neighbors(against, seen)}


training = read_images("train-images-idx3-ubyte")
test = read_images("t10k-images-idx3-ubyte")
if os.path.exists(weights):
    judge.load_state_dict(torch.load(weights))
else:
    train(training, read_labels("train-labels-idx1-ubyte"))
    torch.save(judge.state_dict(), weights)
real, chances = see(test)
accuracy = (chances.argmax(1) == read_labels("t10k-labels-idx1-ubyte")).float().mean().item()
count = len(test)
for path in sys.argv[4:]:
    samples = torch.from_numpy(numpy.fromfile(path, numpy.float32).reshape(-1, 1, 28, 28))
    count = len(samples)
    print(json.dumps({"samples": path, "accuracy": accuracy, **figures(samples, real)}), flush=True)
print(json.dumps({"samples": "training images", "accuracy": accuracy, **figures(training[:count], real)}), flush=True)

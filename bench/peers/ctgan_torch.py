"""CTGAN in PyTorch: the peer of `npm run bench -- tables --models peer`.

Needs Debian's python3-torch and libopenblas0-pthread; run with Debian's own python3.
Usage: ctgan_torch.py check <folder> <threads>
       ctgan_torch.py train <folder> <threads> --steps 1000,2000 --batch 500 --seed 1

The folder holds `setup.json` (spans of a row, settings), `state.safetensors` (the weights to begin with) and, for `train`,
`table.safetensors` (the rows as tfjs-gan encodes them). `check` makes the updates of `draws.safetensors` with the same
batches and random numbers, without dropout, prints their terms as JSON, and writes the generator's weights after them to
`checked.safetensors`. `train` draws its own, writes the generator's
weights after the named steps to `trained-<step>.safetensors`, and prints the seconds of each step.
"""
import argparse
import json
import time

import torch
from tensor_files import read_tensors, write_tensors
from torch.nn.functional import batch_norm, dropout, leaky_relu, linear, log_softmax, relu, softmax


class Network:
    """Layers in their order, each a dictionary of its weights. Kernels are [inputs, outputs], as TensorFlow.js has them."""

    def __init__(self, state, name, settings):
        prefix, layers = f"networks/{name}/", {}
        self.weights = {key[len(prefix):]: array for key, array in state.items() if key.startswith(prefix)}
        for key, array in self.weights.items():
            layer, role = key.split("/")
            layers.setdefault(int(layer.split(".")[0]), {})[role] = array
        self.layers = [layers[place] for place in sorted(layers)]
        self.trained = [array for key, array in self.weights.items() if "/moving_" not in key]
        self.learns(True)
        self.optimizer = torch.optim.Adam(
            self.trained, settings["learningRate"], (settings["beta1"], settings["beta2"]), settings["epsilon"])

    def learns(self, gradients):
        for weight in self.trained:
            weight.requires_grad_(gradients)

    def update(self, terms):
        self.optimizer.zero_grad(set_to_none=True)
        sum(terms.values()).backward()
        self.optimizer.step()
        return terms


def dense(layer, x):
    return linear(x, layer["kernel"].t(), layer["bias"])


def generate(network, latents, condition, moves):
    """Batch norm uses the batch; its moving statistics follow the generator's own updates alone."""
    x = torch.cat([latents, condition], 1)
    for layer, norm in zip(network.layers[:-1:2], network.layers[1:-1:2]):
        moving = (norm["moving_mean"], norm["moving_variance"]) if moves else (None, None)
        x = torch.cat([relu(batch_norm(dense(layer, x), *moving, norm["gamma"], norm["beta"], True, 0.1, 1e-5)), x], 1)
    return dense(network.layers[-1], x)


class Ctgan:
    def __init__(self, folder, drops):
        with open(f"{folder}/setup.json", encoding="utf8") as file:
            self.setup = json.load(file)
        state = read_tensors(f"{folder}/state.safetensors")
        self.generator = Network(state, "generator", self.setup["optimizers"]["generator"])
        self.discriminator = Network(state, "discriminator", self.setup["optimizers"]["discriminator"])
        self.drops = drops
        self.sizes = [span["size"] for span in self.setup["spans"]]

    def activate(self, output, noise):
        parts = zip(self.setup["spans"], output.split(self.sizes, 1), noise.split(self.sizes, 1))
        return torch.cat([
            torch.tanh(part) if span["isNumber"] else softmax((part + gumbel) / self.setup["temperature"], 1)
            for span, part, gumbel in parts
        ], 1)

    def packed(self, rows):
        pack = self.setup["pack"]
        return rows[:len(rows) // pack * pack].reshape(-1, pack * rows.shape[1])

    def judge(self, packs, conditions):
        x = torch.cat([packs, conditions], 1)
        for layer in self.discriminator.layers[:-1]:
            x = dropout(leaky_relu(dense(layer, x), 0.2), 0.5, self.drops)
        return dense(self.discriminator.layers[-1], x)

    def play_discriminator(self, given):
        self.discriminator.learns(True)
        with torch.no_grad():
            output = generate(self.generator, given["latents/latents"], given["batch/condition"], False)
            fake = self.packed(self.activate(output, given["gumbel"]))
        real, condition = self.packed(given["batch/samples"]), self.packed(given["batch/condition"])
        value = self.judge(fake, condition).mean() - self.judge(real, condition).mean()
        x = torch.lerp(fake, real, given["penalties/gradientPenalty"].view(-1, 1)).requires_grad_()
        (slopes,) = torch.autograd.grad(self.judge(x, condition).sum(), x, create_graph=True)
        lengths = (slopes.square().sum(1) + 1e-12).sqrt()
        penalty = self.setup["penaltyWeight"] * (lengths - 1).square().mean()
        return self.discriminator.update({"wasserstein": value, "gradientPenalty": penalty})

    def play_generator(self, given):
        self.discriminator.learns(False)
        condition = given["batch/condition"]
        output = generate(self.generator, given["latents/latents"], condition, True)
        fake = self.activate(output, given["gumbel"])
        value = -self.judge(self.packed(fake), self.packed(condition)).mean()
        entropies = [
            (condition[:, span["condition"]:span["condition"] + span["size"]] * log_softmax(part, 1)).sum()
            for span, part in zip(self.setup["spans"], output.split(self.sizes, 1)) if span["condition"] >= 0
        ]
        return self.generator.update({"wasserstein": value, "condition": -sum(entropies) / len(output)})

    def draw(self, samples, condition):
        """Random numbers of an update, of the program's own."""
        rows = len(samples)
        return {
            "batch/samples": samples,
            "batch/condition": condition,
            "latents/latents": torch.randn(rows, self.setup["latentSize"]),
            "gumbel": torch.distributions.Gumbel(0.0, 1.0).sample((rows, sum(self.sizes))),
            "penalties/gradientPenalty": torch.rand(rows // self.setup["pack"]),
        }


class Rows:
    """Draws a column, one of its choices by the logarithm of its count, and a row that has it."""

    def __init__(self, table, spans):
        self.table, self.columns, first = table, [], 0
        self.width = sum(span["size"] for span in spans if span["condition"] >= 0)
        for span in spans:
            if span["condition"] >= 0:
                choices = table[:, first:first + span["size"]].argmax(1)
                counts = choices.bincount(minlength=span["size"])
                self.columns.append((span["condition"], choices.argsort(), counts, counts.cumsum(0) - counts))
            first += span["size"]

    def draw(self, size):
        columns = torch.randint(len(self.columns), (size,))
        rows, condition = torch.zeros(size, dtype=torch.long), torch.zeros(size, self.width)
        for column, (place, order, counts, starts) in enumerate(self.columns):
            drawn = (columns == column).nonzero().flatten()
            if len(drawn) == 0:
                continue
            choices = torch.multinomial(counts.float().log1p(), len(drawn), True)
            rows[drawn] = order[starts[choices] + (torch.rand(len(drawn)) * counts[choices]).long()]
            condition[drawn, place + choices] = 1
        return self.table[rows], condition


def check(folder):
    gan, updates = Ctgan(folder, drops=False), {}
    for name, array in read_tensors(f"{folder}/draws.safetensors").items():
        number, part = name.split("/", 1)
        updates.setdefault(int(number), {})[part] = array
    turns = (gan.play_discriminator, gan.play_generator)
    terms = [turns[number % 2](updates[number]) for number in sorted(updates)]
    write_tensors(f"{folder}/checked.safetensors", gan.generator.weights)
    return {"terms": [{name: term.item() for name, term in one.items()} for one in terms]}


def train(folder, steps, batch):
    gan, seconds = Ctgan(folder, drops=True), []
    rows = Rows(read_tensors(f"{folder}/table.safetensors")["rows"], gan.setup["spans"])
    for step in range(1, steps[-1] + 1):
        begin = time.perf_counter()
        drawn = rows.draw(batch)
        for play in (gan.play_discriminator, gan.play_generator):
            # Every step of tfjs-gan reads its numbers.
            [term.item() for term in play(gan.draw(*drawn)).values()]
        seconds.append(time.perf_counter() - begin)
        if step in steps:
            write_tensors(f"{folder}/trained-{step}.safetensors", gan.generator.weights)
    return {"seconds": seconds}


parser = argparse.ArgumentParser()
parser.add_argument("task", choices=["check", "train"])
parser.add_argument("folder")
parser.add_argument("threads", type=int)
parser.add_argument("--steps", default="1")
parser.add_argument("--batch", type=int, default=500)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(options.seed)
numbers = sorted({int(step) for step in options.steps.split(",")})
print(json.dumps(check(options.folder) if options.task == "check" else train(options.folder, numbers, options.batch)))

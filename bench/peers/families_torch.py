"""The presets in PyTorch: the peer of `npm run bench -- families`.

Needs Debian's python3-torch and libopenblas0-pthread; run with Debian's own python3.
Usage: families_torch.py check <folder> <threads> [--dtype float64] [--sigma same|exact] [--free]
       families_torch.py time <folder> <threads> <steps>
       families_torch.py train <folder> <threads> <steps> --data <folder of MNIST> --batch 32 --seed 1

The folder holds what a run of tfjs-gan was made of: `setup.json` (topologies, inputs and outputs of the networks, all
settings, turns), `state-<n>.safetensors` (weights, moments of Adam and vectors of spectral norm before step n, from 0), and
`draws.safetensors` (batch, latents, conditions and random numbers of the penalties of each update).

`check` makes each step from the state that tfjs-gan made it from, with the same numbers, or with `--free` all of them from
the first state. It prints the terms and the number of passes of each update as JSON, and writes the state after each step
to `peer-<n>.safetensors`. `time` draws its own random numbers and prints the seconds of each step. `train` begins with
state 0, draws its own batches and random numbers, and writes the networks at the end, the generator's weights averaged as
the settings say, to `trained.safetensors`.

Pictures are [batch, channels, height, width] inside, as PyTorch is used to; where it matters in which order their numbers
are, at Reshape and Flatten, they are turned to channels last, which is what the weights of a dense layer expect.
"""
import argparse
import json
import math
import time

import numpy
import torch
from tensor_files import read_tensors, write_tensors
from torch.nn import Parameter
from torch.nn.functional import (
    avg_pool2d, batch_norm, conv2d, conv_transpose2d, cross_entropy, interpolate, layer_norm, leaky_relu, linear, one_hot,
    pad, relu, softplus)

# ---------------------------------------------------------------------------------------------------------- layers
# Each maker returns what the layer computes. `of(role)` gives a weight as it is at the moment, or None.


def channels_first(x):
    return x.permute(0, 3, 1, 2).contiguous() if x.dim() == 4 else x


def channels_last(x):
    return x.permute(0, 2, 3, 1) if x.dim() == 4 else x


ACTIVATIONS = {
    "linear": lambda x: x, "relu": relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "softplus": softplus,
}


def one_number(pair):
    """Both sides' setting, where they have the same."""
    first, second = pair if isinstance(pair, list) else (pair, pair)
    assert first == second, f"both sides alike, got {pair}"
    return first


def dense(config, of, _net):
    active = ACTIVATIONS[config["activation"]]
    return lambda x: active(linear(x, of("kernel"), of("bias")))


def conv_2d(config, of, _net):
    active = ACTIVATIONS[config["activation"]]
    stride, size, dilation = (one_number(config[name]) for name in ("strides", "kernel_size", "dilation_rate"))
    reach = (size - 1) * dilation + 1

    def run(x):
        # As TensorFlow's `same` has it: where the rows to be added are odd in number, there is one more behind.
        sides = [0, 0, 0, 0]
        if config["padding"] == "same":
            for axis, length in enumerate((x.shape[3], x.shape[2])):
                total = max(0, (math.ceil(length / stride) - 1) * stride + reach - length)
                sides[2 * axis:2 * axis + 2] = [total // 2, total - total // 2]
        if len(set(sides)) == 1:
            return active(conv2d(x, of("kernel"), of("bias"), stride, sides[0], dilation))
        return active(conv2d(pad(x, sides), of("kernel"), of("bias"), stride, 0, dilation))

    return run


def conv_2d_transpose(config, of, _net):
    active = ACTIVATIONS[config["activation"]]
    stride, size = one_number(config["strides"]), one_number(config["kernel_size"])
    spare = size - stride if config["padding"] == "same" else 0
    assert spare >= 0, "a kernel at least as large as its stride"
    before, behind = spare // 2, spare - spare // 2

    def run(x):
        x = conv_transpose2d(x, of("kernel"), of("bias"), stride, before)
        # `same` drops one row more behind than before, where their number is odd.
        return active(x[:, :, :x.shape[2] - (behind - before), :x.shape[3] - (behind - before)] if behind > before else x)

    return run


def normalized(config, of, net, x, gamma, beta):
    """By the statistics of the batch; the moving ones follow the passes of the network's own updates."""
    moving = (of("moving_mean"), of("moving_variance")) if net.moves else (None, None)
    return batch_norm(x, *moving, gamma, beta, True, 1 - config["momentum"], config["epsilon"])


def batch_normalization(config, of, net):
    return lambda x: normalized(config, of, net, x, of("gamma"), of("beta"))


def conditional_batch_norm(config, of, net):
    def run(x, condition):
        x = normalized(config, of, net, x, None, None)
        shape = (*x.shape[:2], *[1] * (x.dim() - 2))
        if "classes" in config:
            labels = condition.flatten()
            return x * of("gamma")[labels].view(shape) + of("beta")[labels].view(shape)
        return x * (1 + condition @ of("gamma_kernel")).view(shape) + (condition @ of("beta_kernel")).view(shape)

    return run


def layer_normalization(config, of, _net):
    axes = [config["axis"]] if isinstance(config["axis"], int) else config["axis"]

    def run(x):
        # Over whole pictures as they lie; over channels alone they have to be last.
        whole = x.dim() == 2 or len(axes) == x.dim() - 1
        turned = x if whole else channels_last(x)
        made = layer_norm(turned, turned.shape[1 if whole else -1:], of("gamma"), of("beta"), config["epsilon"])
        return made if whole else channels_first(made)

    return run


def projection_head(config, of, _net):
    def run(x, condition):
        h = x.sum((2, 3)) if x.dim() == 4 else x
        wanted = of("embeddings")[condition.flatten()] if "classes" in config else condition @ of("condition_kernel")
        return h @ of("kernel") + of("bias") + (wanted * h).sum(1, keepdim=True)

    return run


def average_pooling_2d(config, _of, _net):
    size, stride = one_number(config["pool_size"]), one_number(config["strides"])

    def run(x):
        assert size == stride and x.shape[2] % size == 0 and x.shape[3] % size == 0, "windows that fill the picture"
        return avg_pool2d(x, size)

    return run


def up_sampling_2d(config, _of, _net):
    assert config.get("interpolation", "nearest") == "nearest"
    size = one_number(config["size"])
    return lambda x: interpolate(x, scale_factor=size, mode="nearest")


def relu_layer(config, _of, _net):
    top = config.get("max_value")
    return relu if top is None else lambda x: x.clamp(0, top)


LAYERS = {
    "Dense": dense,
    "Conv2D": conv_2d,
    "Conv2DTranspose": conv_2d_transpose,
    "BatchNormalization": batch_normalization,
    "ConditionalBatchNorm": conditional_batch_norm,
    "LayerNormalization": layer_normalization,
    "ProjectionHead": projection_head,
    "ReLU": relu_layer,
    "LeakyReLU": lambda config, _of, _net: lambda x: leaky_relu(x, config["alpha"]),
    "Activation": lambda config, _of, _net: ACTIVATIONS[config["activation"]],
    "Reshape": lambda config, _of, _net: lambda x: channels_first(channels_last(x).reshape(-1, *config["target_shape"])),
    "Flatten": lambda _config, _of, _net: lambda x: channels_last(x).flatten(1),
    "Concatenate": lambda _config, _of, _net: lambda *xs: torch.cat(xs, 1 if xs[0].dim() == 4 else -1),
    "Add": lambda _config, _of, _net: lambda *xs: sum(xs[1:], xs[0]),
    "UpSampling2D": up_sampling_2d,
    "AveragePooling2D": average_pooling_2d,
    "GlobalAveragePooling2D": lambda _config, _of, _net: lambda x: x.mean((2, 3)),
    "Rescaling": lambda config, _of, _net: lambda x: x * config["scale"] + config["offset"],
    "RepeatVector": lambda config, _of, _net: lambda x: x[:, None].expand(-1, config["n"], -1),
    "OneHot": lambda config, _of, _net: lambda x: one_hot(x.flatten(), config["classes"]).to(torch.get_default_dtype()),
}

# Axes of a weight of TensorFlow.js in PyTorch's order.
AXES = {
    ("Dense", "kernel"): (1, 0),
    ("Conv2D", "kernel"): (3, 2, 0, 1),
    ("Conv2DTranspose", "kernel"): (3, 2, 0, 1),
    ("LayerNormalization", "gamma"): (2, 0, 1),
    ("LayerNormalization", "beta"): (2, 0, 1),
}


class Network:
    """What a topology of tf.layers computes."""

    def __init__(self, description, arrays):
        topology = description["topology"]
        config = topology["config"]
        self.inputs, self.outputs = list(description["inputs"]), description["outputs"]
        self.moves, self.runs = False, 0
        self.trained, self.statistics, self.axes, self.kinds = {}, {}, {}, {}
        # What passes compute with: the trained weights, or what a constraint makes of them.
        self.weights = {}
        self.nodes = []
        for place, layer in enumerate(config["layers"]):
            kind, settings = layer["class_name"], layer["config"]
            key = f"{place}.{kind[0].lower()}{kind[1:]}"
            for name in (name for name in arrays if name.startswith(f"{key}/")):
                self.take(kind, name, arrays[name])
            if kind == "InputLayer":
                continue
            compute = LAYERS[kind](settings, self.reader(key), self)
            if topology["class_name"] == "Sequential":
                self.nodes.append((str(place + 1), compute, [str(place)]))
            else:
                (node,) = layer["inbound_nodes"]
                self.nodes.append((layer["name"], compute, [name for name, *_ in node]))
        if topology["class_name"] == "Sequential":
            self.ends = (["0"], [self.nodes[-1][0]])
        else:
            self.ends = tuple([name for name, *_ in config[side]] for side in ("input_layers", "output_layers"))
        assert len(self.weights) == len(arrays), "a place for each weight"

    def take(self, kind, name, array):
        axes = AXES.get((kind, name.split("/")[-1]))
        axes = axes if axes is not None and len(axes) == array.dim() else tuple(range(array.dim()))
        self.axes[name], self.kinds[name] = axes, kind
        array = array.permute(axes).contiguous()
        if "/moving_" in name:
            self.statistics[name] = self.weights[name] = array
        else:
            self.trained[name] = self.weights[name] = Parameter(array)

    def reader(self, key):
        weights = self.weights
        return lambda role: weights.get(f"{key}/{role}")

    def __call__(self, inputs, moves=False):
        self.moves = moves
        self.runs += 1
        values = {name: inputs[given] for name, given in zip(self.ends[0], self.inputs)}
        for name, compute, sources in self.nodes:
            values[name] = compute(*[values[source] for source in sources])
        return {output: values[name] for output, name in zip(self.outputs, self.ends[1])}

    def require(self, gradients):
        for weight in self.trained.values():
            weight.requires_grad_(gradients)

    def turned_back(self, name, tensor):
        """A tensor of a weight's shape, with the axes of TensorFlow.js."""
        return tensor.permute([self.axes[name].index(axis) for axis in range(tensor.dim())])


# ----------------------------------------------------------------------------------------------------- constraints


def unit(vector, former, epsilon):
    length = vector.norm()
    return vector / length if length > epsilon else former


class SpectralNorm:
    """Each kernel divided by its largest singular value.

    `same` keeps the vectors as tfjs-gan does: one power iteration after an update, and a polynomial of WᵀW as a step ends.
    `once` leaves the polynomial out, as PyTorch's own spectral norm does. `exact` decomposes the kernel in each update.
    """

    def __init__(self, network, vectors, settings, sigma):
        self.network, self.sigma, self.epsilon = network, sigma, settings["epsilon"]
        self.iterations = settings["powerIterations"]
        self.names = [name[:-2] for name in vectors if name.endswith("#u")]
        self.u, self.v = {}, {}
        for name in self.names:
            weight, u, v = network.trained[name], vectors[f"{name}#u"], vectors[f"{name}#v"]
            # Between steps the network holds W / σ; W itself is learned.
            weight.data.copy_(vectors[f"{name}#raw"].permute(network.axes[name]))
            # v is in the order of TensorFlow.js: height, width, inputs.
            if weight.dim() == 4:
                transposed = network.kinds[name] == "Conv2DTranspose"
                inputs = weight.shape[0 if transposed else 1]
                v = v.reshape(*weight.shape[2:], inputs).permute(2, 0, 1)
            self.u[name], self.v[name] = u.flatten(), v.flatten()
        self.look()

    def matrix(self, name, weight):
        """A row for each output."""
        if weight.dim() == 4:
            return (weight.transpose(0, 1) if self.network.kinds[name] == "Conv2DTranspose" else weight).flatten(1)
        return weight if self.network.axes[name] == (1, 0) else weight.t()

    def enter(self):
        """Puts W / σ where passes find it, with the gradient of both."""
        for name in self.names:
            weight = self.network.trained[name]
            sigma = self.u[name] @ (self.matrix(name, weight) @ self.v[name])
            self.network.weights[name] = weight / sigma

    def iterate(self, times):
        for name in self.names:
            m = self.matrix(name, self.network.trained[name])
            for _ in range(times):
                self.v[name] = unit(m.t() @ self.u[name], self.v[name], self.epsilon)
                self.u[name] = unit(m @ self.v[name], self.u[name], self.epsilon)

    def look(self):
        if self.sigma != "exact":
            return
        for name in self.names:
            left, _, right = torch.linalg.svd(self.matrix(name, self.network.trained[name].detach()), full_matrices=False)
            self.u[name], self.v[name] = left[:, 0], right[0]

    @torch.no_grad()
    def after_update(self):
        if self.sigma == "exact":
            self.look()
        else:
            self.iterate(self.iterations)

    @torch.no_grad()
    def after_step(self):
        if self.sigma == "same":
            for name in self.names:
                self.u[name] = self.filtered(name)
            self.iterate(1)

    def filtered(self, name):
        m, u = self.matrix(name, self.network.trained[name]), self.u[name]
        for _ in range(4):
            scale = 4 / (0.98 * (m.t() @ u).square().sum()).clamp(min=self.epsilon)
            before, now = u, (m @ (m.t() @ u)) * scale / 2 - u
            for _ in range(7):
                before, now = now, (m @ (m.t() @ now)) * scale - 2 * now - before
            u = unit(now, u, self.epsilon)
        return u


# ---------------------------------------------------------------------------------------------------------- terms

LOSSES = {
    "bce": (
        lambda real, fake: softplus(-real).mean() + softplus(fake).mean(),
        lambda fake: softplus(-fake).mean(),
    ),
    "hinge": (
        lambda real, fake: relu(1 - real).mean() + relu(1 + fake).mean(),
        lambda fake: -fake.mean(),
    ),
    "wasserstein": (
        lambda real, fake: fake.mean() - real.mean(),
        lambda fake: -fake.mean(),
    ),
}


def gradient_penalty(settings, critic, real, fake, shares):
    assert settings["at"] == "interpolated" and not settings["oneSided"]
    x = torch.lerp(fake, real, shares.view(-1, *[1] * (real.dim() - 1))).requires_grad_()
    (slopes,) = torch.autograd.grad(critic(x).sum(), x, create_graph=True)
    lengths = (slopes.flatten(1).square().sum(1) + 1e-12).sqrt()
    return (lengths - settings["targetNorm"]).square().mean()


PENALTIES = {"gradientPenalty": gradient_penalty}


def head_term(name, settings, truth, told):
    """−log q(condition | sample), without constants."""
    if name == "labels":
        return cross_entropy(told, truth.flatten())
    counts = [int(count) for count in str(settings["categorical"]).split(", ") if count]
    parts = list(zip(truth.split([*counts, settings["continuous"]], 1), told.split([*counts, settings["continuous"]], 1)))
    entropies = sum(cross_entropy(guess, right.argmax(1)) for right, guess in parts[:-1])
    return entropies + (parts[-1][0] - parts[-1][1]).square().sum(1).mean() / 2


def group(configuration, prefix):
    """The settings under a name: `loss.name` of `loss` is `name`."""
    return {key[len(prefix) + 1:]: value for key, value in configuration.items() if key.startswith(f"{prefix}.")}


def rate_at(settings, updates, run_share=0):
    """The learning rate after so many updates, or such a share of the run: a number, or one that falls in a line."""
    if settings["learningRate"] != "linear":
        return settings["learningRate"]
    schedule = group(settings, "learningRate")
    if "hold" in schedule:
        way = (run_share - schedule["hold"]) / (1 - schedule["hold"])
    else:
        way = (updates - schedule["begin"]) / (schedule["end"] - schedule["begin"])
    return schedule["from"] + (schedule["to"] - schedule["from"]) * min(max(way, 0), 1)


def names_under(configuration, prefix):
    return list(dict.fromkeys(key.split(".")[0] for key in group(configuration, prefix)))


# ------------------------------------------------------------------------------------------------------------ game


class AdversarialGame:
    """The discriminator's turn, then the generator's."""

    def __init__(self, setup, state, counts, sigma):
        configuration = setup["configuration"]
        self.networks = {
            name: Network(one, group_tensors(state, f"networks/{name}"))
            for name, one in setup["description"]["networks"].items()
        }
        self.generator, self.discriminator = self.networks["generator"], self.networks["discriminator"]
        self.optimizers = {
            name: self.adam(name, group(configuration, f"optimizers.{name}"), counts[name],
                            group_tensors(state, f"optimizers/{name}"))
            for name in self.networks
        }
        self.loss = configuration["loss.name"]
        assert configuration.get("loss.labelSmoothing", 0) == 0
        self.penalties = {name: group(configuration, f"penalties.{name}") for name in names_under(configuration, "penalties")}
        assert all(one["target"] == "discriminator" and one["every"] == 1 for one in self.penalties.values())
        self.conditions = {name: group(configuration, f"conditions.{name}") for name in names_under(configuration, "conditions")}
        self.judged_with = [name for name in self.discriminator.inputs if name != "samples"]
        self.heads = {
            output: "labels" if output == "classes" else output for output in self.discriminator.outputs if output != "logits"
        }
        self.head_weights = group(configuration, "auxiliaryWeights")
        rules = names_under(configuration, "constraints")
        assert all(name == "spectralNorm" for name in rules)
        self.rules = [
            SpectralNorm(self.discriminator, group_tensors(state, f"parts/constraints/{name}/discriminator"),
                         group(configuration, f"constraints.{name}"), sigma)
            for name in rules
        ]

    def adam(self, name, settings, count, moments):
        assert settings["name"] == "adam"
        network = self.networks[name]
        betas = (settings["beta1"], settings["beta2"])
        optimizer = torch.optim.Adam(network.trained.values(), rate_at(settings, 0), betas, settings["epsilon"])
        for key, weight in network.trained.items():
            first, second = (
                moments[f"{key}#{role}"].permute(network.axes[key]).contiguous() for role in ("firstMoment", "secondMoment"))
            optimizer.state[weight] = {"step": torch.tensor(float(count)), "exp_avg": first, "exp_avg_sq": second}
        return optimizer

    def head_terms(self, network, side, outputs, truths):
        weight = self.head_weights.get(network, 0)
        if weight == 0:
            return {}
        return {
            f"{output}/{side}": weight * head_term(condition, self.conditions[condition], truths[condition], outputs[output])
            for output, condition in self.heads.items() if condition in truths
        }

    def play_discriminator(self, given):
        batch = given["batch"]
        with torch.no_grad():
            fake = self.generator({**given["latents"], **given["conditions"]})["samples"]
        real_with = {name: batch[name] for name in self.judged_with}
        fake_with = {name: given["conditions"][name] for name in self.judged_with}
        self.discriminator.require(True)
        for rule in self.rules:
            rule.enter()
        on_real = self.discriminator({"samples": batch["samples"], **real_with}, moves=True)
        on_fake = self.discriminator({"samples": fake, **fake_with}, moves=True)
        terms = {self.loss: LOSSES[self.loss][0](on_real["logits"], on_fake["logits"])}
        terms.update(self.head_terms("discriminator", "real", on_real, batch))
        terms.update(self.head_terms("discriminator", "fake", on_fake, given["conditions"]))
        for name, settings in self.penalties.items():
            def critic(x):
                return self.discriminator({"samples": x, **real_with})["logits"]
            term = PENALTIES[name](settings, critic, batch["samples"], fake, given["penalties"][name])
            terms[name] = settings["weight"] * term
        self.learn("discriminator", terms)
        for rule in self.rules:
            rule.after_update()
        return terms

    def play_generator(self, given):
        conditions = given["conditions"]
        # The discriminator's weights need no gradient here.
        self.discriminator.require(False)
        for rule in self.rules:
            rule.enter()
        fake = self.generator({**given["latents"], **conditions}, moves=True)["samples"]
        on_fake = self.discriminator({"samples": fake, **{name: conditions[name] for name in self.judged_with}})
        terms = {self.loss: LOSSES[self.loss][1](on_fake["logits"])}
        terms.update(self.head_terms("generator", "fake", on_fake, conditions))
        self.learn("generator", terms)
        return terms

    def learn(self, name, terms):
        optimizer = self.optimizers[name]
        optimizer.zero_grad(set_to_none=True)
        sum(terms.values()).backward()
        optimizer.step()

    def end_step(self):
        for rule in self.rules:
            rule.after_step()

    def state(self):
        """What is saved between steps: under a constraint, the weights as passes have them."""
        self.discriminator.require(False)
        for rule in self.rules:
            rule.enter()
        tensors = {}
        for name, network in self.networks.items():
            for key, weight in network.weights.items():
                tensors[f"networks/{name}/{key}"] = network.turned_back(key, weight)
            for key, weight in network.trained.items():
                moment = self.optimizers[name].state[weight]["exp_avg"]
                tensors[f"optimizers/{name}/{key}#firstMoment"] = network.turned_back(key, moment)
        return tensors

    def draw(self, batch):
        """Random numbers of an update, of the program's own."""
        rows = len(batch["samples"])
        sizes = self.latent_size, self.latent_distribution
        latents = torch.randn(rows, sizes[0]) if sizes[1] == "normal" else torch.rand(rows, sizes[0]) * 2 - 1
        conditions = {name: self.draw_condition(name, one, batch, rows) for name, one in self.conditions.items()}
        penalties = {name: torch.rand(rows) for name in self.penalties}
        return {"batch": batch, "latents": {"latents": latents}, "conditions": conditions, "penalties": penalties}

    def draw_condition(self, name, settings, batch, rows):
        if settings["source"] == "batch":
            return batch[name]
        counts = [int(count) for count in str(settings["categorical"]).split(", ") if count]
        codes = [one_hot(torch.randint(count, (rows,)), count).to(torch.get_default_dtype()) for count in counts]
        return torch.cat([*codes, torch.rand(rows, settings["continuous"]) * 2 - 1], 1)


GAMES = {"adversarial": AdversarialGame}


def group_tensors(tensors, prefix):
    return {name[len(prefix) + 1:]: tensor for name, tensor in tensors.items() if name.startswith(f"{prefix}/")}


def as_given(name, tensor):
    """A recorded tensor as the networks take it."""
    if name == "labels":
        return tensor.long().flatten()
    return channels_first(tensor)


def recorded_update(draws, number):
    """What an update was given: `3/latents/latents`, `3/penalties/gradientPenalty`."""
    given = {"batch": {}, "latents": {}, "conditions": {}, "penalties": {}}
    for path, tensor in group_tensors(draws, str(number)).items():
        kind, name = path.split("/", 1)
        given[kind][name] = as_given(name, tensor) if kind != "penalties" else tensor
    return given


def check(make_game, setup, folder, free):
    draws = read_tensors(f"{folder}/draws.safetensors")
    number, updates, game = 0, [], make_game(0)
    for step in range(setup["steps"]):
        game = game if free else make_game(step)
        for turn in setup["turns"]:
            for _ in range(turn["times"]):
                before = {name: network.runs for name, network in game.networks.items()}
                terms = getattr(game, f"play_{turn['name']}")(recorded_update(draws, number))
                runs = {name: network.runs - before[name] for name, network in game.networks.items()}
                updates.append({
                    "turn": turn["name"],
                    "terms": {name: term.item() for name, term in terms.items()},
                    "runs": {name: count for name, count in runs.items() if count > 0},
                })
                number += 1
        game.end_step()
        write_tensors(f"{folder}/peer-{step + 1}.safetensors", game.state())
    return updates


def timed(game, setup, folder, steps):
    draws = read_tensors(f"{folder}/draws.safetensors")
    batches = [recorded_update(draws, number)["batch"] for number in range(setup["updates"])]
    game.latent_size = setup["configuration"]["latentSize"]
    game.latent_distribution = setup["configuration"]["latentDistribution"]
    number, seconds = 0, []
    for _ in range(steps):
        begin = time.perf_counter()
        for turn in setup["turns"]:
            for _ in range(turn["times"]):
                terms = getattr(game, f"play_{turn['name']}")(game.draw(batches[number % len(batches)]))
                number += 1
                # Every step of tfjs-gan reads its numbers.
                [term.item() for term in terms.values()]
        game.end_step()
        seconds.append(time.perf_counter() - begin)
    return seconds


def read_idx(path, header):
    return torch.from_numpy(numpy.fromfile(path, numpy.uint8)[header:].copy())


def mnist_batches(folder, size):
    """Shuffled anew in each epoch; rows that fill no batch are left out."""
    images = read_idx(f"{folder}/train-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)
    labels = read_idx(f"{folder}/train-labels-idx1-ubyte", 8).long()
    while True:
        for rows in torch.randperm(len(images)).split(size):
            if len(rows) == size:
                yield {"samples": images[rows].to(torch.get_default_dtype()) / 127.5 - 1, "labels": labels[rows]}


def train(game, setup, options):
    configuration = setup["configuration"]
    game.latent_size, game.latent_distribution = configuration["latentSize"], configuration["latentDistribution"]
    decay = configuration.get("ema.generator.decay", 0)
    trained = game.generator.trained
    averages = {name: weight.detach().clone() for name, weight in trained.items()}
    batches = mnist_batches(options.data, options.batch)
    begin, updates = time.perf_counter(), {name: 0 for name in game.networks}
    for step in range(options.steps):
        for turn in setup["turns"]:
            for _ in range(turn["times"]):
                name = turn["name"]
                settings = group(configuration, f"optimizers.{name}")
                game.optimizers[name].param_groups[0]["lr"] = rate_at(settings, updates[name], step / options.steps)
                getattr(game, f"play_{name}")(game.draw(next(batches)))
                updates[name] += 1
        game.end_step()
        for name, weight in trained.items():
            averages[name].lerp_(weight.detach(), 1 - decay)
    seconds = time.perf_counter() - begin
    game.generator.weights.update(averages)
    networks = {name: tensor for name, tensor in game.state().items() if name.startswith("networks/")}
    write_tensors(f"{options.folder}/trained.safetensors", networks)
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["check", "time", "train"])
    parser.add_argument("folder")
    parser.add_argument("threads", type=int)
    parser.add_argument("steps", type=int, nargs="?")
    parser.add_argument("--dtype", default="float32", choices=["float32", "float64"])
    parser.add_argument("--sigma", default="same", choices=["same", "exact"])
    parser.add_argument("--free", action="store_true")
    parser.add_argument("--data")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_default_dtype(getattr(torch, options.dtype))
    torch.manual_seed(options.seed)
    with open(f"{options.folder}/setup.json", encoding="utf8") as file:
        setup = json.load(file)
    sigma = options.sigma if options.task == "check" else "once"

    def make_game(step):
        state = read_tensors(f"{options.folder}/state-{step}.safetensors")
        return GAMES[setup["description"]["game"]](setup, state, setup["counts"][step], sigma)

    if options.task == "check":
        print(json.dumps({"updates": check(make_game, setup, options.folder, options.free)}))
    elif options.task == "train":
        print(json.dumps({"seconds": train(make_game(0), setup, options)}))
    else:
        print(json.dumps({"seconds": timed(make_game(0), setup, options.folder, options.steps)}))


if __name__ == "__main__":
    main()

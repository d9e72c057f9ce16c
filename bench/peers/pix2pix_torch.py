"""pix2pix in PyTorch: the peer of `npm run bench -- translation --contestants 'pix2pix in PyTorch'`.

Needs Debian's python3-torch and libopenblas0-pthread; run with Debian's own python3.
Usage: pix2pix_torch.py <folder> <threads> --steps 4000 --batch 8 --seed 1

The folder holds `setup.json` (topologies and all settings), `state-0.safetensors` (the weights to begin with) and
`data.safetensors` (pairs to learn from, and sources that training does not see), as tfjs-gan wrote them. Batches are drawn
here. The program writes the translations of the unseen sources by the first weights, to `first.safetensors`, and by the
averaged weights at the end, to `made.safetensors`, and prints the seconds of training.
"""
import argparse
import json
import time

import torch
from families_torch import LAYERS, LOSSES, AdversarialGame, channels_first, channels_last, group, rate_at
from tensor_files import read_tensors, write_tensors
from torch.nn.functional import instance_norm, l1_loss


def instance_normalization(config, _of, _net):
    assert not config["affine"]
    return lambda x: instance_norm(x, eps=config["epsilon"])


LAYERS["InstanceNorm"] = instance_normalization


class Pix2pix(AdversarialGame):
    def play_discriminator(self, source, samples):
        with torch.no_grad():
            fake = self.generator({"source": source})["samples"]
        self.discriminator.require(True)
        on_real, on_fake = (self.discriminator({"source": source, "samples": x})["logits"] for x in (samples, fake))
        self.learn("discriminator", {self.loss: LOSSES[self.loss][0](on_real, on_fake) / 2})

    def play_generator(self, source, samples, weights):
        self.discriminator.require(False)
        fake = self.generator({"source": source})["samples"]
        on_fake = self.discriminator({"source": source, "samples": fake})["logits"]
        adversarial = weights["adversarialWeight"] * LOSSES[self.loss][1](on_fake)
        self.learn("generator", {self.loss: adversarial, "l1": weights["l1Weight"] * l1_loss(fake, samples)})

    @torch.no_grad()
    def translate(self, sources):
        made = [self.generator({"source": some})["samples"] for some in sources.split(64)]
        return channels_last(torch.cat(made))


def batches(pairs, size):
    while True:
        for rows in torch.randperm(len(pairs[0])).split(size):
            if len(rows) == size:
                yield [part[rows] for part in pairs]


def train(game, configuration, pairs, options):
    weights = game.generator.trained
    averages = {name: weight.detach().clone() for name, weight in weights.items()}
    drawn = batches(pairs, options.batch)
    seconds = []
    for step in range(options.steps):
        begin = time.perf_counter()
        source, samples = next(drawn)
        for name, optimizer in game.optimizers.items():
            optimizer.param_groups[0]["lr"] = rate_at(group(configuration, f"optimizers.{name}"), step, step / options.steps)
        game.play_discriminator(source, samples)
        game.play_generator(source, samples, configuration)
        for name, weight in weights.items():
            averages[name].lerp_(weight.detach(), 1 - configuration["ema.generator.decay"])
        seconds.append(time.perf_counter() - begin)
    game.generator.weights.update(averages)
    return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("threads", type=int)
    for name in ("steps", "batch", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    with open(f"{options.folder}/setup.json", encoding="utf8") as file:
        setup = json.load(file)
    state, data = (read_tensors(f"{options.folder}/{name}.safetensors") for name in ("state-0", "data"))
    source, samples, unseen = (channels_first(data[name]) for name in ("source", "samples", "unseen"))
    game = Pix2pix(setup, state, {"generator": 0, "discriminator": 0}, "once")
    write_tensors(f"{options.folder}/first.safetensors", {"samples": game.translate(unseen)})
    seconds = train(game, setup["configuration"], (source, samples), options)
    write_tensors(f"{options.folder}/made.safetensors", {"samples": game.translate(unseen)})
    print(json.dumps({"seconds": seconds}))


main()

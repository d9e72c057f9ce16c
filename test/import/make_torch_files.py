"""Writes two PyTorch networks as safetensors, and what PyTorch computes from them.

    python3 make_torch_files.py files

The files here are from PyTorch 1.13.1. A safetensors file is sorted by name, as by its own library.
"""

import json
import sys

import torch
from torch import nn

folder = sys.argv[1]
torch.manual_seed(7)


class View(nn.Module):
    def __init__(self, *shape):
        super().__init__()
        self.shape = shape

    def forward(self, x):
        return x.view(-1, *self.shape)


def save(tensors, path):
    header, data = {}, b''
    for name in sorted(tensors):
        values = tensors[name]
        dtype = 'I64' if values.dtype == torch.int64 else 'F32'
        part = values.contiguous().numpy().tobytes()
        header[name] = {'dtype': dtype, 'shape': list(values.shape), 'data_offsets': [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps({'__metadata__': {'format': 'pt'}, **header}).encode()
    with open(path, 'wb') as file:
        file.write(len(text).to_bytes(8, 'little') + text + data)


generator = nn.Sequential(
    nn.Linear(4, 5 * 3 * 2),
    nn.BatchNorm1d(5 * 3 * 2),
    nn.ReLU(),
    View(5, 3, 2),
    nn.ConvTranspose2d(5, 4, 4, 2, 1, bias=False),
    nn.BatchNorm2d(4),
    nn.LeakyReLU(0.2),
    nn.Conv2d(4, 4, 3, 1, 1),
    nn.BatchNorm2d(4),
    nn.ReLU(),
    nn.Conv2d(4, 4, 3, 1, 1),
    nn.ReLU(),
    nn.ConvTranspose2d(4, 2, 4, 2, 1),
    nn.Tanh(),
)
discriminator = nn.Sequential(
    nn.Conv2d(2, 3, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(3 * 6 * 4, 6), nn.LeakyReLU(0.2), nn.Linear(6, 1)
)
for module in [generator, discriminator]:
    for name, values in module.state_dict().items():
        if values.dtype != torch.int64:
            values.copy_(torch.randn_like(values) * 0.4 + (1 if 'var' in name else 0))
            if 'var' in name:
                values.abs_().add_(0.1)
    module.eval()

with torch.no_grad():
    latents = torch.randn(2, 4)
    samples = generator(latents)
    logits = discriminator(samples)
save({f'main.{name}': values for name, values in generator.state_dict().items()}, f'{folder}/torch-generator.safetensors')
save({f'model.{name}': values for name, values in discriminator.state_dict().items()}, f'{folder}/torch-discriminator.safetensors')
# Channels last, as here.
numbers = {'latents': latents, 'samples': samples.permute(0, 2, 3, 1), 'logits': logits}
with open(f'{folder}/torch.json', 'w') as file:
    rows = {name: [float(f'{value:.7g}') for value in values.flatten()] for name, values in numbers.items()}
    json.dump(rows, file, separators=(',', ':'))
    file.write('\n')

"""Files of tensors (safetensors), as tfjs-gan writes and reads them: for the programs of this folder."""
import json
import struct

import numpy
import torch


def read_tensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        body = file.read()
    header.pop("__metadata__", None)
    dtype = torch.get_default_dtype()
    return {
        name: torch.from_numpy(numpy.frombuffer(body[slice(*one["data_offsets"])], "<f4").copy()).reshape(one["shape"]).to(dtype)
        for name, one in header.items()
    }


def write_tensors(path, tensors):
    header, parts, at = {}, [], 0
    for name, tensor in sorted(tensors.items()):
        part = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))

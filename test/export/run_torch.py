"""Runs the modules in a folder, each on the batches beside it, and prints what they make of them as JSON.

    python3 test/export/run_torch.py FOLDER

Each case is a folder with one module, its weights, and files `batch-….safetensors` that hold its inputs. Labels are those
that the file calls so; all else are floats.
"""

import importlib.util
import json
import sys
from pathlib import Path

import torch

torch.set_num_threads(1)


def run(folder):
    (code,) = folder.glob("*.py")
    spec = importlib.util.spec_from_file_location(folder.name, code)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.load(code.with_suffix(".safetensors"))
    results = []
    for batch in sorted(folder.glob("batch-*.safetensors")):
        names = json.loads(batch.with_suffix(".json").read_text())
        tensors = module.read_weights(batch)
        inputs = [tensors[name].long() if kind == "labels" else tensors[name] for name, kind in names]
        with torch.no_grad():
            outputs = network(*inputs)
        outputs = outputs if isinstance(outputs, tuple) else (outputs,)
        results.append([{"shape": list(each.shape), "values": each.flatten().tolist()} for each in outputs])
    return results


root = Path(sys.argv[1])
print(json.dumps({folder.name: run(folder) for folder in sorted(root.iterdir())}))

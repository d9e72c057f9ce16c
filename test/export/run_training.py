"""Runs train.py of each run in a folder, in one process, and prints as JSON how each ended: null, or its error.

    python3 test/export/run_training.py FOLDER

The arguments of a run are in its arguments.json. If there are none, its checkpoint is only read and written again.
"""

import contextlib
import io
import json
import runpy
import sys
from pathlib import Path

import torch

torch.set_num_threads(1)
sys.dont_write_bytecode = True


def run(folder):
    for name in [name for name in sys.modules if name.split(".")[0] in ("networks", "tfjs_gan")]:
        del sys.modules[name]
    sys.path[0] = str(folder)
    arguments = json.loads((folder / "arguments.json").read_text())
    if not arguments:
        from tfjs_gan import checkpoints

        place = str(folder / "checkpoints")
        checkpoints.write(place, checkpoints.read_newest(place), 9)
        return None
    sys.argv = ["train.py", *arguments]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as said:
            runpy.run_path(str(folder / "train.py"), run_name="__main__")
    except SystemExit as end:
        return f"{said.getvalue()}{end.code}"
    return None


print(json.dumps({folder.name: run(folder) for folder in sorted(Path(sys.argv[1]).iterdir())}))

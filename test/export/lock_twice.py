"""Two processes find the stale lock of a run; prints as JSON what became of it.

    python3 test/export/lock_twice.py FOLDER
"""

import json
import os
import subprocess
import sys
from pathlib import Path

folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
sys.dont_write_bytecode = True
from tfjs_gan import folder_lock  # noqa: E402

place = folder / "checkpoints"


def names():
    return sorted(path.name for path in place.iterdir() if "step" not in path.name)


if "hold" in sys.argv:
    unlock = folder_lock.lock(str(place))
    print(json.dumps(names()), flush=True)
    sys.stdin.read()
    unlock()
    sys.exit()

is_gone, others = folder_lock.is_gone, []


def slow(owner):
    """The other process takes the lock between a check and what follows it."""
    folder_lock.is_gone = is_gone
    gone = is_gone(owner)
    command = [sys.executable, __file__, str(folder), "hold"]
    others.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    said["held"] = json.loads(others[0].stdout.readline())
    return gone


said, folder_lock.is_gone = {"refused": None}, slow
try:
    folder_lock.lock(str(place))
except SystemExit as end:
    said["refused"] = str(end)
said["other"] = others[0].pid
others[0].communicate()
said["unlocked"] = names()

unlock = folder_lock.lock(str(place))
(place / "lock/owner.json").write_text(json.dumps({"pid": os.getpid(), "host": "another", "claim": 1}))
unlock()
said["foreign"] = names()
print(json.dumps(said))

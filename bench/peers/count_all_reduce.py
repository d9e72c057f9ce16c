"""Runs train.py in a process of torchrun and prints how many bytes it has passed to all_reduce, and in how many calls.

    torchrun --nproc_per_node 2 bench/peers/count_all_reduce.py RUN/train.py --data …
"""
import pathlib
import runpy
import sys

import torch.distributed as dist

counts = {'calls': 0, 'bytes': 0}
reduce = dist.all_reduce


def counting(tensor, *args, **named):
    counts['calls'] += 1
    counts['bytes'] += tensor.numel() * tensor.element_size()
    return reduce(tensor, *args, **named)


dist.all_reduce = counting
sys.argv = sys.argv[1:]
sys.path.insert(0, str(pathlib.Path(sys.argv[0]).parent))
try:
    runpy.run_path(sys.argv[0], run_name='__main__')
finally:
    print(f'all_reduce {counts["calls"]} calls {counts["bytes"]} bytes', file=sys.stderr)

/** Processes of a run: `tfjs_gan/ranks.py`. @internal */
export const ranksPy: string = String.raw`"""The processes of a run. Each has all weights and computes a share of every batch, so that any number of them computes
the same step: means over the batch are means over all processes."""
import os

import torch
import torch.distributed as dist


def start(device):
    """Joins the processes that torchrun or srun started; does nothing for a single one."""
    if 'RANK' not in os.environ and int(os.environ.get('SLURM_NTASKS', 1)) > 1:
        of_slurm = {'RANK': 'SLURM_PROCID', 'LOCAL_RANK': 'SLURM_LOCALID', 'WORLD_SIZE': 'SLURM_NTASKS'}
        os.environ.update({name: os.environ[theirs] for name, theirs in of_slurm.items()})
        os.environ.setdefault('MASTER_PORT', '29500')
        if os.environ.get('SLURM_JOB_NUM_NODES', '1') == '1':
            os.environ.setdefault('MASTER_ADDR', '127.0.0.1')
    if device == 'cuda':
        torch.cuda.set_device(int(os.environ.get('LOCAL_RANK', 0)))
    if int(os.environ.get('WORLD_SIZE', 1)) > 1:
        dist.init_process_group('nccl' if device == 'cuda' else 'gloo')


def count():
    return dist.get_world_size() if dist.is_initialized() else 1


def rank():
    return dist.get_rank() if dist.is_initialized() else 0


def own_rows(values):
    """The rows of a batch that this process computes."""
    size = len(values) // count()
    return values[rank() * size:(rank() + 1) * size]


class Sum(torch.autograd.Function):
    """The sum over all processes. Its gradient is summed as well, however often it is differentiated."""

    @staticmethod
    def forward(_, x):
        total = x.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_, slope):
        return Sum.apply(slope.contiguous())


def mean(x):
    """The mean over all processes."""
    return x if count() == 1 else Sum.apply(x.contiguous()) / count()


def all_rows(x):
    """The rows of the whole batch."""
    if count() == 1:
        return x
    before, after = rank() * len(x), (count() - 1 - rank()) * len(x)
    return Sum.apply(torch.cat([x.new_zeros(before, *x.shape[1:]), x, x.new_zeros(after, *x.shape[1:])]))


def mean_all(tensors):
    """The means of several tensors over all processes, by a single exchange."""
    if count() == 1:
        return tensors
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    dist.all_reduce(flat)
    parts = torch.split(flat / count(), [tensor.numel() for tensor in tensors])
    return [part.view_as(tensor) for part, tensor in zip(parts, tensors)]


def check_same(facts):
    """Refuses processes that were started with different settings, data or checkpoints."""
    if count() == 1:
        return
    every = [None] * count()
    dist.all_gather_object(every, facts)
    for other, theirs in enumerate(every):
        for name, value in facts.items():
            if theirs[name] != value:
                raise SystemExit(f'Cannot train: all processes must have the same {name}, '
                                 f'got {value!r} in process {rank()} and {theirs[name]!r} in process {other}')


def end():
    if dist.is_initialized():
        dist.barrier()
        dist.destroy_process_group()
`;

/** The program: arguments, steps, checkpoints: `train.py`. @internal */
export const trainPy: string = String.raw`"""Continues a run of tfjs-gan in PyTorch, from the newest checkpoint beside this file, on as many processes as torchrun or
srun starts. It writes checkpoints that tfjs-gan restores.

    torchrun --nproc_per_node 2 train.py --data digits.npy --until 20000

The number of processes is no setting of the run: the batch, its latents and the statistics of batch norm belong to all of
them together.
"""
import argparse
import contextlib
import json
import os
import signal
import sys
import time

import numpy
import torch

from networks import FIRST_AND_LAST, NETWORKS, SHAPES, VALUE_RANGE
from tfjs_gan import checkpoints, folder_lock, ranks
from tfjs_gan.adversarial import Adversarial
from tfjs_gan.cycle import Cycle
from tfjs_gan.data import NAMES, Data
from tfjs_gan.history import add_step, close_epoch
from tfjs_gan.inpainting import Inpainting
from tfjs_gan.layers import Dropout, norms_of
from tfjs_gan.live_network import LiveNetwork
from tfjs_gan.pix2pix import Pix2pix
from tfjs_gan.random_numbers import Random, derive_seed
from tfjs_gan.settings import Settings, look_up
from tfjs_gan.slots import Slots
from tfjs_gan.super_resolution import SuperResolution

GAMES = {'adversarial': Adversarial, 'cycleGan': Cycle, 'inpainting': Inpainting, 'pix2pix': Pix2pix,
         'superResolution': SuperResolution}
HERE = os.path.dirname(os.path.abspath(__file__))


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'must be at least 1, got {number}')
    return number


def arguments():
    parser = argparse.ArgumentParser(description='Continues a run of tfjs-gan in PyTorch.')
    parser.add_argument('--data', required=True, help='a .npy file, an IDX file or a folder of PNG files')
    parser.add_argument('--labels', help='classes of the samples: a .npy or an IDX file')
    parser.add_argument('--condition', help='vectors of the samples: a .npy file')
    parser.add_argument('--source', help='what is translated to the samples: a .npy file, an IDX file or a folder of PNG files')
    parser.add_argument('--hole', help='masks beside the samples: the same kinds of files')
    parser.add_argument('--b', help='the second set of a CycleGAN, --data being the first: the same kinds of files')
    parser.add_argument('--input-range', nargs=2, type=float, metavar=('LOW', 'HIGH'), help='range of samples that are not bytes')
    parser.add_argument('--limit', type=int, help='how many samples of the data to take, from the first')
    parser.add_argument('--other-data', action='store_true', help='train on other data than those of the run, of the same shape')
    parser.add_argument('--until', type=int, help='number of the last step; the planned one by default')
    parser.add_argument('--batch-size', type=positive, help='of all processes together; that of the run by default')
    parser.add_argument('--batch-norm', choices=['synced', 'local'], default='synced',
                        help='statistics of the whole batch, or of the rows of a process, which depend on the number of processes')
    parser.add_argument('--checkpoint-every', type=positive, default=1000, metavar='STEPS')
    parser.add_argument('--keep', type=positive, default=3, help='how many of the newest checkpoints to keep')
    parser.add_argument('--device', choices=['cpu', 'cuda'], default='cuda' if torch.cuda.is_available() else 'cpu')
    return parser.parse_args()


class Training:
    def __init__(self, args, checkpoint):
        self.args, self.checkpoint, self.snapshot = args, checkpoint, checkpoint.snapshot
        settings = self.settings = Settings(self.snapshot['configuration'])
        game = look_up(GAMES, 'game', settings['game'], 'GAMES in train.py')
        for network, optimizer in self.snapshot['optimizers'].items():
            if optimizer.get('former'):
                raise SystemExit(f'Cannot train: the {network} must have had one optimizer, got one that replaced another')
        facts = checkpoint.description['data']  # there after the first step
        size = args.batch_size or facts['batchSize']
        if size % ranks.count() != 0:
            raise SystemExit(f'Cannot train: --batch-size must be a multiple of the {ranks.count()} processes, got {size}')
        self.size, self.seed = size, settings['seed']
        self.slots = Slots(self.snapshot['parts'].setdefault('memory', {}))
        self.networks = {name: LiveNetwork(name, network(), SHAPES[name], self.snapshot, settings, args.device)
                         for name, network in NETWORKS.items()}
        for network in self.networks.values():
            for norm in norms_of(network.module):
                norm.synced = args.batch_norm == 'synced'
            for layer in network.module.modules():
                if isinstance(layer, Dropout):
                    layer.drawn = self.drawn
        game = self.game = game(self)
        settings.refuse_rest()
        group = ranks.count() * game.group
        if size % group != 0:
            raise SystemExit(f'Cannot train: --batch-size must be a multiple of the {group} samples that the processes pack, got {size}')
        for name in NAMES:
            if name in game.wanted and getattr(args, name) is None:
                raise SystemExit(f'Cannot train: --{name} must be given for a run with {NAMES[name]}')
            if name not in ('labels', *game.wanted) and getattr(args, name) is not None:
                raise SystemExit(f"Cannot train: --{name} must be left out of a run without {NAMES[name]}, got '{getattr(args, name)}'")
        shapes = {name: shape for network in SHAPES.values() for name, shape in network.items()}
        further = {name: (getattr(args, name), shapes[name]) for name in game.wanted}
        self.data = Data(args.data, further, args.input_range, args.limit, facts, VALUE_RANGE, FIRST_AND_LAST, args.other_data)
        for name, count in game.classes.items():
            if self.data.further[name].max() >= count:
                raise SystemExit(f'Cannot train: --{name} must hold classes from 0 to {count - 1}, got {self.data.further[name].max()}')
        smallest = min(len(self.data.samples), *[len(values) for values in self.data.further.values()], facts['size'])
        if size > smallest:
            raise SystemExit(f'Cannot train: --batch-size must be at most the samples of each set, {smallest}, got {size}')
        self.passing = f"{facts['name']}, {facts['size']} samples, batches of {size}"
        facts['batchSize'] = size
        self.plan = self.planned()
        self.batches_per_step = game.turns[0].times * game.turns[0].accumulate
        self.steps_per_epoch = facts['size'] // size // self.batches_per_step
        if self.steps_per_epoch < 1:
            raise SystemExit(f"Cannot train: --data must hold {self.batches_per_step} batches of {size}, got {facts['size']} samples")

    def planned(self):
        """The plan of the run; another end is another plan."""
        former, until = self.snapshot.get('plan') or {}, self.args.until
        if until is None:
            until = former.get('lastStep')
        if until is None:
            raise SystemExit('Cannot train: --until must be given, as the run has no planned end')
        if until <= self.snapshot['step']:
            raise SystemExit(f"Cannot train: --until must be more than {self.snapshot['step']}, the step of the newest checkpoint, "
                             f'got {until}')
        is_same = former.get('pass') == self.passing and former.get('lastStep') == until
        plan = former if is_same else {'lastStep': until, 'until': {'steps': until}, 'pass': self.passing}
        self.snapshot['plan'] = plan
        return plan

    def random(self, name):
        states = self.snapshot['random']
        return Random(state=states[name]) if name in states else Random(derive_seed(self.seed, name))

    def drawn(self, name, draw):
        """Random numbers of a source; all processes draw those of the whole batch."""
        random = self.random(name)
        numbers = draw(random)
        self.snapshot['random'][name] = random.state
        return numbers

    def own(self, values):
        """The rows of this process."""
        return ranks.own_rows(values).to(self.args.device)

    def update(self, turn, batches, progress):
        """One update of the networks of a turn, by the mean gradient of some batches; returns numbers by path."""
        updated, gradients, numbers = [self.networks[name] for name in turn.updates], [], []
        for network in updated:
            for constraint in network.constraints.values():
                constraint.before_update()
        for batch in batches:
            with contextlib.ExitStack() as stack:
                for network in self.networks.values():
                    stack.enter_context(network.constrained())
                terms, metrics = turn.terms(batch, progress)
                loss = sum(terms.values())
                gradients.append(self.gradients(updated, loss))
            named = {f'terms/{turn.name}/{name}': term for name, term in terms.items()}
            numbers.append({f'losses/{turn.name}': loss, **named, **metrics})
        norms = {f'gradientNorms/{network.name}': network.update([own[i] for own in gradients], progress)
                 for i, network in enumerate(updated)}
        self.game.after_update(turn, progress)
        return [*numbers, norms]

    def gradients(self, networks, loss):
        """Of the trained weights of each network; None if the loss does not depend on one."""
        parameters = [weight.parameter for network in networks for weight in network.trained]
        every = iter(torch.autograd.grad(loss, parameters, allow_unused=True))
        return [[next(every) for _ in network.trained] for network in networks]

    def step(self, batches, progress):
        """One step; returns its numbers by path."""
        every = [constraint for network in self.networks.values() for constraint in network.constraints.values()]
        for constraint in every:
            constraint.before_step()
        records, left, last = [], iter(batches), None
        for turn in self.game.turns:
            for _ in range(turn.times):
                taken = []
                for _ in range(turn.accumulate):
                    last = next(left) if turn is self.game.turns[0] else last
                    taken.append(last)
                if turn.when(progress):
                    updates = self.snapshot['updates']
                    updates[turn.name] = updates.get(turn.name, 0) + 1
                    records.extend(self.update(turn, taken, {**progress, 'update': updates[turn.name]}))
        numbers = {}
        for name in dict.fromkeys(name for record in records for name in record):
            values = [record[name].detach() for record in records if name in record]
            numbers[name] = torch.stack(values).mean()
        for name, network in self.networks.items():
            numbers.update({f'constraintMetrics/{name}/{key}': value for key, value in network.metrics().items()})
        for constraint in reversed(every):
            constraint.after_step()
        for network in self.networks.values():
            network.average.follow(progress, self.size * len(batches))
        return numbers

    def save(self):
        for network in self.networks.values():
            network.save()
        self.check_arrays()
        self.snapshot['backend'] = f'torch {torch.__version__}'
        if ranks.rank() == 0:
            checkpoints.write(os.path.join(HERE, 'checkpoints'), self.checkpoint, self.args.keep)
            print(json.dumps({'event': 'checkpoint', 'name': self.checkpoint.name}), flush=True)

    def run(self, is_stopped):
        """Trains to the planned end, or until a signal came; returns whether it did."""
        snapshot, cursor, count = self.snapshot, self.snapshot['cursor'], self.batches_per_step
        last, saved = self.plan['lastStep'], snapshot['step']
        while snapshot['step'] < last:
            if cursor['pass'] != self.passing:
                cursor.update(batch=0, **{'pass': self.passing})
            batches = self.data.batches(self.seed, cursor['epoch'], cursor['batch'], self.size, self.args.device)
            epoch = cursor['epoch']
            while snapshot['step'] < last and cursor['epoch'] == epoch:
                clock = time.perf_counter()
                group = [next(batches) for _ in range(count)]
                data_seconds, clock = time.perf_counter() - clock, time.perf_counter()
                number = snapshot['step'] + 1
                numbers = self.step(group, {'step': number, 'plan': self.plan})
                stop = is_stopped()
                values = ranks.mean_all([torch.stack([*numbers.values(), torch.tensor(float(stop), device=self.args.device)])])
                *values, stop = values[0].tolist()
                self.check_finite(number, dict(zip(numbers, values)))
                self.note(number, dict(zip(numbers, values)), time.perf_counter() - clock, data_seconds)
                if stop or number % self.args.checkpoint_every == 0 or number == last:
                    self.save()
                    saved = number
                if stop:
                    return True
        if saved != snapshot['step']:
            self.save()
        return False

    def check_finite(self, number, values):
        for name, value in values.items():
            if value != value or abs(value) == float('inf'):
                self.diverged(f'{name} became {value} at step {number}')

    def check_arrays(self):
        """The last update may have made weights infinite, which no loss has seen."""
        arrays = {}
        checkpoints.take_apart({name: self.snapshot[name] for name in ('networks', 'optimizers', 'parts')}, arrays)
        for name, array in arrays.items():
            if not numpy.isfinite(array).all():
                self.diverged(f"{name} became NaN or infinite at step {self.snapshot['step']}")

    def diverged(self, what):
        print(f'Cannot continue training: {what}. The newest checkpoint is intact: lower the learning rate', file=sys.stderr)
        sys.exit(3)

    def note(self, number, values, seconds, data_seconds):
        snapshot, cursor, count = self.snapshot, self.snapshot['cursor'], self.batches_per_step
        cursor['batch'] += count
        record = {'losses': {}, 'terms': {}, 'gradientNorms': {}, 'metrics': {},
                  'constraintMetrics': {name: {} for name in self.networks}}
        for path, value in values.items():
            kind, name = path.split('/', 1)
            if kind in ('terms', 'constraintMetrics'):
                name, inner = name.split('/', 1)
                record[kind].setdefault(name, {})[inner] = value
            else:
                record[kind][name] = value
        step = {'number': number, 'epoch': cursor['epoch'] + 1, 'stepInEpoch': cursor['batch'] // count,
                'samples': self.size * count, **record,
                'learningRates': {name: self.networks[name].optimizer.rate for name in record['gradientNorms']},
                'seconds': seconds,
                'partSeconds': {'callbacks': 0, 'data': data_seconds, 'turns': {turn.name: 0 for turn in self.game.turns},
                                'read': seconds}}
        snapshot['step'] = number
        snapshot['samples'] += step['samples']
        add_step(snapshot['history'], step)
        if step['stepInEpoch'] == self.steps_per_epoch:
            close_epoch(snapshot['history'], step['epoch'])
            cursor.update(epoch=cursor['epoch'] + 1, batch=0, **{'pass': ''})
        if ranks.rank() == 0:
            print(json.dumps({'event': 'step', 'step': number, **record['losses'], 'seconds': round(seconds, 4)}), flush=True)


def main():
    args = arguments()
    ranks.start(args.device)
    folder = os.path.join(HERE, 'checkpoints')
    unlock = folder_lock.lock(folder) if ranks.rank() == 0 else lambda: None
    stopped = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: stopped.append(number))
    try:
        training = Training(args, checkpoints.read_newest(folder))
        ranks.check_same({'checkpoint': training.checkpoint.name, 'plan': training.plan, 'batch norm': args.batch_norm,
                          **training.data.facts})
        was_stopped = training.run(lambda: bool(stopped))
        ranks.end()
    finally:
        unlock()
    if was_stopped:
        sys.exit(128 + (stopped[0] if stopped else signal.SIGTERM))


if __name__ == '__main__':
    main()
`;

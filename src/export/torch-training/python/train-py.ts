/** The program: arguments, steps, checkpoints: `train.py`. @internal */
export const trainPy: string = String.raw`"""Continues a run of tfjs-gan in PyTorch, from the newest checkpoint beside this file, on as many processes as torchrun or
srun starts. It writes checkpoints that tfjs-gan restores.

    torchrun --nproc_per_node 2 train.py --data digits.npy --until 20000

The number of processes is no setting of the run: the batch, its latents and the statistics of batch norm belong to all of
them together.
"""
import argparse
import inspect
import json
import os
import signal
import sys
import time
from types import SimpleNamespace

import numpy
import torch

from networks import FIRST_AND_LAST, KEYS, LENGTHS, OUTPUTS, VALUE_RANGE, Discriminator, Generator
from tfjs_gan import checkpoints, folder_lock, ranks
from tfjs_gan.conditions import NAMES, Condition, Heads
from tfjs_gan.data import Data
from tfjs_gan.history import add_step, close_epoch
from tfjs_gan.layers import norms_of
from tfjs_gan.live_network import LiveNetwork
from tfjs_gan.losses import best_rows, loss_of
from tfjs_gan.penalties import Penalty
from tfjs_gan.random_numbers import Random, derive_seed
from tfjs_gan.schedules import schedule
from tfjs_gan.settings import Settings
from tfjs_gan.slots import Slots
from tfjs_gan.transforms import Transforms

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
        if settings['game'] != 'adversarial':
            raise SystemExit(f"Cannot train: the game must be adversarial, got {settings['game']}. Write its turns in train.py")
        for network, optimizer in self.snapshot['optimizers'].items():
            if optimizer.get('former'):
                raise SystemExit(f'Cannot train: the {network} must have had one optimizer, got one that replaced another')
        facts = checkpoint.description['data']  # there after the first step
        size = args.batch_size or facts['batchSize']
        if size % ranks.count() != 0:
            raise SystemExit(f'Cannot train: --batch-size must be a multiple of the {ranks.count()} processes, got {size}')
        self.size, self.seed = size, settings['seed']
        self.given = {name: Condition(name, settings.of(f'conditions.{name}')) for name in settings.names('conditions')}
        judged = inspect.signature(Discriminator.forward).parameters
        told = {name: getattr(args, name) for name, one in self.given.items() if one.is_of_data or name in judged}
        self.data = Data(args.data, told, args.input_range, args.limit, facts, VALUE_RANGE, FIRST_AND_LAST, args.other_data)
        self.passing = f"{facts['name']}, {facts['size']} samples, batches of {size}"
        facts['batchSize'] = size
        self.plan = self.planned()
        self.loss = loss_of(settings.of('loss'))
        self.networks = {name: LiveNetwork(name, module.to(args.device), KEYS[name], self.snapshot, settings)
                         for name, module in (('generator', Generator()), ('discriminator', Discriminator()))}
        for network in self.networks.values():
            for norm in norms_of(network.module):
                norm.synced = args.batch_norm == 'synced'
        self.times = {name: settings[f'updatesPerStep.{name}'] for name in self.networks}
        self.accumulated = {name: settings.get(f'turns.{name}.accumulate', 1) for name in self.networks}
        self.batches_per_step = self.times['discriminator'] * self.accumulated['discriminator']
        for name in self.networks:
            settings.get(f'turns.{name}.times')
        self.heads = Heads(settings, OUTPUTS, self.given)
        self.latents = settings['latentSize'], settings['latentDistribution']
        self.top = schedule(settings, 'topK') if 'topK' in settings else lambda _: 1
        slots = Slots(self.snapshot['parts'].setdefault('memory', {}))
        self.transforms = Transforms(settings, self.drawn, slots)
        self.penalties = [Penalty(name, settings.of(f'penalties.{name}'), slots) for name in settings.names('penalties')]
        group = ranks.count() * self.transforms.packed
        if size % group != 0:
            raise SystemExit(f'Cannot train: --batch-size must be a multiple of the {group} samples that the processes pack, got {size}')
        settings.refuse_rest()
        for name in told:
            if name not in self.data.conditions:
                raise SystemExit(f'Cannot train: --{name} must be given for a run with {NAMES[name]}')
        if self.heads.all and 'featureMatching' in settings.names('penalties'):
            raise SystemExit('Cannot train: featureMatching must be used with a discriminator without heads, got '
                             f"{', '.join(self.heads.all)}. Return the features from features in tfjs_gan/live_network.py")
        steps = facts['size'] // size // self.batches_per_step
        if steps < 1:
            raise SystemExit(f'Cannot train: --data must hold {self.batches_per_step} batches of {size}, got {facts["size"]} samples')
        self.steps_per_epoch = steps

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

    def conditions(self, batch):
        size, distribution = self.latents
        draw = (lambda random: random.normal(self.size, size)) if distribution == 'normal' else (
            lambda random: random.uniform(-1, 1, self.size, size))
        given = {'latents': ranks.own_rows(self.drawn('latents', draw)).to(self.args.device)}
        for name, condition in self.given.items():
            if condition.source == 'batch':
                given[name] = batch[name]
                continue
            values = self.drawn('conditions/generator', lambda random: condition.drawn(random, self.size, LENGTHS.get(name)))
            given[name] = ranks.own_rows(values).to(self.args.device)
        return given

    def judge(self, samples, conditions, moves=False):
        """What the discriminator returns for samples with their conditions, by name."""
        network = self.networks['discriminator']
        told = network.run({'samples': samples, **{name: conditions[name] for name in network.inputs if name in self.given}}, moves)
        return dict(zip(OUTPUTS, told if len(OUTPUTS) > 1 else [told]))

    def penalties_of(self, name, batch, made, given, progress):
        """The penalties in the loss of a network that are due."""
        own = [penalty for penalty in self.penalties if penalty.target == name]
        discriminator, sides = self.networks['discriminator'], {'real': batch, 'fake': given}
        real, fake = [self.transforms.applied(samples, progress, ['pack']) if own else samples for samples in (batch['samples'], made)]

        def discriminate(samples, side):
            return self.judge(self.transforms.penalized(samples, progress), sides[side])['logits']

        def features(samples, side):
            return discriminator.features(lambda: discriminate(samples, side))

        terms = {}
        for penalty in own:
            factor = penalty.factor(progress)
            if factor != 0:
                terms[penalty.name] = factor * self.drawn('penalties', lambda random: penalty.compute(SimpleNamespace(
                    real=real, fake=fake, discriminate=discriminate, features=features, weights=self.networks[name].trained,
                    slots=penalty.slots, random=random, progress=progress)))
        return terms

    def after_update(self, name, progress):
        for penalty in self.penalties:
            if penalty.target == name:
                penalty.after_update(self.networks[name].trained, progress)

    def discriminator_turn(self, batch, progress):
        """The terms of the discriminator's loss for a batch, and metrics."""
        given = self.conditions(batch)
        with torch.no_grad():
            made = self.networks['generator'].run(given)
        of_real = self.judge(self.transforms.applied(batch['samples'], progress), batch, moves=True)
        of_fake = self.judge(self.transforms.applied(made, progress), given, moves=True)
        real, fake = of_real['logits'], of_fake['logits']
        terms = {self.settings['loss.name']: self.loss.discriminator(real, fake),
                 **self.heads.terms('discriminator', 'real', of_real, batch, progress),
                 **self.heads.terms('discriminator', 'fake', of_fake, given, progress)}
        boundary = self.loss.boundary_of(real.detach(), fake.detach())
        seen = self.transforms.observe(real.detach() - boundary, self.size, progress)
        terms.update(self.penalties_of('discriminator', batch, made, given, progress))
        accuracy = {'real': (real > boundary).float().mean(), 'fake': (fake < boundary).float().mean()}
        return terms, {**{f'metrics/accuracy/{side}': share for side, share in accuracy.items()}, **seen,
                       **self.heads.accuracies('real', of_real, batch), **self.heads.accuracies('fake', of_fake, given)}

    def generator_turn(self, batch, progress):
        """The terms of the generator's loss for a batch, and metrics."""
        given = self.conditions(batch)
        made = self.networks['generator'].run(given, moves=True)
        of_fake = self.judge(self.transforms.applied(made, progress), given)
        logits = [of_fake['logits']]
        if self.loss.uses_real:
            logits.append(self.judge(self.transforms.applied(batch['samples'], progress), batch)['logits'])
        terms = {self.settings['loss.name']: self.loss.generator(*best_rows(self.top(progress), *logits)),
                 **self.heads.terms('generator', 'fake', of_fake, given, progress)}
        terms.update(self.penalties_of('generator', batch, made, given, progress))
        return terms, {}

    def update(self, name, turn, batches, progress):
        """One update of a network, by the mean gradient of some batches; returns numbers by path."""
        network, gradients, numbers = self.networks[name], [], []
        for constraint in network.constraints.values():
            constraint.before_update()
        for batch in batches:
            with self.networks['generator'].constrained(), self.networks['discriminator'].constrained():
                terms, metrics = turn(batch, progress)
                loss = sum(terms.values())
                gradients.append(network.gradients(loss))
            numbers.append({f'losses/{name}': loss, **{f'terms/{name}/{term}': value for term, value in terms.items()}, **metrics})
        norm = network.update(gradients, progress)
        self.after_update(name, progress)
        return [*numbers, {f'gradientNorms/{name}': norm}]

    def step(self, batches, progress):
        """One step; returns its numbers by path."""
        every = [constraint for network in self.networks.values() for constraint in network.constraints.values()]
        for constraint in every:
            constraint.before_step()
        records = []
        for name, turn in (('discriminator', self.discriminator_turn), ('generator', self.generator_turn)):
            count = self.accumulated[name]
            for time_in_step in range(self.times[name]):
                updates = self.snapshot['updates']
                updates[name] = updates.get(name, 0) + 1
                taken = batches[time_in_step * count:][:count] if name == 'discriminator' else [batches[-1]] * count
                records.extend(self.update(name, turn, taken, {**progress, 'update': updates[name]}))
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
        record = {'losses': {}, 'terms': {'discriminator': {}, 'generator': {}}, 'gradientNorms': {}, 'metrics': {},
                  'constraintMetrics': {'generator': {}, 'discriminator': {}}}
        for path, value in values.items():
            kind, name = path.split('/', 1)
            if kind in ('terms', 'constraintMetrics'):
                name, inner = name.split('/', 1)
                record[kind][name][inner] = value
            else:
                record[kind][name] = value
        step = {'number': number, 'epoch': cursor['epoch'] + 1, 'stepInEpoch': cursor['batch'] // count,
                'samples': self.size * count, **record,
                'learningRates': {name: self.networks[name].optimizer.rate for name in ('discriminator', 'generator')},
                'seconds': seconds,
                'partSeconds': {'callbacks': 0, 'data': data_seconds, 'turns': {'discriminator': 0, 'generator': 0}, 'read': seconds}}
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

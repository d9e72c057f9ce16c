/** Penalties as in `losses/penalties`: `tfjs_gan/penalties.py`. @internal */
export const penaltiesPy: string = String.raw`"""Penalties in the loss of a network. Each is a function of what an update has: real and fake samples, discriminate, features,
weights, slots, random numbers and progress."""
import re

import torch
import torch.nn.functional as F

from tfjs_gan import ranks
from tfjs_gan.schedules import schedule
from tfjs_gan.settings import look_up
from tfjs_gan.slots import Slots
from tfjs_gan.transforms import TRANSFORMS


def squared_slopes(discriminate, samples, side):
    """Squared norm of the gradient at each sample."""
    samples = samples.detach().requires_grad_()
    gradient, = torch.autograd.grad(discriminate(samples, side).sum(), samples, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def gradient_penalty(settings):
    target, one_sided, at = settings['targetNorm'], settings['oneSided'], settings['at']

    def compute(on):
        if at == 'interpolated':
            share = ranks.own_rows(on.random.uniform(0, 1, len(on.real) * ranks.count())).to(on.real.device)
            samples = on.fake + share.view(-1, *[1] * (on.real.dim() - 1)) * (on.real - on.fake)
        else:
            samples = on.real if at == 'real' else on.fake
        squared = squared_slopes(on.discriminate, samples, 'fake' if at == 'fake' else 'real')
        miss = torch.sqrt(squared + 1e-12) - target
        return (F.relu(miss) if one_sided else miss).square().mean()

    return compute


def dragan(settings):
    target, spread = settings['targetNorm'], settings['spread']

    def compute(on):
        real, rows = on.real, on.real.movedim(1, -1).shape  # noise is drawn channels last
        noise = ranks.own_rows(on.random.uniform(-1, 1, len(real) * ranks.count(), *rows[1:])).to(real.device).movedim(-1, 1)
        variance = ranks.mean((real - ranks.mean(real.mean())).square().mean())
        squared = squared_slopes(on.discriminate, real + spread * variance.sqrt() * noise, 'real')
        return (torch.sqrt(squared + 1e-12) - target).square().mean()

    return compute


def r1(_):
    return lambda on: squared_slopes(on.discriminate, on.real, 'real').mean() * 0.5


def r2(_):
    return lambda on: squared_slopes(on.discriminate, on.fake, 'fake').mean() * 0.5


def consistency(settings):
    augment = look_up(TRANSFORMS, 'transform', settings['augment'], 'TRANSFORMS in tfjs_gan/transforms.py')(settings.of('augment'), None)
    sides = ['real', 'fake'] if settings['sides'] == 'both' else ['real']

    def difference(on, side):
        samples = getattr(on, side)
        copy = augment.apply(samples, on.random, on.progress)
        return (on.discriminate(samples, side) - on.discriminate(copy, side)).square().mean()

    return lambda on: sum(difference(on, side) for side in sides)


def lecam(settings):
    decay = settings['decay']

    def compute(on):
        def follow(name, value):
            return on.slots.set(name, on.slots.get(name) * decay + value.detach().cpu() * (1 - decay)).to(on.real.device)

        real, fake = on.discriminate(on.real, 'real'), on.discriminate(on.fake, 'fake')
        share = follow('share', torch.tensor(1.0))
        of_real, of_fake = follow('real', ranks.mean(real.mean())) / share, follow('fake', ranks.mean(fake.mean())) / share
        return F.relu(real - of_fake).square().mean() + F.relu(of_real - fake).square().mean()

    return compute


def orthogonal(settings):
    is_all = settings['entries'] == 'all'

    def miss(filters):
        products, unit = filters.T @ filters, torch.eye(filters.shape[1], device=filters.device)
        return (products - unit if is_all else products * (1 - unit)).square().sum()

    return lambda on: sum(miss(weight.matrix()) for weight in on.weights if re.search(r'/(pointwise_)?kernel(_\d+)?$', weight.key))


def feature_matching(settings):
    if 'layer' in settings:
        raise SystemExit(f"Cannot train: featureMatching must be of the last features, got those of '{settings['layer']}'. Return them "
                         'from features in tfjs_gan/live_network.py')

    def compute(on):
        real, fake = [ranks.mean(on.features(getattr(on, side), side).mean(0)) for side in ('real', 'fake')]
        return (real - fake).square().sum()

    return compute


def historical_averaging(_):
    def compute(on):
        if on.progress['update'] == 1:
            return torch.tensor(0.0, device=on.real.device)
        return sum((weight.there(weight.parameter) - on.slots.get(f'{weight.key}#average').to(on.real.device)).square().sum()
                   for weight in on.weights)

    return compute


PENALTIES = {'consistency': consistency, 'dragan': dragan, 'featureMatching': feature_matching,
             'gradientPenalty': gradient_penalty, 'historicalAveraging': historical_averaging, 'lecam': lecam, 'orthogonal': orthogonal,
             'r1': r1, 'r2': r2}


# Slots of each weight, by penalty: what follows a weight from update to update.
WEIGHT_SLOTS = {'historicalAveraging': {'average': lambda average, weight, update: average + (weight - average) / update}}


class Penalty:
    """A penalty in the loss of its target, in every step or every few. The second of a kind has the name kind_2."""

    def __init__(self, name, settings, slots):
        kind = re.sub(r'_\d+$', '', name)
        self.name, self.every, self.weight = name, settings['every'], schedule(settings, 'weight')
        self.target = settings['target']
        place = f'penalties/{self.target}/discriminator/{kind}'
        self.followers = WEIGHT_SLOTS.get(kind, {}) if settings.get('weight') != 0 else {}
        self.slots = Slots(slots.arrays, f'{place}/') if self.followers else slots.of(place)  # those of weights have no prefix
        self.compute = look_up(PENALTIES, 'penalty', kind, 'PENALTIES in tfjs_gan/penalties.py')(settings)

    def factor(self, progress):
        """What its value is multiplied by; 0 if it is not due."""
        return 0 if progress['step'] % self.every != 0 else self.weight(progress) * self.every

    def after_update(self, weights, progress):
        """Slots of weights follow every update, also those in which the penalty is not due."""
        for slot, follow in self.followers.items():
            for weight in weights:
                name, value = f'{weight.key}#{slot}', weight.there(weight.parameter.detach()).cpu()
                self.slots.set(name, follow(self.slots.get(name), value, progress['update']))
`;

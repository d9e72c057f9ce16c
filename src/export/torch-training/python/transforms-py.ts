/** Transforms as in `transforms`: `tfjs_gan/transforms.py`. @internal */
export const transformsPy: string = String.raw`"""Transforms of real and fake samples in front of the discriminator. Every process draws the random numbers of the whole
batch and applies those of its own rows."""
import math

import torch

from tfjs_gan import ranks
from tfjs_gan.adaptive_augment import AdaptiveAugment
from tfjs_gan.schedules import schedule
from tfjs_gan.settings import look_up


class Transform:
    """Its position relative to others: augment, pack, noise."""
    stage = 'augment'

    def observe(self, margins, samples, progress):
        """Called in each update of the discriminator; returns metrics by name."""
        return {}


def whole(images):
    """The number of images in the batch of all processes."""
    return len(images) * ranks.count()


def per_image(numbers, images, axes=4):
    """Numbers of the whole batch, as factors of the own images."""
    return ranks.own_rows(numbers).to(images.device).view(-1, *[1] * (axes - 1))


def spread(images, factor, axes):
    """Scales the distance of images from a mean."""
    mean = images.mean(axes, keepdim=True)
    return (images - mean) * factor + mean


def recolored(images, random):
    brightness, saturation, contrast = [per_image(random.uniform(low, high, whole(images)), images)
                                        for low, high in ((-0.5, 0.5), (0, 2), (0.5, 1.5))]
    images = images + brightness
    return spread(images if images.shape[1] == 1 else spread(images, saturation, [1]), contrast, [1, 2, 3])


def lines(images, axis):
    """The numbers of the rows or columns of images."""
    return torch.arange(images.shape[axis], device=images.device)


def translated(images, random):
    sides = images.shape[2:]
    moves = []
    for side in sides:
        most = (side + 4) // 8
        moves.append(per_image(random.integers(2 * most + 1, whole(images)) - most, images, 2))
    rows, columns = [lines(images, 2 + axis) + move for axis, move in enumerate(moves)]
    inside = ((rows >= 0) & (rows < sides[0]))[:, :, None] & ((columns >= 0) & (columns < sides[1]))[:, None]
    rows, columns = rows.clamp(0, sides[0] - 1)[:, :, None], columns.clamp(0, sides[1] - 1)[:, None]
    moved = images.movedim(1, -1)[lines(images, 0)[:, None, None], rows, columns]
    return (moved * inside[..., None]).movedim(-1, 1)


def cut_out(images, random):
    hidden = []
    for side in images.shape[2:]:
        length = (side + 1) // 2
        first = per_image(random.integers(side + 1 - length % 2, whole(images)) - length // 2, images, 2)
        line = lines(images, 2 + len(hidden))
        hidden.append((line >= first) & (line < first + length))
    return images * ~(hidden[0][:, :, None] & hidden[1][:, None])[:, None]


POLICIES = {'color': recolored, 'translation': translated, 'cutout': cut_out}


class DiffAugment(Transform):
    def __init__(self, settings, _):
        self.policies = [POLICIES[name] for name in settings['policy'].split(', ')]

    def apply(self, images, random, progress):
        for policy in self.policies:
            images = policy(images, random)
        return images


class Packing(Transform):
    """Joins samples that follow each other."""
    stage = 'pack'

    def __init__(self, settings, _):
        self.samples = settings['samples']

    def apply(self, samples, random, progress):
        return samples.reshape(len(samples) // self.samples, -1, *samples.shape[2:])

    def undo(self, rows):
        return rows.reshape(len(rows) * self.samples, -1, *rows.shape[2:])


class InstanceNoise(Transform):
    stage = 'noise'

    def __init__(self, settings, _):
        self.deviation = schedule(settings, 'deviation')

    def apply(self, samples, random, progress):
        deviation = self.deviation(progress)
        if deviation == 0:
            return samples
        rows = samples.movedim(1, -1).shape[1:]  # noise is drawn channels last
        noise = ranks.own_rows(random.normal(whole(samples), *rows)).to(samples.device)
        return samples + noise.movedim(-1, 1) * deviation


TRANSFORMS = {'diffAugment': DiffAugment, 'adaptiveAugment': AdaptiveAugment, 'packing': Packing,
              'instanceNoise': InstanceNoise}


class Transforms:
    """The transforms of a run in their order. drawn calls a function with the random numbers of a name."""

    def __init__(self, settings, drawn, slots):
        self.drawn = drawn
        names = settings['transforms.order'].split(', ') if 'transforms.order' in settings else []
        self.all = [(name, look_up(TRANSFORMS, 'transform', name, 'TRANSFORMS in tfjs_gan/transforms.py')(
            settings.of(f'transforms.{name}'), slots.of(f'transforms/{name}'))) for name in names]
        self.packed = math.prod(transform.samples for _, transform in self.all if transform.stage == 'pack')

    def applied(self, samples, progress, stages=('augment', 'pack', 'noise')):
        for name, transform in self.all:
            if transform.stage in stages:
                samples = self.drawn(f'game/transforms/{name}', lambda random: transform.apply(samples, random, progress))
        return samples

    def penalized(self, rows, progress):
        """From the packed rows that a penalty is about to what the discriminator sees of them."""
        stages = [transform.stage for _, transform in self.all]
        if 'augment' not in stages:
            return self.applied(rows, progress, ['noise'])
        for _, transform in reversed(self.all):
            rows = transform.undo(rows) if transform.stage == 'pack' else rows
        return self.applied(rows, progress)

    def observe(self, margins, samples, progress):
        return {f'metrics/{name}/{key}': value for name, transform in self.all
                for key, value in transform.observe(margins, samples, progress).items()}
`;

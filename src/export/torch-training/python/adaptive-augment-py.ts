/** Adaptive augmentation as in `transforms`: `tfjs_gan/adaptive_augment.py`. @internal */
export const adaptiveAugmentPy: string = String.raw`"""Flips, turns, scales, shifts and recolors images, each with a probability that follows the overfitting of the
discriminator."""
import math

import torch

from tfjs_gan import ranks
from tfjs_gan.schedules import schedule

REACH, SCALE, BRIGHTNESS, CONTRAST, SATURATION = 0.125, 0.2, 0.2, 0.5, 1
X, Y, BOTH = [1, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 1, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0, 0]
TURN, MOVE_X, MOVE_Y = [0, -1, 0, 1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0, 0, 0]
# Of red, green, blue and 1; the luma axis is (1, 1, 1) / sqrt(3).
COLORS = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
OFFSET = [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0]
LUMA = [1 / 3 if i < 12 and i % 4 < 3 else 0 for i in range(16)]
CHROMA = [color - luma for color, luma in zip(COLORS, LUMA)]
QUARTER = [part / math.sqrt(3) for part in [0, -1, 1, 0, 1, 0, -1, 0, -1, 1, 0, 0, 0, 0, 0, 0]]


class Draws:
    """Random numbers for each image of the whole batch."""

    def __init__(self, random, probability, images):
        self.random, self.probability, self.device = random, probability, images.device
        self.count = len(images) * ranks.count()

    def normal(self, deviation):
        return self.random.normal(self.count) * deviation

    def uniform(self, low, high):
        return self.random.uniform(low, high, self.count)

    def if_drawn(self, *values, probability=None):
        """Those of the own images, 0 unless the change falls on the image."""
        is_drawn = self.uniform(0, 1) < (self.probability if probability is None else probability)
        return [ranks.own_rows(value * is_drawn).to(self.device) for value in values]


def identity_plus(size, *parts):
    """A matrix for each image: I + the sum of numbers times matrices."""
    numbers = torch.stack([number for number, _ in parts], 1)
    matrices = numbers.new_tensor([matrix for _, matrix in parts])
    return (torch.eye(size, device=numbers.device).flatten() + numbers @ matrices).view(-1, size, size)


def power_less_one(base, exponent):
    return torch.exp(exponent * math.log(base)) - 1


def turned(cosine, sine):
    return identity_plus(3, (cosine - 1, BOTH), (sine, TURN))


def moved(x, y):
    return identity_plus(3, (-x, MOVE_X), (-y, MOVE_Y))


def inverse_transform(height, width, kinds, draws):
    """From pixels of the new image to those of the given one, about the middle: [batch, 3, 3]."""
    matrix = torch.eye(3, device=draws.device)
    if 'blit' in kinds:
        flip, = draws.if_drawn(draws.uniform(0, 2).floor())
        matrix = matrix @ identity_plus(3, (flip * -2, X))
        quarters, = draws.if_drawn(draws.uniform(0, 4).floor())
        turn = quarters * (math.pi / 2)
        matrix = matrix @ turned(turn.cos().round(), turn.sin().round())
        steps = [(draws.uniform(-REACH, REACH).double() * side + 0.5).floor().float() for side in (width, height)]
        matrix = matrix @ moved(*draws.if_drawn(*steps))
    if 'geometric' in kinds:
        def random_turn():
            # Before, after, or both: with the probability of one of the other changes.
            once = 1 - (1 - draws.probability).sqrt()
            angle, = draws.if_drawn(draws.uniform(-math.pi, math.pi), probability=once)
            return turned(angle.cos(), angle.sin())

        scale, = draws.if_drawn(draws.normal(SCALE))
        matrix = matrix @ identity_plus(3, (power_less_one(0.5, scale), BOTH)) @ random_turn()
        stretch, = draws.if_drawn(draws.normal(SCALE))
        matrix = matrix @ identity_plus(3, (power_less_one(0.5, stretch), X), (power_less_one(2, stretch), Y)) @ random_turn()
        matrix = matrix @ moved(*draws.if_drawn(*[draws.normal(REACH * side) for side in (width, height)]))
    return matrix


def neighbors(at, size):
    """The rows or columns beside points, mirrored about the outermost, and how much of each a point has."""
    period = max(1, 2 * (size - 1))
    there = at.abs() % period
    there = torch.minimum(there, period - there)
    before = there.floor()
    return [(before.long(), 1 - (there - before)), ((before + 1).clamp(max=size - 1).long(), there - before)]


def warp(images, kinds, draws):
    channels, height, width = images.shape[1:]
    i = torch.arange(height * width, dtype=images.dtype, device=images.device)
    grid = torch.stack([i % width - (width - 1) / 2, i // width - (height - 1) / 2, torch.ones_like(i)])
    x, y, _ = (inverse_transform(height, width, kinds, draws) @ grid).unbind(1)
    columns, rows = neighbors(x + (width - 1) / 2, width), neighbors(y + (height - 1) / 2, height)
    pixels = images.flatten(2)

    def at(row, column):
        return pixels.gather(2, (row * width + column)[:, None].expand(-1, channels, -1))

    # If one side is even and the other odd, quarter turns put pixels between those of the image.
    if 'geometric' in kinds or (height - width) % 2 != 0:
        return sum(at(row, column) * (upper * left)[:, None] for row, upper in rows for column, left in columns).view_as(images)
    (row, _), (next_row, lower) = rows
    (column, _), (next_column, right) = columns
    return at(torch.where(lower > 0.5, next_row, row), torch.where(right > 0.5, next_column, column)).view_as(images)


def recolored(images, draws):
    channels = images.shape[1]

    def drawn(values):
        return draws.if_drawn(values)[0]

    matrix = identity_plus(4, (drawn(draws.normal(BRIGHTNESS)), OFFSET))
    matrix = identity_plus(4, (power_less_one(2, drawn(draws.normal(CONTRAST))), COLORS)) @ matrix
    matrix = identity_plus(4, (drawn(draws.uniform(0, 2).floor()) * -2, LUMA)) @ matrix
    if channels == 3:
        hue = drawn(draws.uniform(-math.pi, math.pi))
        matrix = identity_plus(4, (hue.cos() - 1, CHROMA), (hue.sin(), QUARTER)) @ matrix
        matrix = identity_plus(4, (power_less_one(2, drawn(draws.normal(SATURATION))), CHROMA)) @ matrix
    mix, offset = matrix[:, :3, :3], matrix[:, :3, 3]
    if channels == 1:  # red, green and blue alike, of which the mean is taken
        return images * (mix.sum([1, 2]) / 3).view(-1, 1, 1, 1) + offset.mean(1).view(-1, 1, 1, 1)
    return (mix @ images.flatten(2) + offset[:, :, None]).view_as(images)


class AdaptiveAugment:
    stage, interval = 'augment', 4

    def __init__(self, settings, slots):
        self.slots, self.kinds = slots, settings['policy'].split(', ')
        self.fixed = schedule(settings, 'probability') if 'probability' in settings else None
        if self.fixed is None:
            self.target, self.maximum, self.ramp = settings['target'], settings['maximum'], settings['rampSamples']
            slots.get('probability'), slots.get('signs')

    def apply(self, images, random, progress):
        fixed = None if self.fixed is None else self.fixed(progress)
        if fixed == 0:
            return images
        draws = Draws(random, self.slots.get('probability') if fixed is None else torch.tensor(float(fixed)), images)
        if self.kinds != ['color']:
            images = warp(images, self.kinds, draws)
        return recolored(images, draws) if 'color' in self.kinds else images

    def observe(self, margins, samples, progress):
        """Raises the probability if more than a share of the real samples is judged real, else lowers it."""
        if self.fixed is not None:
            return {}
        signs = self.slots.get('signs') + ranks.mean(margins.sign().mean()).cpu()
        probability = self.slots.get('probability')
        if progress['update'] % self.interval == 0:
            change = (signs / self.interval - self.target).sign() * (self.interval * samples / self.ramp)
            probability = self.slots.set('probability', (probability + change).clamp(0, self.maximum))
            signs = torch.tensor(0.0)
        self.slots.set('signs', signs)
        return {'probability': probability.to(margins.device)}
`;

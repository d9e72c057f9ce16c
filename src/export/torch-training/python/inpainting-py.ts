/** The game of inpainting: `tfjs_gan/inpainting.py`. @internal */
export const inpaintingPy: string = String.raw`"""The game of inpainting: the generator fills holes, the discriminator sees the hole beside the completed image."""
import math

import numpy
import torch

from tfjs_gan import ranks
from tfjs_gan.game import Translation, Turn, accuracies


class Inpainting(Translation):
    weights = ['adversarial', 'l1']

    def __init__(self, training):
        super().__init__(training)
        self.training = training
        self.wanted = ['hole'] if training.settings.get('hole') == 'batch' else []
        if not self.wanted:
            box, place, strokes = [training.settings[f'hole.{name}'] for name in ('box', 'place', 'strokes')]
            self.box = None if box == 'none' else [int(side) for side in box.split('×')]
            self.is_centered, self.strokes = place == 'center', strokes
        self.turns = [Turn('generator', ['generator'], self.generator_terms),
                      Turn('discriminator', ['discriminator'], self.discriminator_terms, when=lambda _: self.is_adversarial)]

    def hole_of(self, batch):
        """1 in holes, 0 elsewhere."""
        if self.wanted:
            return (batch['hole'] > 0.5).float()
        height, width, _ = self.training.networks['generator'].shapes['hole']
        masks = self.training.drawn('conditions/generator', lambda random: numpy.stack(
            [self.mask(random, height, width) for _ in range(self.training.size)]))
        return self.training.own(torch.from_numpy(masks))[:, None]

    def mask(self, random, height, width):
        mask = numpy.zeros((height, width), numpy.float32)
        if self.box is not None:
            free = [side - own for side, own in zip((height, width), self.box)]
            top, left = [room // 2 if self.is_centered else integer(random, room + 1) for room in free]
            mask[top:top + self.box[0], left:left + self.box[1]] = 1
        if self.strokes > 0:
            for _ in range(1 + integer(random, self.strokes)):
                paint_stroke(random, mask)
        return mask

    def generator_terms(self, batch, progress):
        samples, hole = batch['samples'], self.hole_of(batch)
        made = self.networks['generator'].run({'samples': samples, 'hole': hole}, moves=True)['samples']
        self.made, self.hole = made.detach(), hole
        filled = torch.clamp(ranks.mean(hole.sum() * samples.shape[1]), min=1 / ranks.count())  # of each process
        distance = (samples - made).abs().sum() / filled
        terms = {'l1': ('l1', lambda: distance)}
        if self.is_adversarial:
            def judged():
                real, fake = [{'hole': hole, 'samples': pictures} for pictures in (samples, made)]
                return self.of_generator(self.judge(fake), lambda: self.judge(real))

            terms = {self.loss_name: ('adversarial', judged), **terms}
        return self.weighted(terms, progress), {'metrics/l1': distance}

    def discriminator_terms(self, batch, progress):
        real = self.judge({'hole': self.hole, 'samples': batch['samples']}, moves=True)
        fake = self.judge({'hole': self.hole, 'samples': self.made}, moves=True)
        return {self.loss_name: self.loss.discriminator(real, fake)}, accuracies(self.loss, real, fake)


def integer(random, bound):
    return int(random.uniforms(1)[0] * bound)


def between(random, low, high):
    return low + (high - low) * random.uniforms(1)[0]


def paint_stroke(random, mask):
    """Lines of turning direction, which end at the sides of the image."""
    height, width = mask.shape
    longer, diagonal = max(height, width), math.hypot(height, width)
    radius = between(random, longer / 20, longer / 6) / 2
    points = 4 + integer(random, 9)
    turn = between(random, 4 * math.pi / 15, 8 * math.pi / 15)
    x, y = integer(random, width), integer(random, height)
    for point in range(points):
        angle = 2 * math.pi - turn if point % 2 == 0 else turn
        length = between(random, diagonal / 16, 3 * diagonal / 16)
        to_x = min(width - 1, max(0, x + length * math.sin(angle + point * turn)))
        to_y = min(height - 1, max(0, y + length * math.cos(angle + point * turn)))
        paint_line(mask, (x, y), (to_x - x, to_y - y), radius)
        x, y = to_x, to_y


def paint_line(mask, start, line, radius):
    (x0, y0), (dx, dy) = start, line
    square = dx * dx + dy * dy
    y, x = [axis - first for axis, first in zip(numpy.indices(mask.shape), (y0, x0))]
    share = 0 if square == 0 else numpy.clip((x * dx + y * dy) / square, 0, 1)
    mask[numpy.hypot(x - share * dx, y - share * dy) <= radius] = 1
`;

/** Optimizers as in `optimizers`: `tfjs_gan/optimizers.py`. @internal */
export const optimizersPy: string = String.raw`"""Optimizers. An update changes a weight and its slots in place."""
import torch

from tfjs_gan.schedules import schedule
from tfjs_gan.settings import look_up


def adam(settings):
    beta1, beta2, epsilon = schedule(settings, 'beta1'), schedule(settings, 'beta2'), settings['epsilon']

    def update(weight, gradient, slots, rate, number, progress):
        first, second = beta1(progress), beta2(progress)
        slots['firstMoment'].mul_(first).add_(gradient * (1 - first))
        slots['secondMoment'].mul_(second).add_(gradient.square() * (1 - second))
        root = slots['secondMoment'].sqrt() / (1 - second ** number) ** 0.5 + epsilon
        weight -= slots['firstMoment'] / root * (rate / (1 - first ** number))

    return ['firstMoment', 'secondMoment'], update


def rmsprop(settings):
    decay, epsilon = settings['decay'], settings['epsilon']

    def update(weight, gradient, slots, rate, number, progress):
        slots['meanSquare'].mul_(decay).add_(gradient.square() * (1 - decay))
        weight -= gradient / (slots['meanSquare'].sqrt() + epsilon) * rate

    return ['meanSquare'], update


def sgd(settings):
    momentum = settings['momentum']

    def update(weight, gradient, slots, rate, number, progress):
        if momentum:
            gradient = slots['velocity'].mul_(momentum).add_(gradient)
        weight -= gradient * rate

    return ['velocity'] if momentum else [], update


OPTIMIZERS = {'adam': adam, 'rmsprop': rmsprop, 'sgd': sgd}


def shorten(gradients, limit):
    """Scales gradients down to a common length."""
    length = sum(gradient.square().sum() for gradient in gradients).sqrt()
    share = torch.clamp(limit / (length + 1e-6), max=1)
    return [gradient * share for gradient in gradients]


CLIPPERS = {
    'value': lambda gradients, limit: [gradient.clamp(-limit, limit) for gradient in gradients],
    'norm': lambda gradients, limit: [shorten([gradient], limit)[0] for gradient in gradients],
    'globalNorm': shorten,
}


class Optimizer:
    """Updates weights, and counts the updates; its slots are those of the checkpoint."""

    def __init__(self, settings, weights, state):
        self.state, self.weights, self.rate = state, weights, 0
        self.names, self.update = look_up(OPTIMIZERS, 'optimizer', settings['name'],
                                          'OPTIMIZERS in tfjs_gan/optimizers.py')(settings)
        self.rates = schedule(settings, 'learningRate')
        clips = [name for name in CLIPPERS if f'clip.{name}' in settings]
        order = settings['clip.order'].split(', ') if 'clip.order' in settings else clips
        self.clips = [(CLIPPERS[name], settings[f'clip.{name}']) for name in order]
        self.slots = {weight.key: {name: weight.here(state['slots'][f'{weight.key}#{name}']) for name in self.names}
                      for weight in weights}

    @torch.no_grad()
    def apply(self, gradients, progress):
        self.state['step'] += 1
        progress = {**progress, 'update': self.state['step']}
        self.rate = self.rates(progress)
        moved = [(weight, gradient) for weight, gradient in zip(self.weights, gradients) if gradient is not None]
        clipped = [gradient for _, gradient in moved]
        for clip, limit in self.clips:
            clipped = clip(clipped, limit)
        for (weight, _), gradient in zip(moved, clipped):
            number = self.state['step'] - self.state.get('missed', {}).get(weight.key, 0)
            self.update(weight.parameter, gradient, self.slots[weight.key], self.rate, number, progress)

    def save(self):
        for weight in self.weights:
            for name, slot in self.slots[weight.key].items():
                self.state['slots'][f'{weight.key}#{name}'] = weight.ours(slot)
`;

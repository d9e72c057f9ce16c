/** Penalties as in `losses/penalties`: `tfjs_gan/penalties.py`. @internal */
export const penaltiesPy: string = String.raw`"""Penalties on the gradients of the discriminator with respect to its samples."""
import torch
import torch.nn.functional as F

from tfjs_gan import ranks
from tfjs_gan.schedules import schedule
from tfjs_gan.settings import look_up


def squared_slopes(discriminate, samples, side):
    """Squared norm of the gradient at each sample."""
    samples = samples.detach().requires_grad_()
    gradient, = torch.autograd.grad(discriminate(samples, side).sum(), samples, create_graph=True)
    return gradient.flatten(1).square().sum(1)


def gradient_penalty(settings):
    target, one_sided, at = settings['targetNorm'], settings['oneSided'], settings['at']

    def compute(real, fake, discriminate, random):
        if at == 'interpolated':
            share = ranks.own_rows(random.uniform(0, 1, len(real) * ranks.count())).to(real.device)
            samples = fake + share.view(-1, *[1] * (real.dim() - 1)) * (real - fake)
        else:
            samples = real if at == 'real' else fake
        squared = squared_slopes(discriminate, samples, 'fake' if at == 'fake' else 'real')
        miss = torch.sqrt(squared + 1e-12) - target
        return (F.relu(miss) if one_sided else miss).square().mean()

    return compute


def dragan(settings):
    target, spread = settings['targetNorm'], settings['spread']

    def compute(real, fake, discriminate, random):
        rows = real.movedim(1, -1).shape  # noise is drawn channels last
        noise = ranks.own_rows(random.uniform(-1, 1, len(real) * ranks.count(), *rows[1:])).to(real.device).movedim(-1, 1)
        variance = ranks.mean((real - ranks.mean(real.mean())).square().mean())
        squared = squared_slopes(discriminate, real + spread * variance.sqrt() * noise, 'real')
        return (torch.sqrt(squared + 1e-12) - target).square().mean()

    return compute


def r1(_):
    return lambda real, fake, discriminate, random: squared_slopes(discriminate, real, 'real').mean() * 0.5


def r2(_):
    return lambda real, fake, discriminate, random: squared_slopes(discriminate, fake, 'fake').mean() * 0.5


PENALTIES = {'dragan': dragan, 'gradientPenalty': gradient_penalty, 'r1': r1, 'r2': r2}


class Penalty:
    """A penalty in the loss of the discriminator, in every step or every few."""

    def __init__(self, name, settings):
        self.name, self.every, self.weight = name, settings['every'], schedule(settings, 'weight')
        self.compute = look_up(PENALTIES, 'penalty', name, 'PENALTIES in tfjs_gan/penalties.py')(settings)
        if settings['target'] != 'discriminator':
            raise SystemExit(f"Cannot train: the penalty '{name}' must act on the discriminator, got {settings['target']}")

    def factor(self, progress):
        """What its value is multiplied by; 0 if it is not due."""
        return 0 if progress['step'] % self.every != 0 else self.weight(progress) * self.every
`;

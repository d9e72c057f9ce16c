/** Losses as in `losses/adversarial`: `tfjs_gan/losses.py`. @internal */
export const lossesPy: string = String.raw`"""Losses of the discriminator and the generator. Logits of the rows of this process come in; the loss of these rows comes
out, whose mean over all processes is that of the batch."""
import torch.nn.functional as F

from tfjs_gan import ranks
from tfjs_gan.settings import look_up


class Loss:
    """The boundary is the logit above which a sample counts as real; None for the middle between both means."""

    def __init__(self, discriminator, generator, boundary=0, uses_real=False):
        self.discriminator, self.generator = discriminator, generator
        self.boundary, self.uses_real = boundary, uses_real

    def boundary_of(self, real, fake):
        if self.boundary is not None:
            return self.boundary
        return (ranks.mean(real.mean()) + ranks.mean(fake.mean())) / 2


def bce(settings):
    smoothing = settings['labelSmoothing']
    return Loss(lambda real, fake: (F.softplus(-real) + smoothing * real).mean() + F.softplus(fake).mean(),
                lambda fake: F.softplus(-fake).mean())


def minimax(_):
    return Loss(lambda real, fake: F.softplus(-real).mean() + F.softplus(fake).mean(),
                lambda fake: -F.softplus(fake).mean())


def hinge(_):
    return Loss(lambda real, fake: F.relu(1 - real).mean() + F.relu(1 + fake).mean(), lambda fake: -fake.mean())


def wasserstein(_):
    return Loss(lambda real, fake: fake.mean() - real.mean(), lambda fake: -fake.mean(), boundary=None)


def least_squares(settings):
    a, b, c = settings['a'], settings['b'], settings['c']

    def half_square(logits, target):
        return (logits - target).square().mean() * 0.5

    return Loss(lambda real, fake: half_square(real, b) + half_square(fake, a), lambda fake: half_square(fake, c),
                boundary=(a + b) / 2)


def relativistic(settings):
    costs = {'bce': lambda x: F.softplus(-x), 'hinge': lambda x: F.relu(1 - x), 'leastSquares': lambda x: (x - 1).square()}
    cost, average = costs[settings['base']], settings['average']

    def compare(upper, lower):
        if not average:
            return cost(upper - lower).mean()
        return cost(upper - ranks.mean(lower.mean())).mean() + cost(ranks.mean(upper.mean()) - lower).mean()

    return Loss(compare, compare, boundary=None, uses_real=True)


LOSSES = {'bce': bce, 'minimax': minimax, 'hinge': hinge, 'wasserstein': wasserstein, 'leastSquares': least_squares,
          'relativistic': relativistic}


def best_rows(share, fake, *others):
    """The rows of the largest of the fake logits in the whole batch, and those rows of others."""
    count = max(1, int(share * len(fake) * ranks.count() + 1e-9))
    if count >= len(fake) * ranks.count():
        return [fake, *others]
    fake, *others = [ranks.all_rows(logits) for logits in (fake, *others)]
    best = fake.detach().flatten(1).mean(1).topk(count).indices
    return [logits[best] for logits in (fake, *others)]


def loss_of(settings):
    return look_up(LOSSES, 'loss', settings['name'], 'LOSSES in tfjs_gan/losses.py')(settings)
`;

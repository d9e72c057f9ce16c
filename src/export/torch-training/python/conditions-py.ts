/** Conditions of samples, and heads that predict them: `tfjs_gan/conditions.py`. @internal */
export const conditionsPy: string = String.raw`"""Conditions of samples (classes, vectors, codes), and the heads of a discriminator that predict them. Every process draws
the conditions of the whole batch."""
import torch
import torch.nn.functional as F

from tfjs_gan.schedules import schedule


class Condition:
    def __init__(self, name, settings):
        self.name, self.classes, self.source = name, settings.get('classes'), settings['source']
        categorical = settings.get('categorical')
        self.is_code = categorical is not None
        self.sizes = [int(size) for size in (categorical or '').split(', ') if size]
        self.continuous = settings.get('continuous', 0)
        # Classes are told by the discriminator or to it, of real samples too.
        self.is_of_data = self.source == 'batch' or self.classes is not None

    def drawn(self, random, count, shape):
        """Conditions of fake samples that are not those of the batch; shape is that of numbers."""
        if self.is_code:
            codes = [F.one_hot(random.integers(size, count), size).float() for size in self.sizes]
            return torch.cat([*codes, *[random.uniform(-1, 1, count, 1) for _ in range(self.continuous)]], 1)
        if self.classes is not None:
            return random.integers(self.classes, count)
        return random.normal(count, *shape) if self.source == 'normal' else random.uniform(-1, 1, count, *shape)

    def parts(self, codes):
        """The categorical codes in a row of codes, and the numbers behind them."""
        *categorical, numbers = torch.split(codes, [*self.sizes, self.continuous], 1)
        return categorical, numbers

    def unlikeliness(self, truth, told):
        """-log q(condition | sample) without constants: the mean over the rows of this process."""
        if self.classes is not None:
            return F.cross_entropy(told, truth)
        if not self.is_code:
            return distance(truth, told)
        (right, numbers), (guesses, other) = self.parts(truth), self.parts(told)
        return sum([F.cross_entropy(guess, one.argmax(1)) for guess, one in zip(guesses, right)], distance(numbers, other))

    def accuracy(self, truth, told):
        """Of a head for classes or categorical codes; None for others."""
        if self.classes is not None:
            return hits(truth, told)
        if not self.sizes:
            return None
        (right, _), (guesses, _) = self.parts(truth), self.parts(told)
        return sum(hits(one.argmax(1), guess) for one, guess in zip(right, guesses)) / len(right)


def distance(x, y):
    return 0.5 * (x - y).square().flatten(1).sum(1).mean()


def hits(labels, logits):
    return (logits.argmax(1) == labels).float().mean()


class Heads:
    """The outputs of a discriminator beside its logits, each with the condition that it predicts."""

    def __init__(self, settings, outputs, conditions):
        self.all, self.weights = {}, {}
        if settings.get('heads') is None:
            return
        for output in outputs:
            if output != 'logits':
                self.all[output] = conditions['labels' if output == 'classes' and 'classes' not in conditions else output]
        self.weights = {name: schedule(settings, f'auxiliaryWeights.{name}') for name in ('generator', 'discriminator')}

    def terms(self, network, side, told, given, progress):
        """Weighted terms in the loss of a network, for samples of a side whose conditions are given."""
        weight = self.weights[network](progress) if self.all else 0
        return {f'{output}/{side}': weight * condition.unlikeliness(given[condition.name], told[output])
                for output, condition in self.all.items() if weight != 0 and condition.name in given}

    def predicted(self, terms):
        """Names of the conditions whose real samples have a term among some."""
        return [condition.name for output, condition in self.all.items() if f'{output}/real' in terms]

    def accuracies(self, side, told, given):
        shares = {f'metrics/accuracy/{output}/{side}': condition.accuracy(given[condition.name], told[output].detach())
                  for output, condition in self.all.items() if condition.name in given}
        return {name: share for name, share in shares.items() if share is not None}
`;

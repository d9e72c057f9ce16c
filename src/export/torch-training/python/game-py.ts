/** What games share: `tfjs_gan/game.py`. @internal */
export const gamePy: string = String.raw`"""What the games share. A game has turns in their order, the names of the tensors that it wants beside the samples, and the
number of rows of a batch that belong together."""
from tfjs_gan.losses import loss_of
from tfjs_gan.schedules import schedule


class Turn:
    """The update of some networks. terms is a function of a batch and the progress; it returns the terms of the loss by name,
    and metrics. The first turn of a game takes a new batch for each update, the others use the last one."""

    def __init__(self, name, updates, terms, when=lambda progress: True, times=1, accumulate=1):
        self.name, self.updates, self.terms, self.when = name, updates, terms, when
        self.times, self.accumulate = times, accumulate


def accuracies(loss, real, fake, name='accuracy'):
    """Shares of real and of fake samples on the right side of the boundary."""
    boundary = loss.boundary_of(real.detach(), fake.detach())
    return {f'metrics/{name}/real': (real > boundary).float().mean(), f'metrics/{name}/fake': (fake < boundary).float().mean()}


class Translation:
    """What the games of translators share."""
    wanted, group, classes = ['source'], 1, {}

    def __init__(self, training):
        settings = training.settings
        self.networks, self.loss, self.loss_name = training.networks, loss_of(settings.of('loss')), settings['loss.name']
        self.weight = {name: schedule(settings, f'{name}Weight') for name in self.weights}
        self.is_adversarial = settings['adversarialWeight'] != 0

    def judge(self, inputs, moves=False):
        return self.networks['discriminator'].run(inputs, moves)['logits']

    def of_generator(self, fake, real):
        """The adversarial loss of the generator; real is a function, as most losses do without."""
        return self.loss.generator(fake, real()) if self.loss.uses_real else self.loss.generator(fake)

    def weighted(self, terms, progress):
        """Terms by their names, times the weights of theirs; those of weight 0 are left out."""
        factors = {name: self.weight[weight](progress) for name, (weight, _) in terms.items()}
        return {name: factors[name] * term() for name, (_, term) in terms.items() if factors[name] != 0}

    def after_update(self, turn, progress):
        pass
`;

/** The game of a generator and a discriminator: `tfjs_gan/adversarial.py`. @internal */
export const adversarialPy: string = String.raw`"""The game of a generator and a discriminator: their turns, with conditions, transforms and penalties."""
from types import SimpleNamespace

import torch

from tfjs_gan import ranks
from tfjs_gan.conditions import Condition, Heads
from tfjs_gan.game import Turn, accuracies
from tfjs_gan.losses import best_rows, loss_of
from tfjs_gan.penalties import Penalty
from tfjs_gan.schedules import schedule
from tfjs_gan.transforms import Transforms


class Adversarial:
    def __init__(self, training):
        self.training, self.networks, settings = training, training.networks, training.settings
        self.turns = []
        for name, terms in (('discriminator', self.discriminator_terms), ('generator', self.generator_terms)):
            times, accumulate = settings[f'updatesPerStep.{name}'], settings.get(f'turns.{name}.accumulate', 1)
            settings.get(f'turns.{name}.times')  # the same number
            self.turns.append(Turn(name, [name], terms, times=times, accumulate=accumulate))
        self.loss, self.loss_name = loss_of(settings.of('loss')), settings['loss.name']
        self.latents = settings['latentSize'], settings['latentDistribution']
        self.top = schedule(settings, 'topK') if 'topK' in settings else lambda _: 1
        self.given = {name: Condition(name, settings.of(f'conditions.{name}')) for name in settings.names('conditions')}
        self.heads = Heads(settings, self.networks['discriminator'].outputs, self.given)
        self.transforms = Transforms(settings, training.drawn, training.slots)
        self.penalties = [Penalty(name, settings.of(f'penalties.{name}'), training.slots) for name in settings.names('penalties')]
        if self.heads.all and 'featureMatching' in settings.names('penalties'):
            raise SystemExit('Cannot train: featureMatching must be used with a discriminator without heads, got '
                             f"{', '.join(self.heads.all)}. Return the features from features in tfjs_gan/live_network.py")
        # What is read from files beside the samples, and how many rows belong together.
        judged, steps = self.networks['discriminator'].inputs, training.snapshot['history']['steps'][-1:]
        told = self.heads.predicted([term for step in steps for term in step['terms'].get('discriminator', {})])
        self.wanted = [name for name, one in self.given.items()
                       if one.is_of_data or name in judged or name in told or (not one.is_code and getattr(training.args, name))]
        self.classes = {name: one.classes for name, one in self.given.items() if one.classes is not None}
        self.group = self.transforms.packed

    def conditions(self, batch):
        training, (size, distribution) = self.training, self.latents
        draw = (lambda random: random.normal(training.size, size)) if distribution == 'normal' else (
            lambda random: random.uniform(-1, 1, training.size, size))
        given = {'latents': training.own(training.drawn('latents', draw))}
        for name, condition in self.given.items():
            if condition.source == 'batch':
                given[name] = batch[name]
                continue
            shape = self.networks['generator'].shapes[name]
            values = training.drawn('conditions/generator', lambda random: condition.drawn(random, training.size, shape))
            given[name] = training.own(values)
        return given

    def judge(self, samples, conditions, moves=False):
        """What the discriminator returns for samples with their conditions, by name."""
        network = self.networks['discriminator']
        return network.run({'samples': samples, **{name: conditions[name] for name in network.inputs if name in self.given}}, moves)

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
                terms[penalty.name] = factor * self.training.drawn('penalties', lambda random: penalty.compute(SimpleNamespace(
                    real=real, fake=fake, discriminate=discriminate, features=features, weights=self.networks[name].trained,
                    slots=penalty.slots, random=random, progress=progress)))
        return terms

    def after_update(self, turn, progress):
        for penalty in self.penalties:
            if penalty.target == turn.name:
                penalty.after_update(self.networks[turn.name].trained, progress)

    def discriminator_terms(self, batch, progress):
        given = self.conditions(batch)
        with torch.no_grad():
            made = self.networks['generator'].run(given)['samples']
        of_real = self.judge(self.transforms.applied(batch['samples'], progress), batch, moves=True)
        of_fake = self.judge(self.transforms.applied(made, progress), given, moves=True)
        real, fake = of_real['logits'], of_fake['logits']
        terms = {self.loss_name: self.loss.discriminator(real, fake),
                 **self.heads.terms('discriminator', 'real', of_real, batch, progress),
                 **self.heads.terms('discriminator', 'fake', of_fake, given, progress)}
        boundary = self.loss.boundary_of(real.detach(), fake.detach())
        seen = self.transforms.observe(real.detach() - boundary, self.training.size, progress)
        terms.update(self.penalties_of('discriminator', batch, made, given, progress))
        return terms, {**accuracies(self.loss, real, fake), **seen,
                       **self.heads.accuracies('real', of_real, batch), **self.heads.accuracies('fake', of_fake, given)}

    def generator_terms(self, batch, progress):
        given = self.conditions(batch)
        made = self.networks['generator'].run(given, moves=True)['samples']
        of_fake = self.judge(self.transforms.applied(made, progress), given)
        logits = [of_fake['logits']]
        if self.loss.uses_real:
            logits.append(self.judge(self.transforms.applied(batch['samples'], progress), batch)['logits'])
        terms = {self.loss_name: self.loss.generator(*best_rows(self.top(progress), *logits)),
                 **self.heads.terms('generator', 'fake', of_fake, given, progress)}
        terms.update(self.penalties_of('generator', batch, made, given, progress))
        return terms, {}
`;

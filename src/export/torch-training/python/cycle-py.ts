/** The game of CycleGAN: `tfjs_gan/cycle.py`. @internal */
export const cyclePy: string = String.raw`"""The game of CycleGAN: two translators between two sets of pictures, each judged by a discriminator of its set."""
import torch

from tfjs_gan import ranks
from tfjs_gan.game import Translation, Turn, accuracies

# From a set to another one, the way back, and who judges.
DIRECTIONS = [('aToB', 'bToA', 'discriminatorB', 'a', 'b'), ('bToA', 'aToB', 'discriminatorA', 'b', 'a')]


class Cycle(Translation):
    weights = ['adversarial', 'cycle', 'identity']
    wanted = ['b']

    def __init__(self, training):
        super().__init__(training)
        self.training, self.size, self.made = training, training.settings['poolSize'], {}
        self.turns = [Turn('generators', ['aToB', 'bToA'], self.generator_terms),
                      Turn('discriminators', ['discriminatorA', 'discriminatorB'], self.discriminator_terms)]

    def translated(self, network, name, pictures, moves=False):
        return self.networks[network].run({name: pictures}, moves)['samples']

    def judged(self, network, pictures, moves=False):
        return self.networks[network].run({'samples': pictures}, moves)['logits']

    def generator_terms(self, batch, progress):
        terms = {}
        for to, back, judge, source, target in DIRECTIONS:
            terms.update(self.terms_of(to, back, judge, source, target, batch, progress))
        return terms, {}

    def terms_of(self, to, back, judge, source, target, batch, progress):
        given, wanted = batch[source], batch[target]
        made = self.translated(to, source, given, moves=True)
        self.made[to] = made.detach()

        def adversarial():
            return self.of_generator(self.judged(judge, made), lambda: self.judged(judge, wanted))

        def cycle():
            return (given - self.translated(back, target, made)).abs().mean()

        def identity():
            return (wanted - self.translated(to, source, wanted)).abs().mean()

        return self.weighted({f'{self.loss_name}/{to}': ('adversarial', adversarial), f'cycle/{to}': ('cycle', cycle),
                              f'identity/{to}': ('identity', identity)}, progress)

    def discriminator_terms(self, batch, progress):
        terms, metrics = {}, {}
        for to, _, judge, _, target in DIRECTIONS:
            fresh = self.pooled(target, self.made[to])
            real = self.judged(judge, batch[target], moves=True)
            fake = self.judged(judge, fresh, moves=True)
            metrics.update(accuracies(self.loss, real, fake, f'accuracy/{target}'))
            terms[f'{self.loss_name}/{target}'] = self.loss.discriminator(real, fake)
        return terms, metrics

    def pooled(self, target, fresh):
        """Fake samples of this step and of earlier ones: a full pool returns, with equal chance, a stored one in exchange."""
        if self.size == 0:
            return fresh
        slots, name = self.training.slots.of(f'pool/{target}'), f'game/pool/{target}'
        images, count = slots.get('images'), int(slots.get('count'))
        returned = []
        for sample in ranks.all_rows(fresh).movedim(1, -1).cpu():
            chance, place = self.training.drawn(name, lambda random: random.uniforms(2))
            if count < self.size:
                images[count] = sample
                count += 1
            elif chance < 0.5:
                place = int(place * self.size)
                images[place], sample = sample, images[place].clone()
            returned.append(sample)
        slots.set('images', images)
        slots.set('count', torch.tensor(float(count)))
        return self.training.own(torch.stack(returned)).movedim(-1, 1)
`;

/** The game of SRGAN: `tfjs_gan/super_resolution.py`. @internal */
export const superResolutionPy: string = String.raw`"""The game of SRGAN without a feature network: first the distance of pixels alone, then a discriminator as well."""
from tfjs_gan.game import Translation, Turn, accuracies


class SuperResolution(Translation):
    weights = ['adversarial', 'content']

    def __init__(self, training):
        super().__init__(training)
        self.steps, self.ramp = training.settings['contentSteps'], training.settings['rampSteps']
        self.turns = [Turn('generator', ['generator'], self.generator_terms),
                      Turn('discriminator', ['discriminator'], self.discriminator_terms,
                           when=lambda progress: self.is_adversarial and progress['step'] > self.steps)]

    def generator_terms(self, batch, progress):
        samples = batch['samples']
        made = self.networks['generator'].run({'source': batch['source']}, moves=True)['samples']
        self.made, distance = made.detach(), (samples - made).abs().mean()
        steps = progress['step'] - self.steps
        if steps <= 0:
            return {'l1': distance}, {'metrics/l1': distance}
        share = min(1, steps / max(1, self.ramp))

        def judged():
            return share * self.of_generator(self.judge({'samples': made}), lambda: self.judge({'samples': samples}))

        terms = {'l1': ('content', lambda: distance), self.loss_name: ('adversarial', judged)}
        return self.weighted(terms, progress), {'metrics/l1': distance}

    def discriminator_terms(self, batch, progress):
        real = self.judge({'samples': batch['samples']}, moves=True)
        fake = self.judge({'samples': self.made}, moves=True)
        return {self.loss_name: self.loss.discriminator(real, fake)}, accuracies(self.loss, real, fake)
`;

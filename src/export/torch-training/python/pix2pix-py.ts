/** The game of pix2pix: `tfjs_gan/pix2pix.py`. @internal */
export const pix2pixPy: string = String.raw`"""The game of pix2pix: the discriminator sees the source beside the picture; the translation is to be near the target."""
import torch

from tfjs_gan.game import Translation, Turn, accuracies


class Pix2pix(Translation):
    weights = ['adversarial', 'l1']

    def __init__(self, training):
        super().__init__(training)
        self.turns = [Turn('discriminator', ['discriminator'], self.discriminator_terms, when=lambda _: self.is_adversarial),
                      Turn('generator', ['generator'], self.generator_terms)]

    def discriminator_terms(self, batch, progress):
        source = batch['source']
        with torch.no_grad():
            made = self.networks['generator'].run({'source': source})['samples']
        real = self.judge({'source': source, 'samples': batch['samples']}, moves=True)
        fake = self.judge({'source': source, 'samples': made}, moves=True)
        return {self.loss_name: self.loss.discriminator(real, fake) * 0.5}, accuracies(self.loss, real, fake)

    def generator_terms(self, batch, progress):
        source, samples = batch['source'], batch['samples']
        made = self.networks['generator'].run({'source': source}, moves=True)['samples']
        distance = (samples - made).abs().mean()
        judged = {'source': source, 'samples': made}
        terms = {'l1': ('l1', lambda: distance)}
        if self.is_adversarial:
            def adversarial():
                return self.of_generator(self.judge(judged), lambda: self.judge(batch))

            terms = {self.loss_name: ('adversarial', adversarial), **terms}
        return self.weighted(terms, progress), {'metrics/l1': distance}
`;

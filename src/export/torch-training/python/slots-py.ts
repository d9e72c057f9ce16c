/** Tensors that last from step to step: `tfjs_gan/slots.py`. @internal */
export const slotsPy: string = String.raw`"""Numbers that transforms and penalties keep from step to step, by the names that checkpoints have for them."""
import numpy
import torch


class Slots:
    def __init__(self, arrays, prefix='slots/'):
        self.arrays, self.prefix = arrays, prefix

    def of(self, name):
        """The slots of a part, by their own names."""
        return Slots(self.arrays, f'{self.prefix}{name}/')

    def get(self, name):
        """A number, 0 at first."""
        return torch.tensor(self.arrays.setdefault(self.prefix + name, numpy.zeros((), numpy.float32)))

    def set(self, name, value):
        self.arrays[self.prefix + name] = numpy.array(value.detach().cpu(), numpy.float32)
        return self.get(name)
`;

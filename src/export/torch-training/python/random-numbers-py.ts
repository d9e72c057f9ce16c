/** Random numbers as in `core/random.ts`: `tfjs_gan/random_numbers.py`. @internal */
export const randomNumbersPy: string = String.raw`"""The random numbers of tfjs-gan: xoroshiro128+, seeds by name, Box-Muller, Fisher-Yates. Every process draws those of
the whole batch."""
import math

import numpy
import torch

M32, M64 = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


def hash32(value):
    mixed = ((value ^ 0x9E3779B9) & M32) * 0x85EBCA6B & M32
    mixed = (mixed ^ mixed >> 13) * 0xC2B2AE35 & M32
    return mixed ^ mixed >> 16


def derive_seed(seed, *purpose):
    """The seed of a random source with a name."""
    mixed = hash32(seed & M32)
    for word in purpose:
        for letter in str(word):
            mixed = (mixed ^ ord(letter)) * 0x01000193 & M32
        mixed = hash32(mixed)
    return mixed


class Random:
    def __init__(self, seed=0, state=None):
        seed = hash32(seed & M32)
        high0, low0, high1, low1 = (part & M32 for part in state or (-1, ~seed, seed, 0))
        self.first, self.second = high0 << 32 | low0, high1 << 32 | low1

    @property
    def state(self):
        parts = self.first >> 32, self.first & M32, self.second >> 32, self.second & M32
        return [part - (1 << 32) if part >> 31 else part for part in parts]

    def next(self):
        """The next 32 bits."""
        first, second = self.first, self.second
        mixed = first ^ second
        self.first = (first << 24 | first >> 40) & M64 ^ mixed ^ mixed << 16 & M64
        self.second = (mixed << 37 | mixed >> 27) & M64
        return first + second & M32

    def uniforms(self, size):
        """Doubles in [0, 1)."""
        numbers = numpy.empty(size)
        for i in range(size):
            high = self.next() >> 5
            numbers[i] = (high * 0x4000000 + (self.next() >> 6)) / 0x20000000000000
        return numbers

    def normal(self, *shape):
        size = math.prod(shape)
        pairs = self.uniforms(size + size % 2)
        radius, angle = numpy.sqrt(-2 * numpy.log(1 - pairs[0::2])), 2 * numpy.pi * pairs[1::2]
        values = numpy.stack([radius * numpy.cos(angle), radius * numpy.sin(angle)], 1).reshape(-1)
        return torch.from_numpy(values[:size].astype(numpy.float32)).reshape(shape)

    def uniform(self, low, high, *shape):
        values = low + (high - low) * self.uniforms(math.prod(shape))
        return torch.from_numpy(values.astype(numpy.float32)).reshape(shape)

    def integers(self, bound, size):
        return torch.from_numpy((self.uniforms(size) * bound).astype(numpy.int64))

    def permutation(self, size):
        order, numbers = numpy.arange(size), self.uniforms(max(0, size - 1))
        for number, i in zip(numbers, range(size - 1, 0, -1)):
            j = int(number * (i + 1))
            order[i], order[j] = order[j], order[i]
        return order


def of_javascript(number):
    """A number in 0 to 1 as JavaScript writes it."""
    if number == 0 or number >= 1e-6:
        return numpy.format_float_positional(number, trim='-')
    digits, exponent = repr(float(number)).split('e')
    return f'{digits}e{int(exponent)}'


class Alea:
    """The generator of the seedrandom library, which TensorFlow.js draws dropout from: Johannes Baagoe's Alea."""

    def __init__(self, seed):
        self.mashed = float(0xEFC8249D)
        self.carry, self.parts = 1, [self.mash(' ') for _ in range(3)]
        text = of_javascript(seed)
        self.parts = [(part - self.mash(text)) % (1 << 32) for part in self.parts]

    def mash(self, text):
        """The next 32 bits of a hash that continues from text to text."""
        for letter in text:
            self.mashed += ord(letter)
            h = 0.02519603282416938 * self.mashed
            self.mashed = float(int(h) & M32)
            h = (h - self.mashed) * self.mashed
            self.mashed = float(int(h) & M32)
            self.mashed += (h - self.mashed) * 0x100000000
        return int(self.mashed) & M32

    def uniforms(self, size):
        """Multiples of 2 to the power of -32 in [0, 1), in single precision."""
        numbers = numpy.empty(size)
        (first, second, third), carry = self.parts, self.carry
        for i in range(size):
            total = 2091639 * first + carry
            first, second, third, carry = second, third, total & M32, total >> 32
            numbers[i] = third
        self.parts, self.carry = [first, second, third], carry
        return (numbers / 0x100000000).astype(numpy.float32)
`;

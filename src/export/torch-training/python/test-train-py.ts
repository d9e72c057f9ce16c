/** Tests of the files by themselves: `test_train.py`. @internal */
export const testTrainPy: string = String.raw`"""Short tests of these files, for the machine that they are copied to: python3 test_train.py"""
import json
import os
import tempfile
import unittest

import numpy
import torch

from networks import NETWORKS
from tfjs_gan import checkpoints
from tfjs_gan.losses import loss_of
from tfjs_gan.random_numbers import Random, derive_seed
from tfjs_gan.settings import Settings

HERE = os.path.dirname(os.path.abspath(__file__))


class Tests(unittest.TestCase):
    def setUp(self):
        self.newest = checkpoints.read_newest(os.path.join(HERE, 'checkpoints'))

    def test_a_checkpoint_that_is_written_is_the_one_that_was_read(self):
        with tempfile.TemporaryDirectory() as folder:
            checkpoints.write(folder, self.newest, 1)
            again = checkpoints.read_newest(folder)
        (state, arrays), (other, others) = [self.apart(one.snapshot) for one in (self.newest, again)]
        self.assertEqual(state, other)
        self.assertEqual(list(arrays), list(others))
        for name, array in arrays.items():
            numpy.testing.assert_array_equal(array, others[name], name)

    def apart(self, snapshot):
        arrays = {}
        return json.dumps(checkpoints.take_apart(snapshot, arrays)), arrays

    def test_the_networks_have_the_weights_of_the_checkpoint(self):
        for name, network in NETWORKS.items():
            module, arrays = network(), self.newest.snapshot['networks'][name]
            self.assertEqual({key for key, _ in module.KEYS.values()}, set(arrays))
            for path, (key, order) in module.KEYS.items():
                owner, _, attribute = path.rpartition('.')
                self.assertEqual(getattr(module.get_submodule(owner), attribute).numel(), arrays[key].size, path)

    def test_random_numbers_come_again(self):
        first, again = [Random(derive_seed(42, 'latents')) for _ in range(2)]
        numpy.testing.assert_array_equal(first.normal(4, 3), again.normal(4, 3))
        resumed = Random(state=first.state)
        numpy.testing.assert_array_equal(first.normal(5), resumed.normal(5))
        self.assertEqual(sorted(int(i) for i in first.permutation(100)), list(range(100)))

    def test_losses_are_those_of_the_papers(self):
        real, fake = torch.tensor([2.0, 0.0]), torch.tensor([-1.0, 1.0])
        hinge, wasserstein = [loss_of(Settings({'name': name})) for name in ('hinge', 'wasserstein')]
        self.assertEqual((hinge.discriminator(real, fake).item(), hinge.generator(fake).item()), (1.5, 0))
        self.assertEqual((wasserstein.discriminator(real, fake).item(), wasserstein.generator(fake).item()), (-1, 0))


if __name__ == '__main__':
    unittest.main()
`;

/** Data of a run, as the datasets of `data` give them: `tfjs_gan/data.py`. @internal */
export const dataPy: string = String.raw`"""The data of a run: NumPy files, IDX files and folders of PNG files (with Pillow). Every process knows all samples and reads those of
its own rows."""
import gzip
import hashlib
import io
import os

import numpy
import torch

from tfjs_gan import ranks
from tfjs_gan.random_numbers import Random, derive_seed

MODES = {1: 'L', 3: 'RGB', 4: 'RGBA'}


def read_array(path):
    """Samples or labels of a .npy or IDX file, also with .gz."""
    if path.lower().endswith('.npy'):
        return numpy.load(path, mmap_mode='r')
    with (gzip.open if path.lower().endswith('.gz') else open)(path, 'rb') as file:
        data = file.read()
    if data[:6] == b'\x93NUMPY':
        return numpy.load(io.BytesIO(data))
    if data[:3] != b'\0\0\x08':
        raise SystemExit(f"Cannot train: --data must be a folder of PNG files, a .npy file or an IDX file of bytes, got '{path}'")
    axes = data[3]
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * axes).reshape(numpy.frombuffer(data, '>i4', axes, 4))


def read_pictures(folder, shape):
    """The PNG files of a folder in the order of their names, all of the shape of a sample."""
    from PIL import Image
    names = sorted((name for name in os.listdir(folder) if name[0] != '.'), key=lambda name: name.encode('utf-16-be'))
    samples = numpy.empty((len(names), *shape), numpy.uint8)
    for sample, name in zip(samples, names):
        picture = Image.open(os.path.join(folder, name))
        if (picture.format, picture.mode, *picture.size[::-1]) != ('PNG', MODES[shape[2]], *shape[:2]):
            raise SystemExit(f"Cannot train: the folder must hold PNG files of {shape[0]} x {shape[1]} {MODES[shape[2]]} pixels, as "
                             f"tfjs-gan made of them, got '{name}' ({picture.format}, {picture.mode}, {picture.size}). Convert it")
        sample[...] = numpy.asarray(picture).reshape(shape)
    return samples


class Data:
    """Samples as a run of tfjs-gan had them; refuses other ones, unless their number and content may differ."""

    def __init__(self, path, labels, input_range, limit, facts, value_range, first_and_last, may_differ):
        if 'size' not in facts:
            raise SystemExit("Cannot train: the data of the run must have a known size, got a stream. Read them in tfjs_gan/data.py")
        if facts['name'].startswith('augmented('):
            raise SystemExit(f"Cannot train: the data must be read as they are, got {facts['name']}. Augment them in tfjs_gan/data.py")
        shape = tuple(facts['sampleShape'])
        samples = read_pictures(path, shape) if os.path.isdir(path) else read_array(path)
        if samples.ndim == 3 and shape[2:] == (1,):
            samples = samples[..., None]
        samples = self.samples = samples[:limit]
        if may_differ:
            facts.update(name=os.path.basename(os.path.normpath(path)), size=len(samples))
        if samples.shape != (facts['size'], *shape):
            raise SystemExit(f"Cannot train: --data must be the data of the run, '{facts['name']}' of the shape "
                             f"{[facts['size'], *shape]}, got {list(samples.shape)} in '{path}'")
        if input_range is None and samples.dtype == numpy.uint8:
            input_range = 0, 255
        self.input_range, self.value_range = input_range, value_range
        self.labels = None if labels is None else numpy.asarray(read_array(labels), numpy.int64)[:limit]
        if labels is not None and self.labels.shape != (facts['size'],):
            raise SystemExit(f"Cannot train: --labels must hold a label for each of the {facts['size']} samples, "
                             f'got {list(self.labels.shape)}')
        content = self.digest()
        if first_and_last not in (None, content) and not may_differ:
            raise SystemExit(f"Cannot train: --data must be the data of the run, '{facts['name']}', got another first or last sample in "
                             f"'{path}'. Add --input-range LOW HIGH if their range is another one, or --other-data to train on these")
        # Of the processes, so that all are known to read the same.
        self.facts = {'data': content, 'input range': input_range,
                      'labels': None if labels is None else hashlib.sha256(self.labels.tobytes()).hexdigest()}

    def digest(self):
        """Of the first and the last sample, as networks receive them."""
        return hashlib.sha256(self.scaled([0, len(self.samples) - 1]).astype('<f4').tobytes()).hexdigest()

    def scaled(self, rows):
        samples = self.samples[rows]
        if self.input_range is not None:
            (low, high), (bottom, top) = self.input_range, self.value_range or (-1, 1)
            samples = bottom + (samples.astype(numpy.float64) - low) * ((top - bottom) / (high - low))
        return numpy.ascontiguousarray(samples, numpy.float32)

    def batches(self, seed, epoch, first, size, device):
        """Batches of the rows of this process, in the order of the whole epoch."""
        order = Random(derive_seed(seed, 'data', epoch)).permutation(len(self.samples))
        for start in range(first * size, len(order) - size + 1, size):
            rows = ranks.own_rows(order[start:start + size])
            samples = torch.from_numpy(self.scaled(rows)).to(device)
            if start == first * size and self.value_range is not None:
                self.check(samples.min().item(), samples.max().item())
            batch = {'samples': samples.permute(0, 3, 1, 2).contiguous() if samples.dim() == 4 else samples}
            if self.labels is not None:
                batch['labels'] = torch.from_numpy(self.labels[rows]).to(device)
            yield batch

    def check(self, low, high):
        bottom, top = self.value_range
        slack = 0.01 * (top - bottom)
        if not (low >= bottom - slack and high <= top + slack):
            raise SystemExit(f"Cannot train: samples must lie in {bottom} to {top}, as the generator's do, got {low} to {high}. "
                             'Add --input-range LOW HIGH with the range of the data')
`;

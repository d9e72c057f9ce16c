/** Data of a run, as the datasets of `data` give them: `tfjs_gan/data.py`. @internal */
export const dataPy: string = String.raw`"""The data of a run: NumPy files, IDX files and folders of PNG files. Every process knows all samples and reads those of
its own rows."""
import gzip
import hashlib
import io
import os
import struct
import zlib

import numpy
import torch

from tfjs_gan import ranks
from tfjs_gan.random_numbers import Random, derive_seed

CHANNELS = {0: 1, 2: 3, 6: 4}  # by the color type of a PNG file


def read_array(path, name):
    """What an argument names: a .npy or IDX file, also with .gz."""
    if os.path.isdir(path):
        raise SystemExit(f"Cannot train: --{name} must be a .npy file or an IDX file of bytes, got the folder '{path}'")
    if path.lower().endswith('.npy'):
        return numpy.load(path, mmap_mode='r')
    with (gzip.open if path.lower().endswith('.gz') else open)(path, 'rb') as file:
        data = file.read()
    if data[:6] == b'\x93NUMPY':
        return numpy.load(io.BytesIO(data))
    if data[:3] != b'\0\0\x08':
        raise SystemExit(f"Cannot train: --{name} must be a folder of PNG files, a .npy file or an IDX file of bytes, got '{path}'")
    axes = data[3]
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * axes).reshape(numpy.frombuffer(data, '>i4', axes, 4))


def read_pictures(folder, shape):
    """The PNG files of a folder in the order of their names, all of the shape of a sample."""
    names = sorted((name for name in os.listdir(folder) if name[0] != '.'), key=lambda name: name.encode('utf-16-be'))
    samples = numpy.empty((len(names), *shape), numpy.uint8)
    for sample, name in zip(samples, names):
        try:
            sample[...] = read_png(os.path.join(folder, name), shape)
        except (ValueError, KeyError, struct.error, zlib.error) as error:
            raise SystemExit(f"Cannot train: the folder must hold PNG files of {shape[0]} x {shape[1]} pixels, {shape[2]} channels of 8 "
                             f"bits, as tfjs-gan made of them, got '{name}' ({error}). Convert it")
    return samples


def read_png(path, shape):
    """The pixels of a PNG file without transparent color or interlacing."""
    with open(path, 'rb') as file:
        data = file.read()
    if data[:8] != b'\x89PNG\r\n\x1a\n':
        raise ValueError('no PNG file')
    chunks, at = {}, 8
    while at < len(data):
        length, kind = struct.unpack_from('>I4s', data, at)
        chunks[kind] = chunks.get(kind, b'') + data[at + 8:at + 8 + length]
        at += length + 12
    width, height, bits, color, _, _, interlaced = struct.unpack('>IIBBBBB', chunks[b'IHDR'])
    if (height, width, CHANNELS.get(color), bits, interlaced) != (*shape, 8, 0) or b'tRNS' in chunks:
        raise ValueError(f'{height} x {width}, color type {color}, {bits} bits')
    lines = numpy.frombuffer(zlib.decompress(chunks[b'IDAT']), numpy.uint8).reshape(height, 1 + width * shape[2])
    pixels = numpy.zeros((height + 1, width * shape[2]), numpy.uint8)
    for y, line in enumerate(lines):
        pixels[y + 1] = unfiltered(line[0], line[1:], pixels[y], shape[2])
    return pixels[1:].reshape(shape)


def unfiltered(kind, line, above, step):
    """A row of pixels, of which PNG keeps the differences to a guess from the pixels to the left and above."""
    if kind == 0:
        return line
    if kind == 1:
        return line.reshape(-1, step).cumsum(0, dtype=numpy.uint8).reshape(-1)
    if kind == 2:
        return line + above
    if kind > 4:
        raise ValueError(f'a row has the filter {kind}')
    row, above = bytearray(step) + line.tobytes(), bytes(step) + above.tobytes()
    for i in range(step, len(row)):
        left, up, corner = row[i - step], above[i], above[i - step]
        guess = (left + up) // 2
        if kind == 4:
            guess = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
        row[i] = (row[i] + guess) % 256
    return numpy.frombuffer(row, numpy.uint8)[step:]


# What a run has, by the argument for it.
NAMES = {'labels': 'classes', 'condition': 'vectors', 'source': 'pairs', 'hole': 'holes of the data', 'b': 'two sets'}


def read_samples(path, shape, limit, name='data'):
    """The first samples of a file or of a folder of PNG files; channels may be left out if there is one."""
    samples = read_pictures(path, shape) if os.path.isdir(path) and len(shape) == 3 else read_array(path, name)
    return (samples[..., None] if samples.ndim == 3 and shape[2:] == (1,) else samples)[:limit]


def read_further(name, path, shape, size, limit):
    """What belongs to each sample (a class, a vector, a picture), or the second of two sets, which may be smaller."""
    shape = () if name == 'labels' else tuple(shape)
    values = read_samples(path, shape, limit, name)
    if values.shape[1:] != shape or (len(values) > size if name == 'b' else len(values) != size):
        row = 'a label' if name == 'labels' else f'numbers of the shape {list(shape)}'
        rows = f'at most {size} times' if name == 'b' else f'for each of the {size} samples'
        raise SystemExit(f'Cannot train: --{name} must hold {row} {rows}, got {list(values.shape)}')
    if name != 'labels':
        return values
    labels = numpy.asarray(values, numpy.int64)
    if (labels != values).any() or (labels < 0).any():
        raise SystemExit(f'Cannot train: --labels must hold integers from 0 on, got {values[(labels != values) | (labels < 0)][0]}')
    return labels


def name_of(path):
    return os.path.basename(os.path.normpath(path))


def scaled(values, input_range, value_range):
    """Numbers from a range to another one, in single precision; without a range they stay."""
    if input_range is not None:
        (low, high), (bottom, top) = input_range, value_range or (-1, 1)
        values = bottom + (values.astype(numpy.float64) - low) * ((top - bottom) / (high - low))
    return numpy.ascontiguousarray(values, numpy.float32)


def of_images(values, device):
    """As a tensor, images with their channels first."""
    tensor = torch.from_numpy(values).to(device)
    return tensor.permute(0, 3, 1, 2).contiguous() if tensor.dim() == 4 else tensor


class Data:
    """Samples as a run of tfjs-gan had them; refuses other ones, unless their number and content may differ."""

    def __init__(self, path, further, input_range, limit, facts, value_range, first_and_last, may_differ):
        if 'size' not in facts:
            raise SystemExit("Cannot train: the data of the run must have a known size, got a stream. Read them in tfjs_gan/data.py")
        if facts['name'].startswith('augmented('):
            raise SystemExit(f"Cannot train: the data must be read as they are, got {facts['name']}. Augment them in tfjs_gan/data.py")
        shape = tuple(facts['sampleShape'])
        samples = self.samples = read_samples(path, shape, limit)
        self.is_unpaired = 'b' in further
        if self.is_unpaired and not facts['name'].startswith('unpaired(a: '):
            raise SystemExit(f"Cannot train: the data of the run must be unpaired({{ a, b }}), in this order, got {facts['name']}. "
                             'Read them in tfjs_gan/data.py')
        if may_differ:
            facts.update(name=name_of(path), size=len(samples))
        if may_differ and self.is_unpaired:
            second, own = further['b']
            size = max(len(samples), len(read_samples(second, own, limit)))
            facts.update(name=f'unpaired(a: {name_of(path)}, b: {name_of(second)})', size=size)
        is_smaller = self.is_unpaired and len(samples) < facts['size']
        if samples.shape[1:] != shape or (len(samples) != facts['size'] and not is_smaller):
            raise SystemExit(f"Cannot train: --data must be the data of the run, '{facts['name']}' of the shape "
                             f"{[facts['size'], *shape]}, got {list(samples.shape)} in '{path}'")
        if input_range is None and samples.dtype == numpy.uint8:
            input_range = 0, 255
        self.input_range, self.value_range = input_range, value_range
        self.size = facts['size']
        self.further = {name: read_further(name, file, own, self.size, limit) for name, (file, own) in further.items()}
        if is_smaller and len(self.further['b']) != self.size:
            raise SystemExit(f"Cannot train: the larger of --data and --b must hold {self.size} samples, got {len(samples)} and "
                             f"{len(self.further['b'])}")
        content = self.digest()
        if first_and_last not in (None, content) and not may_differ:
            raise SystemExit(f"Cannot train: --data must be the data of the run, '{facts['name']}', got another first or last sample in "
                             f"'{path}'. Add --input-range LOW HIGH if their range is another one, or --other-data to train on these")
        # Of the processes, so that all are known to read the same.
        self.facts = {'data': content, 'input range': input_range,
                      **{name: hashlib.sha256((values if name == 'labels' else values[[0, -1]]).tobytes()).hexdigest()
                         for name, values in self.further.items()}}

    def digest(self):
        """Of the first and the last sample, as networks receive them."""
        return hashlib.sha256(self.scaled([0, (self.size - 1) % len(self.samples)]).astype('<f4').tobytes()).hexdigest()

    def scaled(self, rows):
        return scaled(self.samples[rows], self.input_range, self.value_range)

    def order(self, name, values, seed, lap):
        """The order of a set: that of all, or, of sets without pairs, its own in each repetition."""
        key = (name, seed, lap) if self.is_unpaired else (seed,)
        if key not in self.orders:
            self.orders = {known: order for known, order in self.orders.items() if known[0] != key[0]}
            self.orders[key] = Random(derive_seed(seed, name, lap) if self.is_unpaired else seed).permutation(len(values))
        return self.orders[key]

    def batches(self, seed, epoch, first, size, device):
        """Batches of the rows of this process, in the order of the whole epoch."""
        seed, self.orders = derive_seed(seed, 'data', epoch), {}
        for number in range(first, self.size // size):
            batch = {}
            for name, values in {'a' if self.is_unpaired else 'samples': self.samples, **self.further}.items():
                lap, at = divmod(number, len(values) // size)
                rows = ranks.own_rows(self.order(name, values, seed, lap)[at * size:(at + 1) * size])
                if name in ('samples', 'a'):
                    batch[name] = of_images(self.scaled(rows), device)
                elif name == 'labels':
                    batch[name] = torch.from_numpy(values[rows]).to(device)
                else:
                    batch[name] = of_images(scaled(values[rows], (0, 255) if values.dtype == numpy.uint8 else None, None), device)
            if number == first and self.value_range is not None:
                own = next(iter(batch.values()))
                self.check(own.min().item(), own.max().item())
            yield batch

    def check(self, low, high):
        bottom, top = self.value_range
        slack = 0.01 * (top - bottom)
        if not (low >= bottom - slack and high <= top + slack):
            raise SystemExit(f"Cannot train: samples must lie in {bottom} to {top}, as the generator's do, got {low} to {high}. "
                             'Add --input-range LOW HIGH with the range of the data')
`;

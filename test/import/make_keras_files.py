"""Writes the Keras files of this folder, and what Keras computes from them.

    KERAS_BACKEND=torch python3 make_keras_files.py files

The files here are from Keras 3.15.1 and h5py 3.7. Two of them are `dcgan.h5` written again by h5py: `dcgan-keras2.h5` in the
layout and the words of Keras 2.13, `dcgan-packed.h5` with half floats in compressed chunks.
"""

import json
import os
import sys

import h5py
import keras
import numpy as np
from keras import layers

folder = sys.argv[1]
random = np.random.default_rng(7)


def randomized(model):
    """Numbers that a wrong order or a wrong axis cannot survive, statistics of batch norm included."""
    for weight in model.weights:
        values = random.normal(0, 0.4, weight.shape)
        if 'variance' in weight.path or 'gamma' in weight.path:
            values = 0.5 + np.abs(values)
        # Numbers that half floats have too.
        weight.assign(values.astype('float16').astype('float32'))
    return model


def dcgan():
    """The generator of TensorFlow's DCGAN tutorial, with fewer filters, and names of its own."""
    return keras.Sequential(
        [
            keras.Input((6,), name='z'),
            layers.Dense(2 * 2 * 5, use_bias=False, name='project'),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((2, 2, 5)),
            layers.Conv2DTranspose(4, 5, strides=1, padding='same', use_bias=False),
            layers.BatchNormalization(scale=False, epsilon=1e-5),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(3, 4, strides=2, padding='same'),
            layers.ReLU(),
            layers.Dropout(0.3),
            layers.Conv2DTranspose(1, 5, strides=2, padding='same', activation='tanh', name='to_image'),
        ],
        name='generator',
    )


def conditional():
    """Two inputs, models inside the model, a residual, layers of equal classes at several depths."""
    z, label = keras.Input((4,), name='z'), keras.Input((1,), dtype='int32', name='label')
    rows = layers.Flatten()(layers.Embedding(3, 4)(label))
    stem = keras.Sequential([layers.Dense(8, activation='relu'), layers.Dense(3 * 3 * 2)], name='stem')
    maps = keras.Input((3, 3, 2))
    h = layers.Conv2D(4, 3, padding='same')(layers.UpSampling2D()(maps))
    h = layers.PReLU(shared_axes=[1, 2])(layers.BatchNormalization()(h))
    body = keras.Model(maps, layers.Add()([h, layers.Conv2D(4, 3, padding='same')(h)]), name='body')
    body.trainable = False
    h = body(layers.Reshape((3, 3, 2))(stem(layers.multiply([z, rows]))))
    h = layers.SeparableConv2D(3, 3, padding='same', activation='swish')(h)
    h = layers.DepthwiseConv2D(3, padding='same')(h)
    return keras.Model([z, label], layers.Activation('sigmoid')(layers.LayerNormalization()(h)), name='painter')


def discriminator():
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(3, 5, strides=2, padding='same'),
            layers.LeakyReLU(negative_slope=0.3),
            layers.Dropout(0.3),
            layers.ZeroPadding2D(1),
            layers.Conv2D(4, 3, strides=2),
            layers.BatchNormalization(momentum=0.8),
            layers.Activation('elu'),
            layers.AveragePooling2D(2, padding='same'),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


inputs = {
    'dcgan': [random.normal(size=(2, 6))],
    'conditional': [random.normal(size=(3, 4)), np.array([[2], [0], [1]])],
    'discriminator': [random.normal(size=(2, 8, 8, 1))],
}
expected = {}
for make in [dcgan, conditional, discriminator]:
    name = make.__name__
    model = randomized(make())
    given = [x.astype('float32') for x in inputs[name]]
    outputs = model(given if len(given) > 1 else given[0], training=False)
    outputs = np.asarray(outputs.detach().cpu() if hasattr(outputs, 'detach') else outputs)
    expected[name] = {
        'inputs': [{'shape': x.shape, 'values': [float(f'{v:.7g}') for v in x.ravel()]} for x in given],
        'outputs': {'shape': outputs.shape, 'values': [float(f'{v:.7g}') for v in outputs.ravel()]},
    }
    model.save(os.path.join(folder, f'{name}.keras'))
    if name == 'discriminator':
        continue
    model.save(os.path.join(folder, f'{name}.h5'))

with open(os.path.join(folder, 'expected.json'), 'w') as file:
    json.dump(expected, file, separators=(',', ':'))
    file.write('\n')


def keras2(part):
    """A description of Keras 3 in the words of Keras 2."""
    if isinstance(part, list):
        return [keras2(each) for each in part]
    if not isinstance(part, dict):
        return part
    if part.get('class_name') == 'DTypePolicy':
        return part['config']['name']
    words = {'batch_shape': 'batch_input_shape', 'negative_slope': 'alpha'}
    of_relu = 'max_value' in part
    part = {k: v for k, v in part.items() if k not in ('module', 'registered_name', 'build_config', 'synchronized')}
    part = {words.get(k, k) if not of_relu else k: keras2(v) for k, v in part.items()}
    if 'moving_mean_initializer' in part:
        part['axis'] = [{5: 3, 6: 1}.get(part['axis'], part['axis'])]
    return part


source = h5py.File(os.path.join(folder, 'dcgan.h5'), 'r')
weights = source['model_weights']
with h5py.File(os.path.join(folder, 'dcgan-keras2.h5'), 'w') as file:
    file.attrs['keras_version'] = '2.13.1'.encode('utf8')
    file.attrs['model_config'] = json.dumps(keras2(json.loads(source.attrs['model_config']))).encode('utf8')
    group = file.create_group('model_weights')
    names = np.asarray([name.encode('utf8') for name in weights.attrs['layer_names']])
    # What Keras does with lists that do not fit into one attribute.
    for i, some in enumerate(np.array_split(names, 3)):
        group.attrs[f'layer_names{i}'] = some
    for name in names:
        inner = group.create_group(name)
        all_names = list(weights[name].attrs['weight_names'])
        inner.attrs['weight_names'] = np.asarray([f'{each}:0'.encode('utf8') for each in all_names])
        for each in all_names:
            inner.create_dataset(f'{each}:0', data=weights[name][each][()])
    # The state of an optimizer, which is left out.
    file.create_group('optimizer_weights').create_dataset('iterations:0', data=np.int64(7))

with h5py.File(os.path.join(folder, 'dcgan-packed.h5'), 'w') as file:
    for key, value in source.attrs.items():
        file.attrs[key] = value

    def copy(name, item):
        if isinstance(item, h5py.Group):
            to = file.require_group(name)
            for key, value in item.attrs.items():
                to.attrs[key] = value
            return
        options = dict(compression='gzip', shuffle=True, fletcher32=True, chunks=tuple(max(1, n // 2) for n in item.shape))
        file.create_dataset(name, data=item[()].astype('float16'), **options)

    source.visititems(copy)

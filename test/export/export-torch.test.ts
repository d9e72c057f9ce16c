import '../support/on-cpu.ts';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createDcgan, createMlpGan, decodeSafetensors, Generator, type Network } from 'tfjs-gan';
import { exportTorch } from 'tfjs-gan/export';

class Shout extends tf.layers.Layer {
  static readonly className: string = 'Shout';
  #volume!: tf.LayerVariable;
  override build(shape: tf.Shape): void {
    this.#volume = this.addWeight('volume', [shape.at(-1)!], 'float32', tf.initializers.ones());
    this.built = true;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul([inputs].flat()[0]!, this.#volume.read()));
  }
}

const shouting = (): Generator => {
  const dense = tf.layers.dense({ inputShape: [4], units: 3 });
  return new Generator({ model: tf.sequential({ layers: [dense, new Shout({ name: 'own' })] }) });
};

const textOf = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

describe('exportTorch', () => {
  test('writes a class as a person would', async () => {
    const dense = [
      tf.layers.dense({ inputShape: [4], units: 12 }),
      tf.layers.reshape({ targetShape: [2, 2, 3] }),
      tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }),
      tf.layers.reLU(),
    ];
    const last = {
      filters: 1,
      kernelSize: 5,
      strides: 2,
      padding: 'same',
      activation: 'tanh',
    } as const;
    const model = tf.sequential({ layers: [...dense, tf.layers.conv2dTranspose(last)] });
    const code = textOf((await exportTorch(new Generator({ model })))['generator.py']);
    expect(code).toContain(
      [
        'class Generator(nn.Module):',
        '    def __init__(self):',
        '        super().__init__()',
        '        self.dense_0 = nn.Linear(4, 12)',
        '        self.batch_norm_2 = nn.BatchNorm2d(3, eps=0.00001, momentum=0.1)',
        '        self.conv_transpose_4 = nn.ConvTranspose2d(3, 1, 5, stride=2, padding=1)',
        '',
        '    def forward(self, latents):',
        '        x = self.dense_0(latents)',
        '        x = x.reshape(-1, 2, 2, 3).permute(0, 3, 1, 2)',
        '        x = self.batch_norm_2(x)',
        '        x = torch.relu(x)',
        '        x = self.conv_transpose_4(x)[:, :, :-1, :-1]',
        '        x = torch.tanh(x)',
        '        return x',
      ].join('\n'),
    );
    expect(code).toContain("    'conv_transpose_4.weight': '4.conv2DTranspose/kernel',");
  });

  test('notes in the weights what a program needs to sample', async () => {
    const { generator } = createDcgan({
      imageShape: [8, 8, 1],
      classes: 3,
      baseFilters: 2,
      latentSize: 4,
    });
    const files = await exportTorch(generator, { className: 'DigitPainter' });
    expect(Object.keys(files)).toEqual(['digit_painter.py', 'digit_painter.safetensors']);
    const { metadata } = decodeSafetensors(files['digit_painter.safetensors']!);
    expect(metadata).toMatchObject({ format: 'pt', latentSize: '4', valueRange: '[-1,1]' });
    expect(JSON.parse(metadata['inputs']!)).toMatchObject({
      latents: { kind: 'latents', distribution: 'normal' },
      labels: { kind: 'condition', classes: 3 },
    });
  });

  test('names a layer that it cannot write, and takes a writer for it', async () => {
    await expect(exportTorch(shouting())).rejects.toThrow(
      "Cannot export to PyTorch: the layer 'own' must be of a kind that can be written, got Shout. " +
        'Write it yourself: layers: { Shout: (layer, inputs, module) => `…` }',
    );
    const files = await exportTorch(shouting(), {
      layers: {
        Shout: ({ outputShape }, [x], module) => {
          const value = `nn.Parameter(torch.empty(${outputShape[0]}))`;
          return `${x} * ${module.member('shout', value, { '': { role: 'volume' } })}`;
        },
      },
    });
    const code = textOf(files['generator.py']);
    expect(code).toContain('        self.shout_1 = nn.Parameter(torch.empty(3))\n');
    expect(code).toContain('        x = x * self.shout_1\n');
    const { tensors } = decodeSafetensors(files['generator.safetensors']!);
    expect(tensors['shout_1']).toMatchObject({ shape: [3], values: new Float32Array([1, 1, 1]) });
  });

  test('refuses what a writer requires and the layer lacks', async () => {
    const member = (weight: object): Promise<unknown> =>
      exportTorch(shouting(), {
        layers: {
          Shout: (_layer, _inputs, module) => module.member('a', 'b', { c: weight as never }),
        },
      });
    await expect(member({ role: 'kernel' })).rejects.toThrow(
      "the layer 'own' (Shout) must have the weight 'kernel', got volume",
    );
    await expect(member({ role: 'volume', shape: [2, 2] })).rejects.toThrow(
      'the weight 1.shout/volume must have the shape [2, 2] there, got [3]',
    );
  });

  test('refuses names that Python has no use for', async () => {
    const { generator } = createMlpGan({ sampleShape: [2], seed: 1 });
    for (const className of ['my class', 'None', 'F', 'Torch', 'ProjectionHead']) {
      await expect(exportTorch(generator, { className })).rejects.toThrow(
        `className must be a capital letter, then letters and digits, and no name that the module uses, got '${className}'`,
      );
    }
    const named = (name: string): Network => ({
      model: generator.model,
      inputs: { [name]: { kind: 'latents' } },
      outputs: ['samples'],
    });
    for (const name of ['lambda', 'a b', 'h1', 'torch']) {
      await expect(exportTorch(named(name))).rejects.toThrow(
        `names of inputs must be names of Python other than h1, h2, …, got '${name}'`,
      );
    }
  });

  test('leaves no tensors behind', async () => {
    const { generator } = createMlpGan({ sampleShape: [2], seed: 1 });
    const { numTensors } = tf.memory();
    await exportTorch(generator);
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});

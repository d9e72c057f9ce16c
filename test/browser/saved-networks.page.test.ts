import * as tf from '@tensorflow/tfjs';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { Generator, useBackend } from 'tfjs-gan';
import { Inpainter, Translator } from 'tfjs-gan/image-to-image';
import { pageBackends } from './graphics.ts';
import { holeFor, pictureFor } from './pictures-to-load.ts';
import type { SavedName } from './saved-in-node.ts';

/** What a page makes of each network that Node has saved. */
const made: Readonly<Record<SavedName, (address: string) => Promise<tf.Tensor>>> = {
  'U-Net': translated,
  ResNet: translated,
  MSRResNet: translated,
  'gated U-Net': async (address) => {
    const inpainter = await Inpainter.load(address);
    const result = tf.tidy(() => inpainter.fill(pictureFor(), holeFor()));
    inpainter.dispose();
    return result;
  },
  'conditional DCGAN': async (address) => {
    const generator = await Generator.load(address);
    const result = generator.sample(3, { seed: 7, labels: [0, 1, 2] });
    generator.dispose();
    return result;
  },
};

afterAll(async () => {
  await useBackend('cpu');
});

describe.each(Object.entries(pageBackends))('in a page, on %s', (name, backend) => {
  test.each(Object.keys(made) as SavedName[])(
    'a %s that Node has saved gives the same pictures',
    async (kind) => {
      await useBackend(backend);
      const tensors = tf.memory().numTensors;
      const { model, output } = inject('savedNetworks')[kind];
      const result = await made[kind](new URL(model, location.href).href);
      const values = await result.data<'float32'>();
      result.dispose();
      expect(tf.getBackend()).toBe(name);
      expect(tf.memory().numTensors).toBe(tensors);
      expect(values).toHaveLength(output.length);
      // Not one gray, which would hide an error: a thousand times what may differ.
      expect(Math.max(...output) - Math.min(...output)).toBeGreaterThan(0.1);
      const off = output.map((value, i) => Math.abs(value - values[i]!));
      expect(Math.max(...off)).toBeLessThan(1e-4);
    },
  );
});

async function translated(address: string): Promise<tf.Tensor> {
  const translator = await Translator.load(address);
  const result = tf.tidy(() => translator.translate(pictureFor()));
  translator.dispose();
  return result;
}

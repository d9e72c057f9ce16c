import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { decodePng } from '../../../src/io/png.ts';
import { saveImageGrid } from '../../../src/platforms/node/save-image-grid.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('saveImageGrid', () => {
  test('writes a PNG, making folders, and leaves the tensor to its owner', async () => {
    const path = join(await temporaryFolder(), 'a', 'b', 'samples.png');
    const images = tf.tensor4d([-1, 1, 1, -1], [2, 1, 2, 1]);
    const before = tf.memory().numTensors;
    await saveImageGrid(path, images, { columns: 1, padding: 0 });
    expect(tf.memory().numTensors).toBe(before);
    expect(images.isDisposed).toBe(false);
    images.dispose();
    expect(decodePng(await readFile(path))).toEqual({
      width: 2,
      height: 2,
      channels: 1,
      data: new Uint8Array([0, 255, 255, 0]),
    });
  });

  test('writes color', async () => {
    const path = join(await temporaryFolder(), 'samples.PNG');
    const images = tf.tensor4d([0, 0.5, 1], [1, 1, 1, 3]);
    await saveImageGrid(path, images, { padding: 0, valueRange: [0, 1] });
    images.dispose();
    expect([...decodePng(await readFile(path)).data]).toEqual([0, 128, 255]);
  });

  test.each([
    ['samples.jpg', [1, 1, 1, 1], "path must be the name of a .png file, got 'samples.jpg'"],
    ['a.png', [28, 28, 1], 'got [28, 28, 1]. Pass images.expandDims(0) for one image'],
    [
      'a.png',
      [4, 784],
      'must have the shape [batch, height, width, channels], got [4, 784]. Reshape it first',
    ],
    [
      'a.png',
      [1, 1, 1, 2],
      'the images must have the shape [batch, height, width, 1 or 3], got [1, 1, 1, 2]',
    ],
  ])('refuses %s with shape %j', async (name, shape, message) => {
    const images = tf.zeros(shape);
    await expect(saveImageGrid(name, images)).rejects.toThrow(message);
    images.dispose();
  });

  test('refuses NaN, disposed tensors and what is no tensor', async () => {
    const images = tf.fill([1, 1, 1, 1], NaN);
    await expect(saveImageGrid('a.png', images)).rejects.toThrow('got NaN in image 0');
    images.dispose();
    await expect(saveImageGrid('a.png', images)).rejects.toThrow(
      'Cannot save an image grid: images must not be disposed, got a tensor that is',
    );
    await expect(saveImageGrid('a.png', [[1]] as unknown as tf.Tensor)).rejects.toThrow(
      'Cannot save an image grid: images must be a tensor, got [[1]]',
    );
  });

  test('says why it cannot write', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const images = tf.zeros([1, 1, 1, 1]);
    await expect(saveImageGrid(join(file, 'a.png'), images)).rejects.toThrow(
      /^Cannot save an image grid: '.*a\.png' must be writable, got a file where a folder is needed$/,
    );
    images.dispose();
  });
});

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { Generator, mlpGenerator } from 'tfjs-gan';

// Not 'tfjs-gan/node', which brings the handler.
describe('the address of a generator', () => {
  test('names the import that a folder needs, on saving and on loading', async () => {
    await tf.setBackend('cpu');
    using generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [2] });
    const cure =
      "In Node, import 'tfjs-gan/node', which provides it; a page has indexeddb:// and downloads://";
    await expect(generator.save('file://digits')).rejects.toThrow(
      `Cannot save a generator: its address must have a handler, got 'file://digits' with none. ${cure}`,
    );
    await expect(Generator.load('file://digits')).rejects.toThrow(
      `Cannot load a generator: its address must have a handler, got 'file://digits' with none. ${cure}`,
    );
  });

  test('says how a folder is written, if the scheme was forgotten', async () => {
    await tf.setBackend('cpu');
    using generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [2] });
    const cure = "Write a folder as 'file://digits', after importing 'tfjs-gan/node'";
    await expect(generator.save('digits')).rejects.toThrow(cure);
    await expect(Generator.load('./digits')).rejects.toThrow(cure);
    await expect(generator.save(undefined as never)).rejects.toThrow(
      'Cannot save a generator: its address must be a string, a URL or an IOHandler with save(), got undefined',
    );
  });
});

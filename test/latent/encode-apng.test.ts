import * as tf from '@tensorflow/tfjs';
import { decodeApng } from 'fast-png';
import { encodeApng } from 'tfjs-gan/latent';
import { describe, expect, test } from 'vitest';
import { decodePng } from '../../src/io/png.ts';
import '../support/on-cpu.ts';

/** Frames whose pixels are all different bytes. */
function frames(count: number, channels: 1 | 3): tf.Tensor4D {
  const values = Float32Array.from({ length: count * 2 * 3 * channels }, (_, i) => i);
  return tf.tensor4d(values, [count, 2, 3, channels]);
}

describe('encodeApng', () => {
  test.each([1, 3] as const)(
    'writes frames of %i channels that fast-png reads',
    async (channels) => {
      const bytes = await encodeApng(frames(4, channels), {
        framesPerSecond: 12,
        repeats: 3,
        valueRange: [0, 255],
      });
      const { frames: decoded, numberOfFrames, numberOfPlays, ...header } = decodeApng(bytes);
      expect([header.width, header.height, header.channels]).toEqual([3, 2, channels]);
      expect([numberOfFrames, numberOfPlays]).toEqual([4, 3]);
      const size = 6 * channels;
      decoded.forEach(({ data, delayNumber, delayDenominator }, frame) => {
        expect(delayNumber / delayDenominator).toBe(1 / 12);
        expect([...data]).toEqual(Array.from({ length: size }, (_, i) => frame * size + i));
      });
      expect(decoded.length).toBe(4);
    },
  );

  test('is an ordinary PNG of its first frame to others, scaled', async () => {
    const bytes = await encodeApng(frames(2, 1), { scale: 2, valueRange: [0, 255] });
    const { width, height, data } = decodePng(bytes);
    expect([width, height]).toEqual([6, 4]);
    expect([...data.subarray(0, 12)]).toEqual([0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2]);
  });

  test.each<[object, string]>([
    [{ framesPerSecond: 0 }, 'framesPerSecond must be a positive integer, got 0'],
    [{ framesPerSecond: 101 }, 'framesPerSecond must be at least 1 and less than 101, got 101'],
    [{ repeats: -1 }, 'repeats must be an integer of at least 0, got -1'],
    [{ scale: 0.5 }, 'scale must be a positive integer, got 0.5'],
    [
      { fps: 3 },
      "options must have only the names framesPerSecond, repeats, scale, valueRange, got 'fps'",
    ],
  ])('refuses %j', async (options, message) => {
    await expect(encodeApng(frames(1, 1), options)).rejects.toThrow(message);
  });

  test('refuses what is no batch of images', async () => {
    await expect(encodeApng(tf.zeros([2, 3, 1]))).rejects.toThrow(
      'Cannot write an animated PNG: images must have the shape [batch, height, width, channels], got [2, 3, 1]',
    );
  });
});

import * as tf from '@tensorflow/tfjs';
import { mlpGenerator } from 'tfjs-gan';
import { truncate, type TruncateOptions } from 'tfjs-gan/latent';
import { describe, expect, test } from 'vitest';
import { read } from '../models/conditional-networks.ts';
import '../support/on-cpu.ts';

const normal = (): ReturnType<typeof mlpGenerator> =>
  mlpGenerator({ sampleShape: [2], latentSize: 100, hiddenUnits: [2] });

describe('truncate', () => {
  test.each([0.5, 1, 2])('draws from the normal distribution cut off at ±%s', (threshold) => {
    const values = read(truncate(normal(), 400, { threshold, seed: 3 }));
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(threshold);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    // 1 − 2tφ(t) / (2Φ(t) − 1)
    const wanted = { 0.5: 0.08042, 1: 0.29112, 2: 0.77374 }[threshold]!;
    expect(Math.abs(mean)).toBeLessThan(0.015);
    expect(Math.abs(variance / wanted - 1)).toBeLessThan(0.03);
  });

  test('leaves latents within the threshold as generator.latents draws them', () => {
    const generator = normal();
    const latents = read(generator.latents(4, { seed: 9 }));
    const truncated = read(truncate(generator, 4, { threshold: 1.5, seed: 9 }));
    const kept = latents.map((value) => Math.abs(value) <= 1.5);
    expect(kept.filter(Boolean).length).toBeGreaterThan(300);
    expect(truncated.filter((_, i) => kept[i])).toEqual(latents.filter((_, i) => kept[i]));
    expect(truncated.filter((_, i) => !kept[i])).not.toEqual(latents.filter((_, i) => !kept[i]));
    expect(read(truncate(generator, 4, { threshold: 1.5, seed: 9 }))).toEqual(truncated);
  });

  test('multiplies by psi instead', () => {
    const generator = normal();
    const latents = read(generator.latents(2, { seed: 5 }));
    const shrunk = read(truncate(generator, 2, { psi: 0.5, seed: 5 }));
    expect(shrunk).toEqual(latents.map((value) => value / 2));
  });

  test('keeps uniform latents uniform', () => {
    const generator = mlpGenerator({
      sampleShape: [2],
      latentSize: 100,
      hiddenUnits: [2],
      latentDistribution: 'uniform',
    });
    // The default of normal latents would leave them as they are.
    const usual = read(truncate(generator, 20, { seed: 1 })).map(Math.abs);
    expect(Math.max(...usual)).toBeLessThanOrEqual(0.75);
    expect(Math.max(...usual)).toBeGreaterThan(0.7);
    expect(() => truncate(generator, 1, { threshold: 1 })).toThrow(
      'Cannot truncate latents: threshold must be less than 1 for uniform latents, got 1',
    );
    const values = read(truncate(generator, 200, { threshold: 0.25, seed: 1 }));
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.25);
    const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
    expect(Math.abs(square / (0.25 ** 2 / 3) - 1)).toBeLessThan(0.03);
  });

  test.each<[TruncateOptions | object, string]>([
    [{ threshold: 0 }, 'threshold must be a positive number, got 0'],
    [{ psi: -1 }, 'psi must be a positive number, got -1'],
    [{ psi: 0.5, threshold: 1 }, 'only one of threshold and psi must be set, got 1 and 0.5'],
    [{ seed: 0.5 }, 'seed must be an integer of at least 0 and less than 2³², got 0.5'],
    [{ sigma: 1 }, "options must have only the names threshold, psi, seed, got 'sigma'"],
  ])('refuses %j', (options, message) => {
    expect(() => truncate(normal(), 1, options)).toThrow(`Cannot truncate latents: ${message}`);
  });

  test('leaves only its result behind', () => {
    const generator = normal();
    const before = tf.memory().numTensors;
    const all = [truncate(generator, 3), truncate(generator, 3, { psi: 0.7 })];
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose(all);
  });
});

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { Discriminator, mlpGenerator, Random, ring8, Trainer } from 'tfjs-gan';
import { withSeededMathRandom } from '../../src/core/math-random.ts';
import '../support/on-cpu.ts';

/** Weights of a critic with dropout after some steps, which its seed decides. */
async function trainWithDropout(): Promise<number[]> {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 8, inputShape: [2], kernelInitializer: 'ones' }),
      tf.layers.dropout({ rate: 0.5 }),
      tf.layers.dense({ units: 1, kernelInitializer: 'ones' }),
    ],
  });
  const discriminator = new Discriminator({ model, ownsModel: true });
  const generator = mlpGenerator({ sampleShape: [2], latentSize: 2, seed: 1 });
  const trainer = new Trainer({ generator, discriminator });
  await trainer.fit(ring8({ size: 64 }), { steps: 3, batchSize: 32 });
  const weights = model.getWeights().flatMap((weight) => [...weight.dataSync()]);
  for (const part of [trainer, generator, discriminator]) part.dispose();
  return weights;
}

// Vitest runs each file in a process or thread of its own: Math is frozen for this one only.
describe('withSeededMathRandom with a frozen Math', () => {
  test('trains to the same weights as before, dropout included, and leaves Math as it was', async () => {
    const before = await trainWithDropout();
    Object.freeze(Math);
    const frozen = Math;
    expect(await trainWithDropout()).toEqual(before);
    expect(Math).toBe(frozen);
  });

  test('draws from the source, and puts the old Math back if the function throws', () => {
    Object.freeze(Math);
    const frozen = Math;
    const wanted = new Random(5).uniform();
    expect(withSeededMathRandom('train', new Random(5), () => Math.random())).toBe(wanted);
    const failing = (): never => {
      throw new Error(`floor is ${Math.floor(1.5)}`);
    };
    expect(() => withSeededMathRandom('train', new Random(5), failing)).toThrow('floor is 1');
    expect(Math).toBe(frozen);
  });

  test('says what is needed if the global Math cannot be replaced either', () => {
    Object.freeze(Math);
    Object.defineProperty(globalThis, 'Math', { writable: false });
    const run = (): unknown => withSeededMathRandom('train', new Random(5), () => Math.random());
    expect(run).toThrow(TypeError);
    expect(run).toThrow(
      'Cannot train: Math.random must be replaceable during a step, because layers such as dropout take their seeds from ' +
        'it, got a frozen Math in a globalThis whose Math is read-only. Leave globalThis.Math writable',
    );
    Object.defineProperty(globalThis, 'Math', { writable: true });
  });
});

import * as tf from '@tensorflow/tfjs';
import { describe, expect, inject, test } from 'vitest';
import { Generator, useBackend } from 'tfjs-gan';
import { blobs, tinyDcgan } from '../support/tiny-gan.ts';
import { pageBackends } from './graphics.ts';

const steps = 20;

/** The losses of a small DCGAN, step by step, and how many tensors there are after each. */
async function train(): Promise<{ losses: number[]; tensors: number[] }> {
  const start = tf.memory().numTensors;
  const gan = tinyDcgan({ seed: 5 });
  const [losses, tensors]: [number[], number[]] = [[], []];
  for await (const step of gan.trainer.steps(blobs(200), { steps, batchSize: 8 })) {
    losses.push(step.losses.discriminator, step.losses.generator);
    tensors.push(tf.memory().numTensors);
  }
  gan.dispose();
  tensors.push(tf.memory().numTensors - start);
  return { losses, tensors };
}

/** Those of the cpu backend, the reference. */
let wanted: Promise<number[]> | undefined;

async function wantedLosses(): Promise<number[]> {
  wanted ??= useBackend('cpu').then(async () => (await train()).losses);
  return wanted;
}

/** Isolation is a matter of threads: in a page without it, the backends that have none are not tried again. */
const backends = Object.entries(pageBackends).filter(
  ([name]) => crossOriginIsolated || name === 'wasm-train',
);

describe.each(backends)('in a page, on %s', (name, backend) => {
  test('a DCGAN trains as on cpu and holds no more tensors from step to step', async () => {
    const reference = await wantedLosses();
    await useBackend(backend);
    const { losses, tensors } = await train();
    expect(tf.getBackend()).toBe(name);
    expect(losses).toHaveLength(2 * steps);
    const off = losses.map((loss, i) => Math.abs(loss - reference[i]!) / reference[i]!);
    expect(Math.max(...off)).toBeLessThan(1e-3);
    // The optimizers' moments come with the first step.
    expect(new Set(tensors.slice(1, -1)).size).toBe(1);
    expect(tensors.at(-1)).toBe(0);
  });

  test('a model that Node has saved gives the same samples', async () => {
    await useBackend(backend);
    const generator = await Generator.load(new URL(inject('savedModel'), location.href).href);
    const samples = generator.sample(3, { seed: 7 });
    const values = await samples.data();
    const saved = inject('savedSamples');
    expect(values).toHaveLength(saved.length);
    const off = saved.map((value, i) => Math.abs(value - values[i]!));
    expect(Math.max(...off)).toBeLessThan(1e-4);
    samples.dispose();
    generator.dispose();
  });
});

import { createHash } from 'node:crypto';
import * as tf from '@tensorflow/tfjs';
import { wasmTrain } from '../../src/backends/wasm-train/index.ts';
import { currentBackend } from '../backends/wasm-train/support.ts';
import type { Recipe } from './recipes.ts';

/** What a recipe came to in its first steps. */
export interface RecipeRecord {
  /** SHA-256 over the bytes of every weight and statistic of both networks, the first 16 digits. */
  readonly weights: string;
  /** The same over four samples, which come from averaged weights if there are any. */
  readonly samples: string;
  /** The same over the losses and gradient norms of every step. */
  readonly numbers: string;
  /** How many kernels of TensorFlow.js ran in all steps. */
  readonly kernelCalls: number;
  /** SHA-256 over the kernels' names in the order in which they ran, the first 16 digits. */
  readonly kernelOrder: string;
}

/** Where the recipes are recorded, and how to make each current. */
export const places: Readonly<Record<string, () => Promise<void>>> = {
  cpu: async () => {
    await tf.setBackend('cpu');
  },
  'wasm-train, 1 thread': () => startWasm(1),
  'wasm-train, 2 threads': () => startWasm(2),
};

/** How many steps a record spans. */
export const recordedSteps = 20;

/** Plain SIMD rounds alike on every machine; work as small as this is spread over threads only if requested. */
async function startWasm(threads: number): Promise<void> {
  if (tf.engine().registryFactory['wasm-train'] !== undefined) {
    await tf.setBackend('cpu');
    tf.removeBackend('wasm-train');
  }
  await wasmTrain({ threads, simd: 'plain' }).activate();
  const { workers } = currentBackend();
  if (workers !== undefined) workers.leastOperations = 1;
}

/** Trains a recipe for {@link recordedSteps} steps on the current backend. */
export async function recordRecipe({ make, data, batchSize }: Recipe): Promise<RecipeRecord> {
  const gan = make();
  const watched = watchKernels();
  try {
    const { steps } = await gan.trainer.fit(data, { steps: recordedSteps, batchSize });
    const kernels = watched.stop();
    const { generator, discriminator } = gan;
    const weights = [generator.model, discriminator.model].flatMap(({ weights }) =>
      weights.map((weight) => weight.read().dataSync()),
    );
    const samples = tf.tidy(() => generator.sample(4, { seed: 3 }).dataSync());
    const numbers = steps.flatMap(({ losses, gradientNorms }) => [
      ...[losses.discriminator, losses.generator],
      ...[gradientNorms.discriminator, gradientNorms.generator],
    ]);
    return {
      weights: digest(...weights),
      samples: digest(samples),
      numbers: digest(Float64Array.from(numbers)),
      kernelCalls: kernels.length,
      kernelOrder: digest(kernels.join('\n')),
    };
  } finally {
    watched.stop();
    gan.dispose();
  }
}

/** Notes the name of every kernel that the engine calls on the current backend. */
function watchKernels(): { stop(): readonly string[] } {
  const names: string[] = [];
  const configs = tf.getKernelsForBackend(tf.getBackend());
  const own = configs.map(({ kernelFunc }) => kernelFunc);
  for (const config of configs) {
    const { kernelName, kernelFunc } = config;
    config.kernelFunc = (call) => {
      names.push(kernelName);
      return kernelFunc(call);
    };
  }
  return {
    stop: () => {
      configs.forEach((config, i) => (config.kernelFunc = own[i]!));
      return names;
    },
  };
}

function digest(...parts: readonly (string | NodeJS.ArrayBufferView)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex').slice(0, 16);
}

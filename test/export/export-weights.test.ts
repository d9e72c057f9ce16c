import '../support/on-cpu.ts';
import { expect, test } from 'vitest';
import { createMlpGan, datasetFromArray, decodeSafetensors } from 'tfjs-gan';
import { exportWeights } from 'tfjs-gan/export';

test('exportWeights writes the weights under the keys that snapshots have', async () => {
  const gan = createMlpGan({ sampleShape: [2], latentSize: 3, ema: { decay: 0.5 }, seed: 1 });
  const rows = Array.from({ length: 16 }, (_, i) => [Math.sin(i), Math.cos(i)]);
  await gan.trainer.fit(datasetFromArray(rows, { inputRange: [-1, 1] }), {
    steps: 2,
    batchSize: 4,
  });
  const { networks } = await gan.trainer.snapshot();
  const read = async (options?: object): Promise<object> => {
    const { tensors } = decodeSafetensors(await exportWeights(gan.generator, options));
    return Object.fromEntries(
      Object.entries(tensors).map(([key, { shape, values }]) => [key, { shape, values }]),
    );
  };
  expect(await read({ averaged: false })).toEqual(networks.generator);
  expect(await read()).not.toEqual(networks.generator);
  const { metadata } = decodeSafetensors(await exportWeights(gan.discriminator));
  expect(metadata).toEqual({ producer: 'tfjs-gan 0.1.0' });
});

test('exportWeights refuses options that it does not have, and a network that is gone', async () => {
  const gan = createMlpGan({ sampleShape: [2], seed: 1 });
  const wrong = { ema: true } as object;
  await expect(exportWeights(gan.generator, wrong)).rejects.toThrow(
    "Cannot export weights: options must have only the names averaged, got 'ema'",
  );
  gan.dispose();
  await expect(exportWeights(gan.discriminator)).rejects.toThrow('this Discriminator was disposed');
});

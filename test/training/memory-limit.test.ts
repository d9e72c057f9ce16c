import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createDcgan, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { blobs } from '../support/tiny-gan.ts';

test('a step too large for the memory is refused and undone, and a smaller one then fits', async () => {
  await useBackend(wasmTrain({ maximumMemory: 24 * 2 ** 20 }));
  const gan = createDcgan({ imageShape: [16, 16, 1], baseFilters: 8 });
  const data = blobs(1024, [16, 16, 1]);
  await gan.trainer.fit(data, { steps: 1, batchSize: 8 });
  const [tensors, bytes] = [tf.memory().numTensors, tf.memory().numBytes];
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await expect(gan.trainer.fit(data, { steps: 1, batchSize: 512 })).rejects.toThrow(/memory/i);
    expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([tensors, bytes]);
  }
  await gan.trainer.fit(data, { steps: 2, batchSize: 8 });
  expect(gan.trainer.step).toBe(3);
  gan.dispose();
  expect(tf.memory().numTensors).toBe(0);
});

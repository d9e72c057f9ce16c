import { describe, expect, test } from 'vitest';
import {
  adam,
  createDcgan,
  datasetFromArray,
  diffAugment,
  type InMemoryDataset,
  overfittingAlarm,
  type OverfittingRecord,
  R1Penalty,
  Random,
  type Transform,
} from 'tfjs-gan';
import { onWasmTrain } from '../support/on-wasm-train.ts';

onWasmTrain();

/** Pictures of black and white pixels without a pattern: what is known of one says nothing of the next. */
function noise(seed: number, size: number): InMemoryDataset {
  const random = new Random(seed);
  const pixels = Float32Array.from({ length: size * 256 }, () => Math.sign(random.uniform() - 0.5));
  return datasetFromArray(pixels, { sampleShape: [16, 16, 1] });
}

/** Trains on 24 of them. */
async function run(
  transforms: readonly Transform[],
): Promise<{ readonly alarms: number[]; readonly records: readonly OverfittingRecord[] }> {
  const optimizer = adam({ learningRate: 2e-3, beta1: 0.5 });
  using gan = createDcgan({
    imageShape: [16, 16, 1],
    baseFilters: 16,
    latentSize: 8,
    kernelSize: 4,
    normalization: { discriminator: 'none' },
    penalties: [new R1Penalty({ weight: 0.1, every: 4 })],
    optimizers: { generator: optimizer, discriminator: optimizer },
    transforms,
    seed: 1,
  });
  const alarms: number[] = [];
  const onAlarm = ({ step }: OverfittingRecord): void => void alarms.push(step);
  const alarm = overfittingAlarm(noise(2, 200), { samples: 24, every: { steps: 50 }, onAlarm });
  await gan.trainer.fit(noise(1, 24), { steps: 300, batchSize: 8, callbacks: [alarm] });
  return { alarms, records: alarm.records };
}

describe('few images', () => {
  test('are memorized without augmentation, and not with it', async () => {
    const [plain, augmented] = [
      await run([]),
      await run([diffAugment({ policy: ['translation'] })]),
    ];
    expect(plain.alarms).toHaveLength(1);
    expect(augmented.alarms).toEqual([]);
    expect(augmented.records.at(-1)!.gap).toBeLessThan(plain.records.at(-1)!.gap / 2);
  });
});

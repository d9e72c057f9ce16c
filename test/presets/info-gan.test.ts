import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { createInfoGan, type CreateInfoGanOptions, type Gan } from 'tfjs-gan';
import { blobs } from '../support/tiny-gan.ts';
import { onWasmTrain } from '../support/on-wasm-train.ts';

const tiny = { imageShape: [8, 8, 1], baseFilters: 2, latentSize: 4, kernelSize: 3 } as const;

/** Gives the last layer that reads codes zero weights and the given offsets, so that it says the same of every sample. */
function sayOfEverySample(gan: Gan, offsets: readonly number[]): void {
  const [, codes] = gan.discriminator.model.outputs;
  const head = codes!.sourceLayer;
  const kernel = head.getWeights()[0]!;
  head.setWeights([tf.zerosLike(kernel), tf.tensor1d([...offsets])]);
}

async function firstStep(
  options: Omit<CreateInfoGanOptions, 'imageShape'>,
  offsets: readonly number[],
) {
  const gan = createInfoGan({ ...tiny, ...options });
  sayOfEverySample(gan, offsets);
  const { steps } = await gan.trainer.fit(blobs(), { steps: 1, batchSize: 16 });
  gan.dispose();
  return steps[0]!;
}

describe('createInfoGan', () => {
  onWasmTrain();

  test('has a dense layer in each network, and two outputs that share the discriminator’s', () => {
    const gan = createInfoGan({ ...tiny, codes: { categorical: [3, 4], continuous: 2 } });
    const { generator, discriminator } = gan;
    const dense = (model: tf.LayersModel) =>
      model.layers
        .filter((layer) => layer.getClassName() === 'Dense')
        .map((layer) => layer.getWeights()[0]!.shape);
    // One stage: the small end is 4×4, of 2 filters in the generator and 2 in the discriminator.
    expect(dense(generator.model)).toEqual([
      [4 + 3 + 4 + 2, 64],
      [64, 32],
    ]);
    expect(dense(discriminator.model).map(String).sort()).toEqual(
      [
        [32, 64],
        [64, 128],
        [64, 1],
        [128, 9],
      ]
        .map(String)
        .sort(),
    );
    expect(discriminator.outputs).toEqual(['logits', 'codes']);
    gan.dispose();
    using wide = createInfoGan({ ...tiny, codes: { categorical: [2] }, denseUnits: 7 });
    expect(dense(wide.generator.model)[0]).toEqual([6, 7]);
  });

  test('charges ln n for a categorical code of n values that nothing is said of', async () => {
    const { terms } = await firstStep(
      { codes: { categorical: [3, 4] } },
      new Array<number>(7).fill(0),
    );
    expect(terms.discriminator['codes/fake']).toBeCloseTo(Math.log(3) + Math.log(4), 5);
  });

  test('charges half the squared distance of each continuous code, summed over the codes', async () => {
    const { terms } = await firstStep({ codes: { continuous: 2 } }, [1000, -500]);
    const expected = (1000 ** 2 + 500 ** 2) / 2;
    // The codes themselves, in −1…1, are small beside what is said of them.
    expect(terms.discriminator['codes/fake']! / expected).toBeCloseTo(1, 2);
  });

  test.each([0, 0.5, 2])('adds information of weight %s to both losses', async (weight) => {
    const { losses, terms } = await firstStep(
      { codes: { categorical: [3] }, informationWeight: weight },
      [0, 0, 0],
    );
    for (const name of ['discriminator', 'generator'] as const) {
      const { bce, 'codes/fake': codes = 0 } = terms[name];
      expect(losses[name]).toBeCloseTo(bce! + codes, 5);
    }
    const shown = terms.discriminator['codes/fake'] ?? 0;
    expect(shown).toBeCloseTo(weight * Math.log(3), 5);
  });

  test('learns codes, and none without information', async () => {
    const accuracy = async (informationWeight: number): Promise<number> => {
      const gan = createInfoGan({ ...tiny, codes: { categorical: [4] }, informationWeight });
      const { steps } = await gan.trainer.fit(blobs(400), { steps: 60, batchSize: 32 });
      gan.dispose();
      const last = steps.slice(-10).map(({ metrics }) => metrics['accuracy/codes/fake']!);
      return last.reduce((sum, one) => sum + one, 0) / last.length;
    };
    expect(await accuracy(1)).toBeGreaterThan(0.8);
    expect(await accuracy(0)).toBeLessThan(0.5);
  });

  test.each([
    [{ codes: {} }, 'codes'],
    [{ codes: { categorical: [1] } }, 'codes.categorical'],
    [{ codes: { continuous: 1.5 } }, 'codes.continuous'],
    [
      { codes: { categorical: [2] }, denseUnits: 0 },
      'denseUnits must be a positive integer, got 0',
    ],
    [{ codes: { categorical: [2] }, classes: 3 }, "'classes'"],
    [{ codes: 10 }, 'codes must be { categorical, continuous }'],
  ])('refuses %o and leaves nothing behind', (options, message) => {
    const tensors = tf.memory().numTensors;
    expect(() => createInfoGan({ ...tiny, ...(options as { codes: object }) })).toThrow(message);
    expect(tf.memory().numTensors).toBe(tensors);
  });
});

import { describe, expect, test } from 'vitest';
import {
  createMlpGan,
  type CreateDcganOptions,
  type Dataset,
  diffAugment,
  ring8,
  type Trainer,
  type TrainOptions,
} from 'tfjs-gan';
import { catchWarnings } from '../../support/catch-warnings.ts';
import { blobs, tinyDcgan } from '../../support/tiny-gan.ts';
import '../../support/on-cpu.ts';

const warn = catchWarnings();
const long: TrainOptions = { steps: 100, batchSize: 8 };

/** Begins a run, leaves it after a step, and returns what it said of the number of images. */
async function begin(trainer: Trainer, dataset: Dataset, options = long): Promise<string[]> {
  const steps = trainer.steps(dataset, options);
  await steps.next();
  await steps.return();
  const said = warn.mock.calls.splice(0).map(String);
  return said.filter((text) => text.includes('images, which a discriminator memorizes'));
}

describe('few images', () => {
  test('are advised on once in a long run', async () => {
    using gan = tinyDcgan();
    const [few, fewer] = [blobs(16), blobs(8)];
    expect(await begin(gan.trainer, few)).toEqual([
      "tfjs-gan: the dataset 'blobs' has only 16 images, which a discriminator memorizes. Augment them: " +
        "transforms: [diffAugment({ policy: ['translation'] })]",
    ]);
    expect(await begin(gan.trainer, few)).toEqual([]);
    expect(await begin(gan.trainer, fewer)).toHaveLength(1);
  });

  test.each<[string, TrainOptions, number]>([
    ['of epochs', { epochs: 50, batchSize: 8 }, 1],
    ['of fewer epochs', { epochs: 49, batchSize: 8 }, 0],
    ['of fewer steps', { steps: 99, batchSize: 8 }, 0],
    ['of minutes', { minutes: 1, batchSize: 8 }, 1],
    ['without an end', { batchSize: 8 }, 1],
  ])('in a run %s', async (_, options, count) => {
    using gan = tinyDcgan();
    expect(await begin(gan.trainer, blobs(16), options)).toHaveLength(count);
  });

  test('count the batches of all discriminator updates', async () => {
    using gan = tinyDcgan({ updatesPerStep: { discriminator: 2 } });
    const options = { steps: 50, batchSize: 8 };
    expect(await begin(gan.trainer, blobs(16), options)).toHaveLength(1);
  });

  test.each<[string, Partial<CreateDcganOptions>, number]>([
    ['with transforms', { transforms: [diffAugment()] }, 16],
    ['of a thousand', {}, 1000],
  ])('%s need no advice', async (_, options, size) => {
    using gan = tinyDcgan(options);
    expect(await begin(gan.trainer, blobs(size), { steps: 10_000, batchSize: 8 })).toEqual([]);
  });

  test('are images: points need no advice', async () => {
    using points = createMlpGan({ sampleShape: [2] });
    expect(await begin(points.trainer, ring8({ size: 16 }))).toEqual([]);
  });
});

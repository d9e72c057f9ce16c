import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  checkGradientPenalty,
  createWganGp,
  dcganDiscriminator,
  enableSecondOrderGradients,
  mlpDiscriminator,
  useBackend,
} from 'tfjs-gan';
import { caseNames, caseOf, relativeError } from '../gradients/critics.ts';
import { blobs } from '../support/tiny-gan.ts';
import { pageBackends } from './graphics.ts';

describe('on webgl', () => {
  beforeAll(async () => {
    await useBackend(pageBackends['webgl']!);
    enableSecondOrderGradients();
  });

  // webgl rounds both sides of tf.floorDiv before it divides, so its very value is another one.
  const cases = caseNames.filter((name) => name !== 'floorDiv');

  test.each(cases)('the gradient of a penalty through %s is that of PyTorch', async (of) => {
    const { x, weights, golden, penalty } = caseOf(of);
    const before = tf.memory().numTensors;
    const { value, grads } = tf.valueAndGrads((...values: tf.Tensor[]) => penalty(values))([
      ...weights,
    ]);
    const got = await Promise.all(grads.map(async (gradient) => [...(await gradient.data())]));
    const [first] = await value.data();
    tf.dispose([value, ...grads]);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, ...weights]);
    expect(relativeError([first!], [golden.penalty])).toBeLessThan(1e-3);
    expect(relativeError(got.flat(), golden.gradients.flat())).toBeLessThan(5e-3);
  });

  test('checkGradientPenalty finds critics safe, and WGAN-GP trains', async () => {
    const critics = [
      dcganDiscriminator({ imageShape: [8, 8, 1], baseFilters: 2, kernelSize: 3 }),
      mlpDiscriminator({ sampleShape: [8, 8, 1], hiddenUnits: [8] }),
    ];
    for (const critic of critics) {
      const report = await checkGradientPenalty(critic);
      expect(report).toMatchObject({ ok: true, layers: [] });
      critic.dispose();
    }
    const gan = createWganGp({
      imageShape: [8, 8, 1],
      baseFilters: 2,
      latentSize: 4,
      kernelSize: 3,
    });
    const history = await gan.trainer.fit(blobs(200), { steps: 3, batchSize: 4 });
    expect(history.steps.every(({ losses }) => Number.isFinite(losses.discriminator))).toBe(true);
    gan.dispose();
  });
});

import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import {
  createDcgan,
  createMlpGan,
  datasetFromTensor,
  type Gan,
  GradientPenalty,
  SpectralNorm,
} from 'tfjs-gan';
import { leavingNothingBehind } from '../support.ts';

const backend = leavingNothingBehind();

/** The state after some steps, and how many kernels TensorFlow.js ran in them. */
async function trained(
  create: () => Gan,
  shape: number[],
  plans: boolean,
): Promise<{
  readonly state: object;
  readonly kernels: number;
}> {
  const engine = tf.engine();
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const { runKernel } = engine;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- put back as it was
  const { trainingPass } = backend();
  let kernels = 0;
  if (!plans) backend().trainingPass = () => undefined;
  engine.runKernel = ((...call: Parameters<typeof runKernel>) => {
    kernels += 1;
    return runKernel.apply(engine, call);
  }) as typeof runKernel;
  const gan = create();
  const values = tf.randomUniform([8, ...shape], -1, 1, 'float32', 1);
  const labels = tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32');
  const data = await datasetFromTensor(values, { labels });
  try {
    await gan.trainer.fit(data, { steps: 3, batchSize: 4 });
    const { networks, optimizers, parts, random } = await gan.trainer.snapshot();
    return { state: { networks, optimizers, parts, random }, kernels };
  } finally {
    engine.runKernel = runKernel;
    backend().trainingPass = trainingPass;
    gan.dispose();
    tf.dispose([values, labels]);
    (data as { dispose?(): void }).dispose?.();
  }
}

test.each<readonly [string, () => Gan, number[]]>([
  [
    'dense networks with a gradient penalty',
    () => createMlpGan({ sampleShape: [3], penalties: [new GradientPenalty()], seed: 1 }),
    [3],
  ],
  [
    'a DCGAN with spectral norm and an average',
    () =>
      createDcgan({
        imageShape: [8, 8, 1],
        baseFilters: 2,
        constraints: [new SpectralNorm()],
        ema: { decay: 0.9 },
        seed: 1,
      }),
    [8, 8, 1],
  ],
  [
    'a DCGAN of classes, with branches,',
    () =>
      createDcgan({
        imageShape: [8, 8, 1],
        baseFilters: 2,
        classes: 3,
        conditioning: 'projection',
        seed: 1,
      }),
    [8, 8, 1],
  ],
])('%s train to the same bits with planned passes, in fewer kernels', async (_, create, shape) => {
  const planned = await trained(create, shape, true);
  const itself = await trained(create, shape, false);
  expect(planned.state).toEqual(itself.state);
  expect(planned.kernels).toBeLessThan(itself.kernels);
});

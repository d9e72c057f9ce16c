// The worker, which does all computations. The page connects to it by `connectTrainer`. One that is named `tables` learns
// tables instead: in one file, both share TensorFlow.js, which is most of it.

import { expose, proxy } from 'comlink';
import {
  BceLoss,
  createDcgan,
  datasetFromArray,
  datasetFromIdx,
  type Dataset,
  GradientPenalty,
  HingeLoss,
  LeastSquaresLoss,
  type Loss,
  type Penalty,
  R1Penalty,
  RelativisticLoss,
  useBackend,
  WassersteinLoss,
} from 'tfjs-gan';
import { indexedDbStore } from 'tfjs-gan/browser';
import { type ServedTrainer, serveTrainer } from 'tfjs-gan/worker';
import { keepRun } from './keep-run.ts';
import {
  BASE_FILTERS,
  CLASSES,
  type DemoSettings,
  IMAGE_SHAPE,
  LATENT_SIZE,
  type LossName,
  type PenaltyName,
  SHAPES,
} from './settings.ts';
import { shapes } from './shapes.ts';
import { unpack } from './unpack.ts';

if (self.name === 'tables') {
  expose(async () => {
    const { TableStudio } = await import('./table-studio.ts');
    return proxy(new TableStudio());
  });
} else serveTrainer(makeTrainer);

async function makeTrainer(settings: DemoSettings): Promise<ServedTrainer> {
  const { backend, data, loss, penalty, resume } = settings;
  const used = await useBackend(
    backend === 'auto' || backend === 'wasm-train' ? backend : [backend, 'wasm-train'],
  );
  const gan = createDcgan({
    imageShape: IMAGE_SHAPE,
    classes: CLASSES[data].length,
    // At this size the classes are learned within a minute; with a projection they were not after
    // 1,200 steps.
    conditioning: 'concat',
    latentSize: LATENT_SIZE,
    baseFilters: BASE_FILTERS,
    loss: losses[loss](),
    penalties: penalties[penalty](),
    // A penalty is on the gradient at each sample, but batch norm makes samples depend on each other.
    normalization: {
      generator: 'batch',
      discriminator: penalty === 'none' ? 'batch' : 'none',
    },
    seed: 7,
  });
  const store = indexedDbStore('browser-demo');
  if (resume) await gan.trainer.restore(store);
  return {
    backend: used,
    data: data === 'digits' ? await loadDigits(settings) : drawShapes(),
    gan,
    callbacks: [keepRun(store)],
  };
}

const losses: Readonly<Record<LossName, () => Loss>> = {
  bce: () => new BceLoss(),
  hinge: () => new HingeLoss(),
  'least-squares': () => new LeastSquaresLoss(),
  relativistic: () => new RelativisticLoss(),
  wasserstein: () => new WassersteinLoss(),
};

const penalties: Readonly<Record<PenaltyName, () => readonly Penalty[]>> = {
  none: () => [],
  gradient: () => [new GradientPenalty({ weight: 10 })],
  r1: () => [new R1Penalty({ weight: 1 })],
};

/** MNIST's first digits and their classes, packed by the build. */
async function loadDigits({ digits, digitLabels }: DemoSettings): Promise<Dataset> {
  return datasetFromIdx(
    { images: await unpack(digits), labels: await unpack(digitLabels) },
    { name: 'digits' },
  );
}

function drawShapes(): Dataset {
  const { values, labels } = shapes(SHAPES, 1);
  return datasetFromArray(values, {
    name: 'shapes',
    sampleShape: IMAGE_SHAPE,
    labels: Array.from(labels),
  });
}

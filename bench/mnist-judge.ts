import { type Dataset, type Generator } from 'tfjs-gan';
import { mnistFeatures } from 'tfjs-gan/features/mnist';
import { classifierScore, evaluate, frechetDistance, precisionRecall } from 'tfjs-gan/metrics';
import { loadMnist } from 'tfjs-gan/node';

/** How many samples every figure of `npm run bench -- mnist` is made of, and how many test images they are compared with. */
export const judgedSamples: number = 10_000;

const extractor = mnistFeatures();
const test = await loadMnist({ split: 'test' });

/** Figures by name: ours and the peer's by the same extractor, against the same test images. */
export async function judgeDigits(
  judged: Generator | Dataset,
  samples: number = judgedSamples,
): Promise<Readonly<Record<string, number>>> {
  const { figures } = await evaluate(judged, test, {
    features: extractor,
    samples,
    seeds: [0],
    metrics: {
      frechet: frechetDistance,
      prdc: (real, fake) => precisionRecall(real, fake, { neighbors: 5 }),
    },
    logitMetrics: { score: classifierScore },
  });
  return Object.fromEntries(Object.entries(figures).map(([name, { mean }]) => [name, mean]));
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { inflateSync } from 'node:zlib';

/** Words that people search for and the page does not say, or says among many: by address. */
export const synonyms: Readonly<Record<string, string>> = {
  'api/metrics/frechetDistance': 'FID',
  'api/metrics/kernelDistance': 'KID MMD',
  'api/metrics/classifierScore': 'IS inception score',
  'api/metrics/perceptualPathLength': 'PPL',
  'api/metrics/multiScaleSsim': 'MS-SSIM',
  'api/metrics/modeCoverage': 'dropped modes',
  'api/metrics/memorization': 'overfitting nearest neighbor',
  'api/GradientPenalty': 'GP WGAN-GP',
  'api/createWganGp': 'GP WGAN-GP',
  'api/SpectralNorm': 'SN SNGAN',
  'api/BceLoss': 'cross entropy label smoothing',
  'api/LeastSquaresLoss': 'LSGAN',
  'api/RelativisticLoss': 'RaGAN RSGAN',
  'api/collapseAlarm': 'mode collapse',
  'api/checkpoint': 'resume restore continue checkpoints',
  'api/Random': 'seed reproducible',
  'api/node/tensorBoard': 'TensorBoard',
  'guide/getting-started': 'install skipLibCheck TypeScript resume checkpoints quickstart tutorial',
  'guide/your-own-pictures': 'folder images JPEG PNG resize augment crop flip CIFAR',
  'guide/conditional-gans': 'conditional labels classes cGAN ACGAN InfoGAN projection',
  'guide/tables': 'CSV tabular synthetic data CTGAN rows columns',
  'guide/how-to-choose-a-recipe': 'which preset quality minutes figures',
  'guide/how-to-choose-a-loss': 'loss WGAN hinge LSGAN',
  'guide/latent-space':
    'interpolation slerp truncation SeFa GANSpace directions inversion projection style mixing animation',
  'guide/few-images': 'augmentation DiffAugment ADA limited data overfitting',
  'guide/rates-and-averages': 'EMA TTUR learning rate',
  'guide/training-that-diverges': 'NaN mode collapse unstable rollback diverges',
  'guide/judging': 'FID KID IS metrics evaluate score',
  'guide/watching': 'TensorBoard progress log report',
  'guide/browsers': 'browser WebGPU WebGL cross-origin isolation COOP COEP',
  'guide/workers': 'web worker',
  'guide/mobile': 'mobile iOS Android React Native Expo Capacitor CoreML',
  'guide/scale': 'cluster Slurm Kubernetes sweep hyperparameters grid search many machines',
  'guide/extending': 'custom own loss penalty backend dataset',
  'guide/second-order-gradients': 'double backward second derivative',
  'guide/from-a-tutorial': 'migrate tutorial tfjs example',
  'results/mnist': 'PyTorch compared quality',
  'results/performance': 'PyTorch speed benchmark',
};

/** What the search must find: each page is among the first three results of the query. */
export const queries: readonly (readonly [query: string, address: string])[] = [
  ['FID', 'api/metrics/frechetDistance'],
  ['KID', 'api/metrics/kernelDistance'],
  ['IS', 'api/metrics/classifierScore'],
  ['inception score', 'api/metrics/classifierScore'],
  ['EMA', 'guide/rates-and-averages'],
  ['GP', 'api/GradientPenalty'],
  ['WGAN-GP', 'api/createWganGp'],
  ['resume', 'api/checkpoint'],
  ['conditional', 'guide/conditional-gans'],
  ['skipLibCheck', 'guide/getting-started'],
  ['PyTorch', 'results/mnist'],
  ['learning rate', 'guide/rates-and-averages'],
  ['mode collapse', 'guide/training-that-diverges'],
  ['NaN', 'guide/training-that-diverges'],
  ['spectral norm', 'api/SpectralNorm'],
  ['label smoothing', 'api/BceLoss'],
  ['seed', 'api/Random'],
  ['TensorBoard', 'api/node/tensorBoard'],
  ['WebGPU', 'guide/browsers'],
  ['web worker', 'guide/workers'],
  ['custom loss', 'guide/extending'],
  ['install', 'guide/getting-started'],
  ['evaluate', 'guide/judging'],
  ['fit', 'api/Trainer#fit'],
];

interface SearchData {
  readonly rows: readonly { readonly name: string; readonly url: string }[];
  readonly index: object;
}

interface Lunr {
  Index: {
    load(index: object): {
      search(query: string): { readonly ref: string; readonly score: number }[];
    };
  };
}

// TypeDoc's own copy, the one that wrote the index.
const lunr = createRequire(import.meta.resolve('typedoc'))('lunr') as Lunr;

/** Sentences on the {@link queries} whose page is not among the first three results of a built site. */
export function findMisses(searchFile: string): string[] {
  const packed = /"(.*)"/.exec(readFileSync(searchFile, 'utf8'))?.[1] ?? '';
  const { rows, index } = JSON.parse(
    inflateSync(Buffer.from(packed, 'base64')).toString(),
  ) as SearchData;
  const loaded = lunr.Index.load(index);

  // As `updateResults` of TypeDoc's search box does: parts of words, and a bonus for names that begin with the query.
  const firstThree = (query: string): string[] => {
    const parts = query.split(' ').map((word) => `*${word}*`);
    const bonus = (name: string): number =>
      name.toLowerCase().startsWith(query.toLowerCase())
        ? 10 / (1 + Math.abs(name.length - query.length))
        : 1;
    return loaded
      .search(parts.join(' '))
      .map(({ ref, score }) => ({ ...rows[Number(ref)]!, score }))
      .map(({ name, url, score }) => ({ url, score: score * bonus(name) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 3)
      .map(({ url }) => url);
  };
  return queries.flatMap(([query, address]) => {
    const found = firstThree(query);
    return found.includes(address.replace(/(?=#|$)/, '.html'))
      ? []
      : [
          `The search for "${query}" must find ${address} among its first three, got ${found.join(', ')}`,
        ];
  });
}

/** Title, better direction and unit of a figure. @internal */
export interface MetricWords {
  readonly title: string;
  /** Unknown for custom metrics. */
  readonly better?: 'lower' | 'higher' | undefined;
  readonly unit: string;
  /** What it measures, in a sentence of HTML. */
  readonly meaning?: string | undefined;
}

type Kind = Pick<MetricWords, 'better' | 'unit'>;

const distance: Kind = { better: 'lower', unit: 'distance' };
const share: Kind = { better: 'higher', unit: 'share' };

/** Names of figures in lower case, their title, kind and meaning. */
// prettier-ignore
const rows: readonly (readonly [names: string, title: string, kind: Kind, meaning: string])[] = [
  ['frechet frechetdistance fid', 'Fréchet distance', distance,
    'How far the features of generated samples are from those of real ones, in mean and covariance.'],
  ['kernel kerneldistance kid', 'Kernel distance', distance,
    'The same by comparing pairs of samples; unbiased, so it may be used with few samples.'],
  ['slicedwasserstein swd', 'Sliced Wasserstein distance', distance,
    'How far the features must be moved, over random directions, to become those of real samples.'],
  ['pyramid slicedwassersteinpyramid', 'Sliced Wasserstein distance, pyramid', distance,
    'How far patches of the images must be moved to become those of real ones, over several scales.'],
  ['perceptualpathlength ppl', 'Perceptual path length', distance,
    'How much images change along short steps of the latents.'],
  ['classifierscore inceptionscore score is', 'Classifier score', { better: 'higher', unit: 'score' },
    'High if a classifier is sure of each sample, and all classes are there.'],
  ['multiscalessim msssim', 'Similarity of samples (MS-SSIM)', { better: 'lower', unit: 'similarity' },
    'How alike pairs of generated samples are; compare it with real data.'],
  ['precision', 'Precision', share,
    'Share of generated samples that lie among real ones: quality.'],
  ['recall', 'Recall', share,
    'Share of real samples that lie among generated ones: variety.'],
  ['density', 'Density', share,
    'How densely real samples lie around generated ones; it can exceed 1.'],
  ['coverage', 'Coverage', share,
    'Share of real samples with a generated one nearby.'],
  ['gantrain', 'GAN-train accuracy', share,
    'Accuracy on real samples of a classifier that learned from generated ones.'],
  ['gantest', 'GAN-test accuracy', share,
    'Accuracy on generated samples of a classifier that learned from real ones.'],
  ['modes', 'Modes found', { better: 'higher', unit: 'modes' },
    'Clusters of the data that generated samples reach.'],
  ['highqualityshare', 'Samples near a mode', share,
    'Share of generated samples close to a cluster of the data.'],
  ['reversekl', 'Reverse KL divergence', { better: 'lower', unit: 'nats' },
    'How unevenly generated samples are spread over the clusters.'],
  ['shapes', 'Column shapes', share,
    'How alike each column is by itself, mean over columns.'],
  ['trends', 'Pair trends', share,
    'How alike the relations of related columns are, mean over pairs.'],
  ['detectionscore', 'Detection score', { better: 'higher', unit: 'score' },
    '1 if logistic regression cannot tell generated rows from real ones.'],
  ['usefulnesssynthetic', 'Usefulness', share,
    'Accuracy on held-out rows of a decision tree that learned from generated ones.'],
  ['privacycopies', 'Copies', { better: 'lower', unit: 'share' },
    'Share of generated rows that copy one of the training data.'],
];

const known: ReadonlyMap<string, MetricWords> = new Map(
  rows.flatMap(([names, title, kind, meaning]) =>
    names.split(' ').map((name) => [name, { title, meaning, ...kind }] as const),
  ),
);

/** Words for a figure of `evaluate`: `frechet`, `prdc.recall`, `aToB/kid.mean`. @internal */
export function metricWords(figure: string): MetricWords {
  const [, generator = '', metric = '', part] =
    /^(?:(.*)\/)?([^.]*)(?:\.(.*))?$/s.exec(figure) ?? [];
  const words = wordsOf(metric, part);
  if (words === undefined) return { title: figure, unit: 'value' };
  return generator === '' ? words : { ...words, title: `${words.title} of ${generator}` };
}

function wordsOf(metric: string, part: string | undefined): MetricWords | undefined {
  const whole = known.get(plain(`${metric}${part ?? ''}`));
  if (whole !== undefined) return whole;
  const ofMetric = known.get(plain(metric));
  if (part === undefined || part === 'mean') return ofMetric;
  const ofPart = known.get(plain(part));
  if (ofPart !== undefined) return ofPart;
  return ofMetric && { title: `${ofMetric.title}, ${part}`, unit: ofMetric.unit };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z\d]/g, '');
}

/** Whether a value is better than another; never if the better direction is unknown. @internal */
export function isBetterFigure(value: number, than: number, { better }: MetricWords): boolean {
  if (better === undefined || Number.isNaN(value)) return false;
  return Number.isNaN(than) || (better === 'lower' ? value < than : value > than);
}

/** The better direction in words; empty if it is unknown. @internal */
export function betterWords({ better }: MetricWords): string {
  return better === undefined ? '' : `${better} is better`;
}

/** The names of all figures, each once. @internal */
export function figureNames(
  evaluations: readonly { readonly figures: Readonly<Record<string, unknown>> }[],
): readonly string[] {
  return [...new Set(evaluations.flatMap(({ figures }) => Object.keys(figures)))];
}

/** Title, better direction and unit of a figure. @internal */
export interface MetricWords {
  readonly title: string;
  /** Unknown for custom metrics. */
  readonly better?: 'lower' | 'higher' | undefined;
  readonly unit: string;
  /** What it measures, in a sentence of HTML. */
  readonly meaning?: string | undefined;
}

const distance = { better: 'lower', unit: 'distance' } as const;
const share = { better: 'higher', unit: 'share' } as const;

/** Words for the metrics of this library, by their usual names: letters and digits only. */
const known: ReadonlyMap<string, MetricWords> = new Map(
  (
    [
      [
        ['frechet', 'frechetdistance', 'fid'],
        {
          title: 'Fréchet distance',
          meaning:
            'How far the features of generated samples are from those of real ones, in mean and covariance.',
          ...distance,
        },
      ],
      [
        ['kernel', 'kerneldistance', 'kid'],
        {
          title: 'Kernel distance',
          meaning:
            'The same by comparing pairs of samples; unbiased, so it may be used with few samples.',
          ...distance,
        },
      ],
      [
        ['slicedwasserstein', 'swd'],
        {
          title: 'Sliced Wasserstein distance',
          meaning:
            'How far the features must be moved, over random directions, to become those of real samples.',
          ...distance,
        },
      ],
      [
        ['pyramid', 'slicedwassersteinpyramid'],
        {
          title: 'Sliced Wasserstein distance, pyramid',
          meaning:
            'How far patches of the images must be moved to become those of real ones, over several scales.',
          ...distance,
        },
      ],
      [
        ['perceptualpathlength', 'ppl'],
        {
          title: 'Perceptual path length',
          meaning: 'How much images change along short steps of the latents.',
          ...distance,
        },
      ],
      [
        ['classifierscore', 'inceptionscore', 'score', 'is'],
        {
          title: 'Classifier score',
          meaning: 'High if a classifier is sure of each sample, and all classes are there.',
          better: 'higher',
          unit: 'score',
        },
      ],
      [
        ['multiscalessim', 'msssim'],
        {
          title: 'Similarity of samples (MS-SSIM)',
          meaning: 'How alike pairs of generated samples are; compare it with real data.',
          better: 'lower',
          unit: 'similarity',
        },
      ],
      [
        ['precision'],
        {
          title: 'Precision',
          meaning: 'Share of generated samples that lie among real ones: quality.',
          ...share,
        },
      ],
      [
        ['recall'],
        {
          title: 'Recall',
          meaning: 'Share of real samples that lie among generated ones: variety.',
          ...share,
        },
      ],
      [
        ['density'],
        {
          title: 'Density',
          meaning: 'How densely real samples lie around generated ones; it can exceed 1.',
          ...share,
        },
      ],
      [
        ['coverage'],
        {
          title: 'Coverage',
          meaning: 'Share of real samples with a generated one nearby.',
          ...share,
        },
      ],
      [
        ['gantrain'],
        {
          title: 'GAN-train accuracy',
          meaning: 'Accuracy on real samples of a classifier that learned from generated ones.',
          ...share,
        },
      ],
      [
        ['gantest'],
        {
          title: 'GAN-test accuracy',
          meaning: 'Accuracy on generated samples of a classifier that learned from real ones.',
          ...share,
        },
      ],
      [
        ['modes'],
        {
          title: 'Modes found',
          meaning: 'Clusters of the data that generated samples reach.',
          better: 'higher',
          unit: 'modes',
        },
      ],
      [
        ['highqualityshare'],
        {
          title: 'Samples near a mode',
          meaning: 'Share of generated samples close to a cluster of the data.',
          ...share,
        },
      ],
      [
        ['reversekl'],
        {
          title: 'Reverse KL divergence',
          meaning: 'How unevenly generated samples are spread over the clusters.',
          better: 'lower',
          unit: 'nats',
        },
      ],
    ] satisfies [string[], MetricWords][]
  ).flatMap(([names, words]) => names.map((name): [string, MetricWords] => [name, words])),
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

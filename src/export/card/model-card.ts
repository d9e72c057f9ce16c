import { checkOptions, isRecord } from '../../core/checks.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import { libraryVersion } from '../../core/version.ts';
import { isCondition } from '../../models/conditions.ts';
import { Generator } from '../../models/generator.ts';
import { modelWeights } from '../../models/model-weights.ts';
import type { NetworkInput } from '../../models/network.ts';
import { useText } from './use-text.ts';
import { type YamlValue, yaml } from './yaml.ts';

/**
 * The part of an evaluation that a card shows; an `Evaluation` of `tfjs-gan/metrics` fits.
 *
 * @example Figures by hand
 * ```ts
 * const evaluation: ModelCardEvaluation = {
 *   figures: { frechet: { mean: 3.1, deviation: 0.2 } },
 *   samples: 10_000,
 *   realSamples: 10_000,
 *   seeds: [1, 2, 3],
 *   extractor: 'mnistFeatures 1',
 *   dataset: 'mnist test',
 * };
 * ```
 */
export interface ModelCardEvaluation {
  /** Mean and standard deviation over the seeds, by metric. */
  readonly figures: Readonly<
    Record<
      string,
      {
        /** Mean over the seeds. */
        readonly mean: number;
        /** Standard deviation over the seeds. */
        readonly deviation: number;
      }
    >
  >;
  /** Number of samples per seed. */
  readonly samples: number;
  /** Number of real samples they were compared with. */
  readonly realSamples: number;
  /** The seeds. */
  readonly seeds: readonly number[];
  /** Name of the extractor. */
  readonly extractor: string;
  /** Name of the dataset. */
  readonly dataset: string;
}

/**
 * Settings of {@link writeModelCard}.
 *
 * @example Digits, with files for Python beside them
 * ```ts
 * const options: ModelCardOptions = {
 *   generator,
 *   name: 'Handwritten digits',
 *   license: 'mit',
 *   datasets: ['ylecun/mnist'],
 *   training: { steps: 4_685, 'batch size': 64, backend: 'wasm-train' },
 *   files: { model: 'generator/model.json', onnx: 'onnx/model.onnx' },
 * };
 * ```
 */
export interface ModelCardOptions {
  /** The generator of the card. */
  readonly generator: Generator;
  /** Name of the generator. */
  readonly name: string;
  /**
   * What it generates, and its intended use: a paragraph of Markdown.
   *
   * @defaultValue a sentence on its samples
   */
  readonly description?: string | undefined;
  /**
   * License of the weights by its short name on the Hub, such as `mit`. It is not guessed.
   *
   * @defaultValue none, and the card says so
   */
  readonly license?: string | undefined;
  /**
   * Datasets it was trained with, by their names on the Hub, such as `ylecun/mnist`.
   *
   * @defaultValue none, and the card says so
   */
  readonly datasets?: readonly string[] | undefined;
  /**
   * Training settings: numbers and strings by name, such as `{ steps: 4685, 'batch size': 64 }`.
   *
   * @defaultValue none, and the card says so
   */
  readonly training?: Readonly<Record<string, string | number>> | undefined;
  /**
   * Its evaluation.
   *
   * @defaultValue none, and the card says so
   */
  readonly evaluation?: ModelCardEvaluation | undefined;
  /**
   * Paths of its files relative to the card; the card shows how to use each.
   *
   * @defaultValue none
   */
  readonly files?:
    | {
        /** The file from `Generator.save`. */
        readonly model?: string | undefined;
        /** The file from `exportOnnx`. */
        readonly onnx?: string | undefined;
        /** The Python file from `exportTorch`, with its weights in the same folder. */
        readonly torch?: string | undefined;
      }
    | undefined;
  /**
   * Its limitations: a paragraph of Markdown.
   *
   * @defaultValue none, and the card says so
   */
  readonly limits?: string | undefined;
}

const action = 'write a model card';
/**
 * Writes the `README.md` of a published generator: front matter that the Hugging Face Hub reads,
 * inputs and samples, training, metrics with their standard deviation, and code to use its files.
 * Missing information is marked as missing, never guessed.
 *
 * @param options - The generator, and information about it.
 * @returns Markdown with YAML front matter.
 * @throws TypeError if an option is unknown or of the wrong kind; Error if the generator was
 *   disposed.
 *
 * @example The first lines of a card
 * ```ts
 * const card = writeModelCard({ generator, name: 'Digits', license: 'mit' });
 * console.log(card.split('\n').slice(0, 2)); // [ '---', 'license: "mit"' ]
 * ```
 *
 * @see {@link https://huggingface.co/docs/hub/model-cards}
 */
export function writeModelCard(options: ModelCardOptions): string {
  checkCard(options);
  const { generator, name, description, evaluation, training, limits } = options;
  const { license, datasets = [], files = {} } = options;
  const sections: [title: string, text: string | undefined, missing: string][] = [
    ['Model', modelText(generator), ''],
    ['Use', useText(generator, files), 'No files were named.'],
    [
      'Training data',
      datasets.length === 0 ? undefined : datasets.map((each) => `- ${each}`).join('\n'),
      'The training data were not named.',
    ],
    [
      'Training',
      training && table(['setting', 'value'], Object.entries(training)),
      'Settings of the training were not given.',
    ],
    [
      'Evaluation',
      evaluation && evaluationText(evaluation),
      'It was not evaluated: nothing here says how good the samples are.',
    ],
    ['Limits', limits, 'Limits were not described.'],
    ['License', license, 'No license was given: ask the authors before you use it.'],
  ];
  return [
    `---\n${yaml(frontMatter(options))}---`,
    `# ${name}`,
    description ?? `Makes ${samplesText(generator)}.`,
    ...sections.map(([title, text, missing]) => `## ${title}\n\n${text ?? missing}`),
    `Made with tfjs-gan ${libraryVersion}.\n`,
  ].join('\n\n');
}

function frontMatter({
  generator,
  name,
  license,
  datasets,
  evaluation,
}: ModelCardOptions): YamlValue {
  const inputs: readonly NetworkInput[] = Object.values(generator.inputs);
  const isUnconditional = generator.outputShape.length === 3 && !inputs.some(isCondition);
  // The Hub's task for such models; it has none for others.
  const task = isUnconditional ? 'unconditional-image-generation' : undefined;
  return {
    license,
    library_name: 'tfjs-gan',
    pipeline_tag: task,
    tags: ['gan', 'tensorflow.js'],
    datasets: datasets?.length === 0 ? undefined : datasets,
    'model-index': evaluation && [
      {
        name,
        results: [
          {
            task: { type: task ?? 'other' },
            dataset: { name: evaluation.dataset, type: datasets?.[0] ?? evaluation.dataset },
            metrics: Object.entries(evaluation.figures).map(([type, { mean }]) => ({
              type,
              value: mean,
            })),
          },
        ],
      },
    ],
  };
}

function modelText(generator: Generator): string {
  const weights = modelWeights(generator.model).map((weight) => weight.read().size);
  const rows = Object.entries(generator.inputs as Readonly<Record<string, NetworkInput>>).map(
    ([name, input], i) => {
      const { shape } = generator.model.inputs[i]!;
      const isLabels = isCondition(input) && input.classes !== undefined;
      return [
        name,
        isLabels ? '[batch]' : formatShape(['batch', ...shape.slice(1)] as never),
        meaningOf(input),
      ];
    },
  );
  const size = weights.reduce((sum, count) => sum + count, 0).toLocaleString('en-US');
  return `${size} weights. It makes ${samplesText(generator)}.\n\n${table(['input', 'shape', 'meaning'], rows)}`;
}

function meaningOf(input: NetworkInput): string {
  if (input.kind === 'latents') {
    return input.distribution === 'uniform'
      ? 'latents, uniform in −1…1'
      : 'latents, standard normal';
  }
  if (input.kind === 'tensor') return 'given';
  if (input.classes !== undefined) return `class labels 0 … ${input.classes - 1}`;
  if (input.categorical === undefined) return 'condition';
  return `codes: categorical of ${input.categorical.join(', ')} values, ${input.continuous} continuous in −1…1`;
}

function samplesText({ outputShape, valueRange }: Generator): string {
  const values =
    valueRange === undefined ? '' : ` in ${valueRange[0]}…${valueRange[1]}`.replace('-', '−');
  return `samples of shape ${formatShape(outputShape)}${values}`;
}

function evaluationText(evaluation: ModelCardEvaluation): string {
  const { figures, samples, realSamples, seeds, extractor, dataset } = evaluation;
  const rows = Object.entries(figures).map(([name, { mean, deviation }]) => [
    name,
    mean.toPrecision(4),
    deviation.toPrecision(2),
  ]);
  return (
    `${samples} samples against ${realSamples} of ${dataset}, features of ${extractor}, ` +
    `${seeds.length} seed${seeds.length === 1 ? '' : 's'}.\n\n${table(['figure', 'mean', 'standard deviation'], rows)}`
  );
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function checkCard(options: ModelCardOptions): void {
  checkOptions(action, options, [
    ...['generator', 'name', 'description', 'license', 'datasets', 'training', 'evaluation'],
    ...['files', 'limits'],
  ]);
  const { generator, name } = options;
  if (!(generator instanceof Generator)) {
    throw new TypeError(
      `Cannot ${action}: generator must be a Generator, got ${formatValue(generator)}`,
    );
  }
  generator.checkAlive(action);
  if (options.datasets !== undefined && !Array.isArray(options.datasets)) {
    throw new TypeError(
      `Cannot ${action}: datasets must be a list of texts, got ${formatValue(options.datasets)}`,
    );
  }
  const texts = { name, ...pickTexts(options) };
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text === 'string' && text.trim() !== '') continue;
    throw new TypeError(`Cannot ${action}: ${key} must be a text, got ${formatValue(text)}`);
  }
  if (options.files !== undefined)
    checkOptions(action, options.files, ['model', 'onnx', 'torch'], 'files');
  for (const key of ['training', 'evaluation'] as const) {
    const given = options[key];
    if (given === undefined || isRecord(given)) continue;
    throw new TypeError(`Cannot ${action}: ${key} must be an object, got ${formatValue(given)}`);
  }
  const figures: unknown = options.evaluation?.figures;
  if (options.evaluation !== undefined && !isRecord(figures)) {
    throw new TypeError(
      `Cannot ${action}: evaluation.figures must be an object, got ${formatValue(figures)}. Pass what evaluate returns`,
    );
  }
}

/** The optional texts that were given. */
function pickTexts(options: ModelCardOptions): Readonly<Record<string, unknown>> {
  const { description, license, limits, files = {}, datasets = [] } = options;
  const all = { description, license, limits, ...files };
  const named: [string, unknown][] = Object.entries(all).filter(([, text]) => text !== undefined);
  const listed = datasets.map((each, i): [string, unknown] => [`datasets[${i}]`, each]);
  return Object.fromEntries([...named, ...listed]);
}

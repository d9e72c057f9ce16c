import * as tf from '@tensorflow/tfjs';
import type { TableRow } from '../../codecs/table/table-row.ts';
import type { TableDataset } from '../../data/table/table-dataset.ts';
import { formatValue } from '../../core/format.ts';
import { evaluate, type Evaluation } from '../../metrics/evaluate.ts';
import type { FeatureExtractor } from '../../metrics/features/feature-extractor.ts';
import { featureExtractor } from '../../metrics/features/make-extractor.ts';
import { mnistFeatures } from '../../metrics/features/mnist.ts';
import { alignTables } from '../../metrics/table/aligned-tables.ts';
import { tableReport, type TableReport } from '../../metrics/table/table-report.ts';
import type { Generator } from '../../models/generator.ts';
import { TableGenerator } from '../../models/table/table-generator.ts';
import { writeFileWhole } from '../../platforms/node/write-file.ts';
import { drawTableReport } from '../../report/draw-table-report.ts';
import { bySubfolders, type DataSettings } from '../data/data-settings.ts';
import { findData } from '../data/find-data.ts';
import { readSamples, readTable } from '../data/read-data.ts';
import type { Output } from '../output.ts';
import type { BackendSettings } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { openModel, type OpenedModel } from './open-model.ts';

/** What a generator is compared with, and how. */
export interface JudgeSettings {
  /** DATA of real samples; those of the run if left out. */
  readonly data: string | undefined;
  readonly samples: number;
  readonly seeds: number;
  readonly features: 'mnist' | 'areas' | undefined;
  /** DATA of rows that a generator of a table has not seen. */
  readonly heldOut?: string | undefined;
  /** The column that is predicted in these. */
  readonly target?: string | undefined;
}

/** Figures of new samples beside real ones. */
export type Judgment =
  | { readonly kind: 'samples'; readonly report: Evaluation }
  | {
      readonly kind: 'table';
      readonly report: TableReport;
      readonly real: TableDataset;
      readonly rows: readonly TableRow[];
    };

const action = 'evaluate';

/** `npx tfjs-gan evaluate MODEL`: figures of new samples beside real ones. */
export async function evaluateModel({
  operands: [operand = ''],
  settings: flags,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: JudgeSettings & BackendSettings & { readonly page: string | undefined };
  readonly output: Output;
}): Promise<undefined> {
  const model = await openModel(action, operand, flags, output);
  try {
    const { page, heldOut, target } = flags;
    const ofTables = Object.entries({ page, 'held-out': heldOut, target });
    const given = ofTables.find(([, value]) => value !== undefined);
    if (given !== undefined && !(model.generator instanceof TableGenerator)) {
      throw new UsageError(
        `Cannot evaluate: --${given[0]} must be used with a generator of a table, got '${model.name}', which generates samples`,
      );
    }
    if (target !== undefined && heldOut === undefined) {
      throw new UsageError('Cannot evaluate: --target must be used with --held-out, got none');
    }
    const data = await dataOf(model, flags);
    if (flags.data === undefined && heldOut === undefined) {
      const flag = model.generator instanceof TableGenerator ? 'held-out' : 'data';
      output.note(
        `Comparing with the data of the run: held-out samples say more, --${flag} names them`,
      );
    }
    const judgment = await judge(model.generator, data, flags);
    const lines = judgment.kind === 'table' ? tableLines(judgment, flags) : figureLines(judgment);
    output.result({ event: 'done', ...judgment.report }, lines.join('\n'));
    if (judgment.kind === 'table' && page !== undefined) {
      await writeFileWhole(action, page, pageOf(judgment));
    }
  } finally {
    model.generator.dispose();
  }
}

/** Compares a generator with real samples. */
export async function judgeModel(model: OpenedModel, settings: JudgeSettings): Promise<Judgment> {
  return judge(model.generator, await dataOf(model, settings), settings);
}

async function judge(
  generator: OpenedModel['generator'],
  data: DataSettings,
  { features, samples, seeds, heldOut: operand, target }: JudgeSettings,
): Promise<Judgment> {
  if (generator instanceof TableGenerator) {
    const real = await readTable(data);
    if (target !== undefined && !real.columns.some(({ name }) => name === target)) {
      const known = real.columns.map(({ name }) => formatValue(name)).join(', ');
      throw new UsageError(`Cannot evaluate: --target must be one of ${known}, got '${target}'`);
    }
    const heldOut = operand === undefined ? undefined : await readHeldOut(operand, real);
    const rows = await generator.sample(samples, { seed: 0 });
    return { kind: 'table', report: tableReport(real, rows, { heldOut, target }), real, rows };
  }
  const dataset = await readSamples(data);
  const extractor = extractorOf(generator, features);
  const most = Math.min(samples, dataset.size ?? samples);
  const report = await evaluate(generator, dataset, { features: extractor, samples: most, seeds });
  return { kind: 'samples', report };
}

/** Rows with the kinds of the real ones: few of them may look like others. */
async function readHeldOut(operand: string, real: TableDataset): Promise<readonly TableRow[]> {
  const found = await findData(action, operand);
  if (found.kind !== 'table') {
    throw new UsageError(`Cannot evaluate: --held-out must be a table, got '${operand}'`);
  }
  const kinds = real.columns.map(
    ({ name, kind }) => [name, kind === 'constant' ? 'category' : kind] as const,
  );
  const table = await readTable(found, Object.fromEntries(kinds));
  return table.rows();
}

/** The real samples, in the shape of the generated ones. */
async function dataOf(
  { generator, run }: OpenedModel,
  { data: operand }: JudgeSettings,
): Promise<DataSettings> {
  if (operand === undefined) {
    if (run !== undefined) return { ...run.settings.data, flip: false };
    throw new UsageError(
      'Cannot evaluate: --data must name real samples for a saved generator, got none',
    );
  }
  const found = await findData(action, operand);
  const isTable = found.kind === 'table';
  if (isTable !== generator instanceof TableGenerator) {
    throw new UsageError(
      `Cannot evaluate: --data must be ${isTable ? 'pictures or arrays' : 'a table'} for this generator, got '${operand}'`,
    );
  }
  if (found.kind !== 'images') return found;
  const [height = 0, width = 0, channels = 0] = (generator as Generator).outputShape;
  const { labels, fit } = run?.settings.data ?? {};
  return {
    ...found,
    labels: labels === bySubfolders ? labels : undefined,
    fit,
    imageShape: [height, width, channels],
  };
}

function figureLines({ report }: Extract<Judgment, { kind: 'samples' }>): readonly string[] {
  const rows = Object.entries(report.figures).map(
    ([name, { mean, deviation }]) =>
      `${name.padEnd(16)} ${mean.toPrecision(4)} ± ${deviation.toPrecision(2)}`,
  );
  const head = `${report.samples} samples of ${report.seeds.length} seeds, ${report.realSamples} of ${report.dataset}, features ${report.extractor}`;
  return [head, ...rows];
}

/** Areas across a picture. */
const areas = 8;

function extractorOf(
  { outputShape }: Generator,
  wanted: JudgeSettings['features'],
): FeatureExtractor {
  const isDigit = outputShape.join() === '28,28,1';
  if (wanted === 'mnist' || (wanted === undefined && isDigit)) {
    if (isDigit) return mnistFeatures();
    throw new UsageError(
      `Cannot evaluate: --features mnist must be used with samples of 28×28×1, got ${outputShape.join('×')}`,
    );
  }
  if (outputShape.length !== 3) {
    return featureExtractor((samples) => tf.reshape(samples, [samples.shape[0], -1]), {
      name: 'values',
      inputShape: outputShape,
    });
  }
  const [height = 0, width = 0] = outputShape;
  const window: [number, number] = [Math.ceil(height / areas), Math.ceil(width / areas)];
  return featureExtractor(
    (samples) =>
      tf.reshape(tf.avgPool(samples as tf.Tensor4D, window, window, 'same'), [
        samples.shape[0],
        -1,
      ]),
    { name: `means of ${window.join('×')} pixels`, inputShape: outputShape },
  );
}

function pageOf({ report, real, rows }: Extract<Judgment, { kind: 'table' }>): string {
  const columns = alignTables('draw the table', ['real', 'synthetic'], [real, rows]);
  return drawTableReport({
    title: real.name,
    writtenAt: new Date().toISOString(),
    report,
    columns,
  });
}

function tableLines(
  { report, real }: Extract<Judgment, { kind: 'table' }>,
  { samples }: JudgeSettings,
): readonly string[] {
  const { shapes, trends, detection, privacy, usefulness } = report;
  const lines = [
    `${samples} rows beside ${real.size} of ${real.name}`,
    `column shapes    ${shapes.mean.toFixed(3)}   1 if each column has the same distribution`,
    `column pairs     ${trends.mean.toFixed(3)}   ${trends.independent.toFixed(3)} if columns were independent`,
    `detection        ${detection.score.toFixed(3)}   1 if a classifier cannot tell rows apart`,
    `copies           ${privacy.copies}   share of rows that are in the data`,
  ];
  const { heldOut } = privacy;
  if (heldOut !== undefined) {
    lines.push(
      `closer           ${heldOut.closerToTraining.toFixed(3)}   share of rows closer to the data than to held-out rows: about 0.5`,
    );
  }
  if (usefulness !== undefined) {
    const { synthetic, real: trained, majority, target } = usefulness;
    lines.push(
      `usefulness       ${synthetic.toFixed(3)}   accuracy of a tree that learns ${formatValue(target)} from these rows; ` +
        `${trained.toFixed(3)} from the data, ${majority.toFixed(3)} by the most frequent value`,
    );
  }
  return lines;
}

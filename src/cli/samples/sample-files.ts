import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { encodeCsv } from '../../data/table/encode-csv.ts';
import { encodeNpy } from '../../io/npy.ts';
import { encodeSafetensors } from '../../io/safetensors.ts';
import type { Generator } from '../../models/generator.ts';
import { TableGenerator } from '../../models/table/table-generator.ts';
import { saveImageGrid } from '../../platforms/node/save-image-grid.ts';
import { isPicture } from '../../io/picture.ts';
import { writeFileWhole } from '../../platforms/node/write-file.ts';
import type { Output } from '../output.ts';
import { openModel, type OpenedModel } from '../models/open-model.ts';
import type { BackendSettings } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { classInputOf, parseLabels, repeated } from './conditions-of.ts';
import { parseWhere } from './parse-where.ts';
import { savePicture } from './save-picture.ts';

/** Formats of samples. */
export type SampleFormat = 'grid' | 'png' | 'npy' | 'safetensors' | 'csv' | 'json';

/** The flags of `sample`. */
interface SampleFlags extends BackendSettings {
  readonly count: number | undefined;
  readonly seed: number;
  readonly format: SampleFormat | undefined;
  readonly out: string | undefined;
  readonly labels: string | undefined;
  readonly where: readonly string[];
  readonly columns: number | undefined;
  readonly scale: number;
}

const action = 'sample';

/** Formats by the ending of `--out`; a folder is for single pictures. */
const endings: readonly (readonly [ending: RegExp, format: SampleFormat])[] = [
  [/\.png$/i, 'grid'],
  [/\.npy$/i, 'npy'],
  [/\.safetensors$/i, 'safetensors'],
  [/\.csv$/i, 'csv'],
  [/\.json$/i, 'json'],
];

/** Files of pictures and films that are not written: otherwise a folder would have that name. */
const otherPictures = /\.(jpe?g|gif|webp|avif|bmp|tiff?|svg|mp4)$/i;

/** `npx tfjs-gan sample MODEL`: writes new samples. */
export async function sampleFiles({
  operands: [operand = ''],
  settings,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: SampleFlags;
  readonly output: Output;
}): Promise<undefined> {
  const model = await openModel(action, operand, settings, output);
  try {
    const { generator } = model;
    if (generator instanceof TableGenerator) await sampleRows(generator, settings, output);
    else await sampleTensors(generator, model, settings, output);
  } finally {
    model.generator.dispose();
  }
}

async function sampleRows(
  generator: TableGenerator,
  flags: SampleFlags,
  output: Output,
): Promise<void> {
  const { count = 100, seed, out } = flags;
  const format = formatOf(flags, 'csv', ['csv', 'json']);
  if (flags.labels !== undefined) {
    throw new UsageError(
      'Cannot sample: --labels must be used with pictures, got a table. Use --where COLUMN=VALUE',
    );
  }
  const where = parseWhere(action, flags.where, generator.columns);
  const rows = await generator.sample(count, { where, seed }).catch(asUsage);
  const text = format === 'csv' ? encodeCsv(rows) : `${JSON.stringify(rows, undefined, 2)}\n`;
  if (out !== undefined) {
    await writeFileWhole(action, out, text);
    output.result({ event: 'done', file: out, rows: rows.length }, `${out}: ${rows.length} rows`);
  } else if (output.json) {
    for (const row of rows) output.event({ event: 'row', row });
    output.event({ event: 'done', rows: rows.length });
  } else output.result({ event: 'rows' }, text.trimEnd());
}

async function sampleTensors(
  generator: Generator,
  { run, name }: OpenedModel,
  flags: SampleFlags,
  output: Output,
): Promise<void> {
  if (flags.where.length > 0) {
    throw new UsageError(
      'Cannot sample: --where must be used with a table, got other samples. Use --labels for classes',
    );
  }
  const isImage = isPicture(generator.outputShape);
  const numbers = ['npy', 'safetensors'] as const;
  const format = formatOf(
    flags,
    isImage ? 'grid' : 'npy',
    isImage ? ['grid', 'png', ...numbers] : numbers,
  );
  const { seed, scale, columns } = flags;
  const parsed =
    flags.labels === undefined
      ? undefined
      : parseLabels(action, flags.labels, generator, run?.settings.classNames);
  const usual = `${name}-samples`;
  const out =
    flags.out ??
    { grid: `${usual}.png`, png: usual, npy: `${usual}.npy`, safetensors: `${usual}.safetensors` }[
      format as 'grid'
    ];
  const count = flags.count ?? (format === 'grid' && parsed === undefined ? undefined : 64);
  const labels = parsed && repeated(parsed, count ?? 64);
  if (format === 'grid') {
    await savePicture(out, generator, { count, seed, scale, columns, labels });
    output.result({ event: 'done', file: out, seed }, `${out}: new samples of seed ${seed}`);
    return;
  }
  const input = classInputOf(generator);
  const conditions = labels === undefined || input === undefined ? {} : { [input.name]: labels };
  const samples = generator.sample(count ?? 64, { seed, ...conditions });
  try {
    const total = samples.shape[0];
    if (format === 'png') await savePngs(out, samples, generator, scale);
    else {
      const values = (await samples.data()) as Float32Array;
      const bytes =
        format === 'npy'
          ? encodeNpy(samples.shape, values)
          : encodeSafetensors({ samples: { shape: samples.shape, values } });
      await writeFileWhole(action, out, bytes);
    }
    output.result(
      { event: 'done', file: out, samples: total, seed },
      `${out}: ${total} samples of seed ${seed}`,
    );
  } finally {
    samples.dispose();
  }
}

/** One file for each sample. */
async function savePngs(
  folder: string,
  samples: tf.Tensor,
  generator: Generator,
  scale: number,
): Promise<void> {
  const { valueRange } = generator;
  const width = String(samples.shape[0] - 1).length;
  for (let i = 0; i < samples.shape[0]; i += 1) {
    const one = tf.slice(samples, i, 1);
    try {
      const file = join(folder, `${String(i).padStart(width, '0')}.png`);
      await saveImageGrid(file, one, { padding: 0, scale, ...(valueRange && { valueRange }) });
    } finally {
      one.dispose();
    }
  }
}

/** The requested format, the one that the name of the file says, or the usual one. */
function formatOf(
  { format, out }: SampleFlags,
  usual: SampleFormat,
  possible: readonly SampleFormat[],
): SampleFormat {
  const named = out === undefined ? undefined : endings.find(([ending]) => ending.test(out))?.[1];
  const chosen =
    format ?? named ?? (out === undefined || !possible.includes('png') ? usual : 'png');
  if (possible.includes(chosen) && !otherPictures.test(out ?? '')) return chosen;
  const from = format !== undefined && !possible.includes(format) ? format : `'${out ?? ''}'`;
  throw new UsageError(
    `Cannot sample: the format must be one of ${possible.join(', ')} for these samples, got ${from}`,
  );
}

/** A request that the columns cannot fulfill is the user's. */
function asUsage(error: unknown): never {
  if (error instanceof RangeError || error instanceof TypeError) {
    throw new UsageError(error.message, { cause: error });
  }
  throw error;
}

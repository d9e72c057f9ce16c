import { isPicture } from '../../io/picture.ts';
import { saveImageGrid } from '../../platforms/node/save-image-grid.ts';
import type { Output } from '../output.ts';
import { openModel, samplesOf } from '../models/open-model.ts';
import type { Generator } from '../../models/generator.ts';
import type { BackendSettings } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { classInputOf, parseLabels, repeated } from './conditions-of.ts';
import { savePicture } from './save-picture.ts';

interface GridFlags extends BackendSettings {
  readonly count: number | undefined;
  readonly columns: number | undefined;
  readonly scale: number;
  readonly seed: number;
  readonly labels: string | undefined;
  readonly out: string;
}

/** `npx tfjs-gan grid MODEL`: one picture of many samples. */
export async function drawGrid({
  operands: [operand = ''],
  settings,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: GridFlags;
  readonly output: Output;
}): Promise<undefined> {
  const { count, columns, scale, seed, labels, out } = settings;
  checkPng('grid', out);
  const model = await openModel('grid', operand, settings, output);
  const generator = picturesOf('grid', samplesOf('grid', model));
  try {
    const parsed =
      labels === undefined
        ? undefined
        : parseLabels('grid', labels, generator, model.run?.settings.classNames);
    await savePicture(out, generator, {
      count,
      seed,
      scale,
      columns,
      labels: parsed && repeated(parsed, count ?? 64),
    });
    output.result({ event: 'done', file: out, seed }, `${out}: new samples of seed ${seed}`);
  } finally {
    generator.dispose();
  }
}

interface InterpolateFlags extends BackendSettings {
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  readonly path: 'linear' | 'spherical' | undefined;
  readonly labels: string | undefined;
  readonly scale: number;
  readonly out: string;
}

/** `npx tfjs-gan interpolate MODEL`: one row of pictures from one sample to another. */
export async function drawInterpolation({
  operands: [operand = ''],
  settings,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: InterpolateFlags;
  readonly output: Output;
}): Promise<undefined> {
  const action = 'interpolate';
  const { from, to, steps, path, labels, scale, out } = settings;
  checkPng(action, out);
  if (steps < 2)
    throw new UsageError(`Cannot interpolate: --steps must be at least 2, got ${steps}`);
  const model = await openModel(action, operand, settings, output);
  const generator = picturesOf(action, samplesOf(action, model));
  try {
    const conditions = endLabels(labels, generator, model.run?.settings.classNames);
    const strip = generator.interpolate(from, to, { steps, ...(path && { path }), ...conditions });
    try {
      const { valueRange } = generator;
      await saveImageGrid(out, strip, { columns: steps, scale, ...(valueRange && { valueRange }) });
    } finally {
      strip.dispose();
    }
    output.result(
      { event: 'done', file: out },
      `${out}: ${steps} steps from seed ${from} to seed ${to}`,
    );
  } finally {
    generator.dispose();
  }
}

/** The classes at both ends: one for all steps, or two. */
function endLabels(
  text: string | undefined,
  generator: Generator,
  classNames: readonly string[] | undefined,
): Record<string, unknown> {
  const input = classInputOf(generator);
  if (text === undefined && input === undefined) return {};
  // The same class at both ends: two drawn ones would say less of the latents.
  const labels = text === undefined ? [0] : parseLabels('interpolate', text, generator, classNames);
  if (labels.length > 2) {
    throw new UsageError(
      `Cannot interpolate: --labels must be one class, or two, got ${labels.length}`,
    );
  }
  return { [input!.name]: labels.length === 1 ? labels[0] : labels };
}

function picturesOf(action: string, generator: Generator): Generator {
  if (isPicture(generator.outputShape)) return generator;
  generator.dispose();
  throw new UsageError(
    `Cannot ${action}: MODEL must generate pictures, got samples of ${generator.outputShape.join('×')} numbers. Use npx tfjs-gan sample`,
  );
}

function checkPng(action: string, out: string): void {
  if (/\.png$/i.test(out)) return;
  throw new UsageError(
    `Cannot ${action}: --out must be the name of a .png file, got '${out.slice(0, 80)}'`,
  );
}

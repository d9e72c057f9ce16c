import { resolve } from 'node:path';
import { messageOf } from '../../core/realms.ts';
import { inspectImages, type ImageInspection } from '../../platforms/node/inspect-images.ts';
import { listPictures } from '../../platforms/node/list-pictures.ts';
import type { Output } from '../output.ts';
import { bySubfolders, type DataSettings } from '../data/data-settings.ts';
import type { FoundData } from '../data/find-data.ts';
import { readSamples } from '../data/read-data.ts';
import { UsageError } from '../usage-error.ts';
import type { PresetName, RunSettings } from './run-settings.ts';
import { sayLeftOut, sayPictures } from './say-pictures.ts';

/** What the flags of `train` say about the data and the networks. */
export interface PlanRequest {
  readonly preset: 'auto' | 'conditional' | PresetName;
  readonly minutes: number;
  readonly size: number | undefined;
  readonly channels: '1' | '3' | undefined;
  readonly labels: string | undefined;
  readonly augment: 'auto' | RunSettings['augment'];
  readonly flip: boolean;
  readonly limit: number | undefined;
  readonly batchSize: number | undefined;
}

/** What was decided for a run. */
export type RunPlan = Pick<
  RunSettings,
  'data' | 'preset' | 'sampleShape' | 'classes' | 'classNames' | 'augment' | 'batchSize'
>;

/** Most pictures that are looked at before training. */
const mostInspected = 2000;

/** Sides that networks halve well, the largest first; larger ones take hours on a CPU. */
const sides = [64, 48, 32, 28, 16] as const;

/**
 * Largest side for a run of less than half an hour: 64×64 takes about five times as long as 32×32.
 */
const quickSide = 32;

/** Below this, discriminators memorize the pictures within minutes (docs/results/few-images.md). */
const fewPictures = 1000;

/** Bytes of pixels above which pictures are read for each batch anew. */
const muchMemory = 2 ** 30;

/** Looks at the data, says what it saw, and decides what the flags leave open. */
export async function planRun(
  found: FoundData,
  request: PlanRequest,
  output: Output,
): Promise<RunPlan> {
  const plan =
    found.kind === 'images'
      ? await planPictures(found, request, output)
      : await planFile(found, request);
  const { preset, augment, batchSize, sampleShape, classes } = plan;
  output.result(
    { event: 'plan', preset, augment, batchSize, sampleShape, classes },
    `Training ${planText(plan)}`,
  );
  return plan;
}

async function planPictures(
  found: FoundData,
  request: PlanRequest,
  output: Output,
): Promise<RunPlan> {
  const { path } = found;
  if (request.preset === 'ctgan') {
    throw new UsageError(
      'Cannot train: --preset must be one for samples with pictures, got ctgan, which learns tables',
    );
  }
  const labels = await labelsOf(path, request.labels);
  const options = { labels, others: 'list' } as const;
  const { files, classNames } = await listPictures('train', path, options).catch(asWrongUse);
  const seen = await inspectImages(path, { labels, limit: mostInspected });
  // Without those that reading skips: a batch must not be larger than what is left.
  const total = Math.min(files.length - seen.unusable.length, request.limit ?? Infinity);
  sayPictures(seen, files.length, classNames, output);
  await sayLeftOut(path, labels, output);
  if (seen.count === 0)
    throw new Error(
      `Cannot train: no picture of '${path}' can be used. ${seen.unusable[0]?.error.message ?? ''}`,
    );
  const imageShape = shapeOf(seen, request);
  const isConditional = classNames !== undefined && isForClasses(request.preset);
  const isMixed = seen.modes.transparent > 0 || isSpread(seen);
  const bytes = total * imageShape[0] * imageShape[1] * imageShape[2];
  const data: DataSettings = {
    ...found,
    labels: labels === 'subfolders' ? bySubfolders : undefined,
    imageShape,
    fit: isMixed ? 'contain' : 'cover',
    flip: request.flip,
    limit: request.limit,
    onDemand: bytes > muchMemory,
  };
  checkClassesWanted(request, classNames?.length);
  return {
    data,
    preset: presetOf(request, 'dcgan'),
    sampleShape: imageShape,
    classes: isConditional ? classNames.length : undefined,
    classNames: isConditional ? classNames : undefined,
    augment: augmentOf(request, total),
    batchSize: batchSizeOf(request, total, 32),
  };
}

/** A folder without pictures is not the one that was meant. */
function asWrongUse(error: unknown): never {
  const message = messageOf(error).replace("Pass labels: 'subfolders'", 'Pass --labels subfolders');
  throw new UsageError(message, { cause: error });
}

/** Whether classes are used: the preset `dcgan` by name is without. A function may ignore them. */
function isForClasses(preset: PlanRequest['preset']): boolean {
  return preset === 'auto' || preset === 'conditional' || preset === 'own';
}

function presetOf({ preset }: PlanRequest, usual: PresetName): PresetName {
  return preset === 'auto' || preset === 'conditional' ? usual : preset;
}

function checkClassesWanted({ preset }: PlanRequest, classes: number | undefined): void {
  if (preset !== 'conditional' || classes !== undefined) return;
  throw new UsageError(
    'Cannot train: --preset conditional must have classes, got data without. ' +
      'Put the pictures of each class in a subfolder, or pass --labels FILE for .npy and IDX data',
  );
}

/** Whether the classes are subfolders: if it was requested, or if there are pictures only there. */
async function labelsOf(
  path: string,
  requested: string | undefined,
): Promise<'none' | 'subfolders'> {
  if (requested === 'none' || requested === bySubfolders) return requested;
  if (requested !== undefined) {
    throw new UsageError(
      `Cannot train: --labels must be none or subfolders for a folder, got '${requested.slice(0, 80)}'`,
    );
  }
  const isIn = (labels: 'none' | 'subfolders'): Promise<boolean> =>
    listPictures('train', path, { labels, others: 'list' }).then(
      () => true,
      () => false,
    );
  return !(await isIn('none')) && (await isIn('subfolders')) ? 'subfolders' : 'none';
}

/**
 * Whether some pictures are wide and others high, so that cropping to one shape would lose much.
 */
function isSpread({ sizes }: ImageInspection): boolean {
  const ratios = sizes.map(({ width, height }) => width / height);
  return Math.max(...ratios) / Math.min(...ratios) > 1.5;
}

function shapeOf(
  { sizes, modes }: ImageInspection,
  { size, channels, minutes }: PlanRequest,
): [number, number, number] {
  const depth = channels === undefined ? (modes.color === 0 ? 1 : 3) : Number(channels);
  if (size !== undefined) return [size, size, depth];
  const most = minutes < 30 ? quickSide : sides[0];
  const [first] = sizes;
  const fits = (side: number): boolean => side % 4 === 0 && side >= 16 && side <= most;
  if (first !== undefined && sizes.length === 1 && fits(first.height) && fits(first.width)) {
    return [first.height, first.width, depth];
  }
  const smaller = sizes
    .flatMap(({ width, height, count }) => Array<number>(count).fill(Math.min(width, height)))
    .sort((a, b) => a - b);
  const usual = smaller[Math.floor(smaller.length / 2)] ?? 0;
  const side = sides.find((one) => one <= Math.min(usual, most)) ?? sides.at(-1)!;
  return [side, side, depth];
}

function augmentOf({ augment }: PlanRequest, count: number): RunSettings['augment'] {
  if (augment !== 'auto') return augment;
  return count < fewPictures ? 'diff' : 'none';
}

function batchSizeOf({ batchSize }: PlanRequest, count: number, usual: number): number {
  if (batchSize !== undefined && batchSize > count) {
    throw new UsageError(
      `Cannot train: --batch-size must be at most the number of samples, ${count}, got ${batchSize}`,
    );
  }
  return batchSize ?? Math.max(1, Math.min(usual, count));
}

/** A table, or an array in a file. */
async function planFile(found: FoundData, request: PlanRequest): Promise<RunPlan> {
  const isTable = found.kind === 'table';
  checkFileRequest(found, request);
  // Absolute, because a run may be resumed from another folder.
  const isFile = request.labels !== undefined && request.labels !== 'none';
  const labels = isFile ? resolve(request.labels) : undefined;
  const data: DataSettings = { ...found, labels, flip: request.flip, limit: request.limit };
  const dataset = await readSamples(data);
  const size = dataset.size ?? 0;
  if (isTable) {
    // Whole packs of ten rows: what stands over would be dropped.
    const usual = Math.max(10, Math.min(500, 10 * Math.floor(size / 20)));
    const batchSize = request.batchSize === undefined ? usual : batchSizeOf(request, size, usual);
    return { data, preset: 'ctgan', augment: 'none', batchSize };
  }
  const { sampleShape } = dataset;
  const isImage = sampleShape.length === 3;
  const isConditional =
    dataset.classes !== undefined &&
    isForClasses(request.preset) &&
    (request.preset === 'conditional' || labels !== undefined);
  checkClassesWanted(request, dataset.classes);
  return {
    data,
    preset: presetOf(request, isImage ? 'dcgan' : 'mlp'),
    sampleShape,
    classes: isConditional ? dataset.classes : undefined,
    augment: isImage ? augmentOf(request, size) : 'none',
    batchSize: batchSizeOf(request, size, isImage ? 32 : 64),
  };
}

function checkFileRequest({ kind }: FoundData, request: PlanRequest): void {
  const given = (['size', 'channels'] as const).find((name) => request[name] !== undefined);
  if (given !== undefined) {
    throw new UsageError(
      `Cannot train: --${given} must be used with a folder of pictures, got ${kind}`,
    );
  }
  const isTable = kind === 'table';
  const isIgnored = isTable && (request.flip || !['auto', 'none'].includes(request.augment));
  if (isIgnored) {
    throw new UsageError(
      'Cannot train: --flip and --augment must be used with pictures, got a table',
    );
  }
  if (isTable && request.preset === 'own') {
    throw new UsageError(
      'Cannot train: gan must be left out of the settings for a table, which CTGAN learns, got a function',
    );
  }
  const fits = isTable === (request.preset === 'ctgan') || request.preset === 'auto';
  if (!fits) {
    const wanted = isTable ? 'auto or ctgan' : 'one for samples';
    throw new UsageError(
      `Cannot train: --preset must be ${wanted} with this data, got ${request.preset}`,
    );
  }
  if (request.labels === bySubfolders || (isTable && request.labels !== undefined)) {
    throw new UsageError(
      `Cannot train: --labels must be ${isTable ? 'left out for a table' : 'none or a file of labels'}, got '${request.labels}'`,
    );
  }
}

function planText({ preset, sampleShape, classes, augment, batchSize, data }: RunPlan): string {
  const parts = [
    preset,
    ...(sampleShape === undefined ? [] : [`samples of ${sampleShape.join('×')}`]),
    ...(classes === undefined ? [] : [`${classes} classes`]),
    ...(data.fit === 'contain' ? ['pictures fitted in whole'] : []),
    ...(augment === 'none' ? [] : [`augmentation ${augment}`]),
    ...(data.flip === true ? ['mirrored pictures'] : []),
    `batches of ${batchSize}`,
  ];
  return parts.join(', ');
}

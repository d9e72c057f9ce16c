import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { kerasFile } from '../../import/keras-file.ts';
import { refusePickle } from '../../import/refuse-pickle.ts';
import { setTorchWeights } from '../../import/set-torch-weights.ts';
import { buildModel, disposeWeights } from '../../models/build-model.ts';
import { Generator } from '../../models/generator.ts';
import { fileHandler } from '../../platforms/node/file-handler.ts';
import { reasonOf } from '../../platforms/node/write-file.ts';
import type { Output } from '../output.ts';
import { type BackendSettings, startBackend } from '../start-backend.ts';
import { UsageError } from '../usage-error.ts';
import { openModel, samplesOf } from './open-model.ts';

interface ImportFlags extends BackendSettings {
  readonly like: string | undefined;
  readonly out: string | undefined;
  readonly latents: 'normal' | 'uniform';
  readonly overwrite: boolean;
}

/** `npx tfjs-gan import FILE`: a folder that `sample`, `export` and the others take. */
export async function importModel({
  operands: [file = ''],
  settings,
  given,
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: ImportFlags;
  readonly given: ReadonlySet<string>;
  readonly output: Output;
}): Promise<undefined> {
  const kind = extname(file).toLowerCase();
  const { like } = settings;
  const isKeras = kind === '.keras' || kind === '.h5' || kind === '.hdf5';
  if (!isKeras && !['.safetensors', '.pt', '.pth'].includes(kind)) {
    throw new UsageError(
      `Cannot import: FILE must be a .keras, .h5 or .safetensors file, got '${file.slice(0, 80)}'`,
    );
  }
  if (isKeras && like !== undefined) {
    throw new UsageError('Cannot import: --like is for .safetensors, a Keras file has its layers');
  }
  if (!isKeras && given.has('latents')) {
    throw new UsageError(
      'Cannot import: --latents is for Keras files, others have those of --like',
    );
  }
  const folder = settings.out ?? basename(file, extname(file));
  if (!settings.overwrite && existsSync(join(folder, 'model.json'))) {
    throw new UsageError(
      `Cannot import: '${folder}' must not hold a model yet. Pass --out FOLDER, or --overwrite`,
    );
  }
  const bytes = await read(file);
  if (!isKeras) refusePickle(bytes, file);
  const generator = isKeras
    ? await fromKeras(bytes, file, settings, output)
    : await fromTorch(bytes, settings, output);
  try {
    await generator.save(fileHandler(folder));
    const { latentSize, outputShape, valueRange } = generator;
    const range = valueRange === undefined ? 'unknown range' : `range ${valueRange.join('…')}`;
    output.result(
      { event: 'model', folder, latentSize, outputShape, valueRange: valueRange ?? null },
      `${folder}: ${latentSize} latents (${generator.latentDistribution}) to samples [${outputShape.join(', ')}], ${range}`,
    );
    output.event({ event: 'done', folder });
  } finally {
    generator.dispose();
  }
}

async function fromKeras(
  bytes: Uint8Array,
  file: string,
  settings: ImportFlags,
  output: Output,
): Promise<Generator> {
  await startBackend(settings, output);
  const model = await buildModel(await kerasFile(bytes, file).load!(), `'${file}'`);
  try {
    return new Generator({ model, latentDistribution: settings.latents, ownsModel: true });
  } catch (error) {
    disposeWeights(model);
    throw error;
  }
}

async function fromTorch(
  bytes: Uint8Array,
  settings: ImportFlags,
  output: Output,
): Promise<Generator> {
  const { like } = settings;
  if (like === undefined) {
    throw new UsageError(
      'Cannot import: safetensors has weights, but no layers. Pass --like with a run or a model that has the layers',
    );
  }
  const generator = samplesOf('import', await openModel('import', like, settings, output));
  try {
    setTorchWeights(generator, bytes);
    return generator;
  } catch (error) {
    generator.dispose();
    throw error;
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    const reason = reasonOf(error);
    throw new UsageError(`Cannot import: FILE must be readable, got '${file}' (${reason})`, {
      cause: error,
    });
  }
}

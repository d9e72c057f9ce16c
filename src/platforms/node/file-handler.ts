import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { DataFormatError } from '../../core/errors.ts';
import { isMissing, reasonOf, writeFileWhole } from './write-file.ts';

/**
 * Saves and loads tfjs models in a folder: `model.json` with the layers, `weights.bin` with the numbers.
 *
 * The files are those of tfjs-node, so models go back and forth between the two and load over http in the browser.
 * Importing `tfjs-gan/node` makes TensorFlow.js use it for `file://` addresses; call it for a path that is none.
 *
 * Each file is replaced in one step: what was there before stays whole until then.
 *
 * @param path - The folder. For loading, the name of the `.json` file does as well.
 * @returns The handler, for `save` and `load` of any tfjs model.
 *
 * @example Without an address
 * ```ts no-run
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * await model.save(fileHandler('models/a'));
 * const again = await tf.loadLayersModel(fileHandler('models/a'));
 * ```
 */
export function fileHandler(path: string): FileHandler {
  return { save: (artifacts) => save(path, artifacts), load: () => load(path) };
}

/**
 * What {@link fileHandler} returns: a `tf.io.IOHandler` that can both save and load.
 *
 * @example A generator in a folder whose path is no address
 * ```ts
 * const handler: FileHandler = fileHandler('models/my digits');
 * await generator.save(handler);
 * const again = await Generator.load(handler);
 * console.log(again.latentSize); // 8
 * ```
 */
export interface FileHandler {
  /** Writes the files of a model. */
  readonly save: tf.io.SaveHandler;
  /** Reads the files of a model. */
  readonly load: tf.io.LoadHandler;
}

async function save(folder: string, artifacts: tf.io.ModelArtifacts): Promise<tf.io.SaveResult> {
  const asked = 'save the model';
  if (folder === '') throw new RangeError(`Cannot ${asked}: the path must name a folder, got ''`);
  if (artifacts.modelTopology instanceof ArrayBuffer) {
    throw new TypeError(`Cannot ${asked}: its topology must be JSON, got a binary graph`);
  }
  const { weightSpecs, weightData, ...rest } = artifacts;
  const model: Partial<tf.io.ModelJSON> = {
    ...pick(rest),
    weightsManifest:
      weightSpecs === undefined ? [] : [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  // Weights first: a model.json never stands there without what it names.
  if (weightSpecs !== undefined) {
    const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData ?? []));
    await writeFileWhole(asked, join(folder, 'weights.bin'), bytes);
  }
  await writeFileWhole(asked, join(folder, 'model.json'), JSON.stringify(model));
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

/** What goes into model.json beside the weights. */
const kept = [
  'modelTopology',
  'format',
  'generatedBy',
  'convertedBy',
  'trainingConfig',
  'signature',
  'userDefinedMetadata',
  'modelInitializer',
  'initializerSignature',
] as const;

function pick(source: tf.io.ModelArtifacts | tf.io.ModelJSON): Partial<tf.io.ModelJSON> {
  return Object.fromEntries(
    kept.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]]])),
  );
}

async function load(path: string): Promise<tf.io.ModelArtifacts> {
  const file = (await isFolder(path)) ? join(path, 'model.json') : path;
  const model = parse(file, (await read(file)).toString('utf8'));
  const artifacts: tf.io.ModelArtifacts = pick(model);
  const groups = model.weightsManifest ?? [];
  if (groups.length === 0) return artifacts;
  const weightSpecs: tf.io.WeightsManifestEntry[] = [];
  const shards: ArrayBuffer[] = [];
  for (const group of groups) {
    const paths = group.paths.map((name) => join(dirname(file), name));
    const parts = await Promise.all(paths.map(read));
    const got = parts.reduce((sum, shard) => sum + shard.length, 0);
    const wanted = weightBytes(group.weights);
    if (wanted !== undefined && got !== wanted) {
      throw new DataFormatError(
        'model.json',
        `Cannot load the model: ${paths.map((name) => `'${name}'`).join(', ')} must have ${wanted} bytes, ` +
          `as '${file}' says, got ${got}. ` +
          (got < wanted ? 'The file may be cut short' : 'The two may not belong together'),
      );
    }
    weightSpecs.push(...group.weights);
    for (const shard of parts) shards.push(exactBuffer(shard));
  }
  return {
    ...artifacts,
    weightSpecs,
    weightData: shards.length === 1 ? (shards[0] ?? []) : shards,
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): Error {
  const message = isMissing(error)
    ? `Cannot load the model: '${path}' does not exist`
    : `Cannot load the model: '${path}' must be readable, got ${reasonOf(error)}`;
  return new Error(message, { cause: error });
}

function parse(file: string, text: string): tf.io.ModelJSON {
  const refuse = (what: string, cause?: unknown): DataFormatError =>
    new DataFormatError('model.json', `Cannot load the model: '${file}' must be ${what}`, {
      cause,
    });
  let model: tf.io.ModelJSON;
  try {
    model = JSON.parse(text) as tf.io.ModelJSON;
  } catch (error) {
    throw refuse('JSON, got text that does not parse. The file may be cut short', error);
  }
  const groups: unknown = model?.weightsManifest ?? [];
  const isModel = model?.modelTopology !== undefined || model?.weightsManifest !== undefined;
  if (!isModel) throw refuse('the model.json of TensorFlow.js, got JSON without modelTopology');
  const sound =
    Array.isArray(groups) &&
    groups.every(
      ({ paths, weights }: Partial<tf.io.WeightsManifestConfig[number]>) =>
        Array.isArray(paths) && Array.isArray(weights),
    );
  if (!sound) throw refuse('the model.json of TensorFlow.js, got a weightsManifest without paths');
  return model;
}

const bytesOf: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/** How many bytes weights take in a file; `undefined` where text among them makes it their own affair. */
function weightBytes(weights: readonly tf.io.WeightsManifestEntry[]): number | undefined {
  let sum = 0;
  for (const { shape, dtype, quantization } of weights) {
    const bytes = bytesOf[quantization?.dtype ?? dtype];
    if (bytes === undefined) return undefined;
    sum += bytes * shape.reduce((product, side) => product * side, 1);
  }
  return sum;
}

/** Small files share Node's pool: a model must not. */
function exactBuffer({ buffer, byteOffset, byteLength }: Buffer): ArrayBuffer {
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}

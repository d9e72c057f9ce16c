import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { isArrayBuffer } from '../../core/realms.ts';
import { modelJsonParts, readModelFiles } from '../../models/model-files.ts';
import { checkPath } from './check-path.ts';
import { isMissing, reasonOf, writeFileWhole } from './write-file.ts';

/**
 * Saves and loads tfjs models in a folder: `model.json` with the layers, `weights.bin` with the
 * weights.
 *
 * The format is that of tfjs-node, so both can read each other's models, and browsers can load them
 * over http. Importing `tfjs-gan/node` registers this handler for `file://` addresses in
 * TensorFlow.js. The path is what follows `file://`: `file://model` and `file://./out/model` are
 * relative to the working directory, `file:///runs/model` and `file:///C:/runs/model` are absolute.
 * As in any URL, `%20` is a space and `%23` is `#`; a space, `#`, `?`, and a `%` that is not
 * followed by two hexadecimal digits are literal. If a path contains `%` followed by such digits,
 * pass it to this function, or to `pathToFileURL` of `node:url`.
 *
 * Each file is replaced atomically: the previous version stays intact until then.
 *
 * @param path - The folder, as a path or a `file:` address. For loading, the `.json` file is
 * accepted as well.
 * @returns The handler, for `save` and `load` of any tfjs model.
 * @throws RangeError if the path is empty, or another kind of address.
 *
 * @example Without an address
 * ```ts no-run
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * await model.save(fileHandler('models/a'));
 * const again = await tf.loadLayersModel(fileHandler('models/a'));
 * ```
 */
export function fileHandler(path: string | URL): FileHandler {
  const folder = checkPath('save or load the model', path, 'path');
  return { save: (artifacts) => save(folder, artifacts), load: () => load(folder) };
}

/**
 * What {@link fileHandler} returns: a `tf.io.IOHandler` that can both save and load.
 *
 * @example A folder whose path is not a valid address
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
  const action = 'save the model';
  if (isArrayBuffer(artifacts.modelTopology)) {
    throw new TypeError(`Cannot ${action}: its topology must be JSON, got a binary graph`);
  }
  const { weightSpecs, weightData, ...rest } = artifacts;
  const model: Partial<tf.io.ModelJSON> = {
    ...modelJsonParts(rest),
    weightsManifest:
      weightSpecs === undefined ? [] : [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  // Weights first: model.json must never exist without the files it names.
  if (weightSpecs !== undefined) {
    const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join([weightData ?? []].flat()));
    await writeFileWhole(action, join(folder, 'weights.bin'), bytes);
  }
  await writeFileWhole(action, join(folder, 'model.json'), JSON.stringify(model));
  return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
}

async function load(path: string): Promise<tf.io.ModelArtifacts> {
  const file = (await isFolder(path)) ? join(path, 'model.json') : path;
  return readModelFiles(file, { read, beside: (name) => join(dirname(file), name) });
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

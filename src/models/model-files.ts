import type { io } from '@tensorflow/tfjs';
import { DataFormatError } from '../core/errors.ts';
import { joinBytes } from '../core/join-bytes.ts';
import { decodeText } from '../core/text.ts';
import { byteLengthOf, checkNoPage, checkWeightBytes, checkWeightSpecs } from './weight-bytes.ts';

/** How the files of a model are read. @internal */
export interface ModelFolder {
  /** The bytes of a file. */
  readonly read: (file: string) => Promise<Uint8Array>;
  /** Resolves a file name in `model.json` to a location. */
  readonly beside: (name: string) => string;
}

const action = 'load the model';

/**
 * Reads `model.json` and its weight files, in any number of groups and parts.
 *
 * @param file - Location of `model.json`, for `read` and for messages.
 * @returns The model, its weights in one buffer.
 *
 * @internal
 */
export async function readModelFiles(
  file: string,
  { read, beside }: ModelFolder,
): Promise<io.ModelArtifacts> {
  const model = parse(file, await read(file));
  const groups = model.weightsManifest ?? [];
  const weightSpecs = groups.flatMap(({ weights }) => weights);
  checkWeightSpecs(action, `'${file}'`, weightSpecs);
  const artifacts: io.ModelArtifacts = modelJsonParts(model);
  if (groups.length === 0) return artifacts;
  const parts = await Promise.all(
    groups.map(async ({ paths, weights }) => {
      const files = paths.map(beside);
      const ofGroup = await Promise.all(files.map(read));
      ofGroup.forEach((part, i) => checkNoPage(action, `'${files[i]}'`, part));
      const names = { files: quoted(files), stated: `'${file}'` };
      checkWeightBytes(action, byteLengthOf(ofGroup), weights, names);
      return ofGroup;
    }),
  );
  // TensorFlow.js 4.22 finds a weight by dividing its offset by the length of the first part, which
  // is wrong for parts of different lengths: it receives a single part.
  return { ...artifacts, weightSpecs, weightData: joinBytes(parts.flat()).buffer };
}

function quoted(files: readonly string[]): string {
  return files.length === 0 ? 'no file' : files.map((file) => `'${file}'`).join(', ');
}

/** The content of model.json besides the weights. */
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

/** The content of `model.json` besides the weights, for a model. @internal */
export function modelJsonParts(source: io.ModelArtifacts | io.ModelJSON): Partial<io.ModelJSON> {
  return Object.fromEntries(
    kept.flatMap((key) => (source[key] === undefined ? [] : [[key, source[key]]])),
  );
}

function parse(file: string, bytes: Uint8Array): io.ModelJSON {
  checkNoPage(action, `'${file}'`, bytes);
  const refuse = (what: string, cause?: unknown): DataFormatError =>
    new DataFormatError('model.json', `Cannot ${action}: '${file}' must be ${what}`, { cause });
  let model: io.ModelJSON;
  try {
    model = JSON.parse(decodeText(bytes)) as io.ModelJSON;
  } catch (error) {
    throw refuse('JSON, got text that does not parse. The file may be truncated', error);
  }
  const groups: unknown = model?.weightsManifest ?? [];
  const isModel = model?.modelTopology !== undefined || model?.weightsManifest !== undefined;
  if (!isModel) throw refuse('the model.json of TensorFlow.js, got JSON without modelTopology');
  const isSound =
    Array.isArray(groups) &&
    groups.every(
      (group: Partial<io.WeightsManifestConfig[number]> | null) =>
        Array.isArray(group?.paths) &&
        group.paths.every((path) => typeof path === 'string') &&
        Array.isArray(group.weights),
    );
  if (!isSound)
    throw refuse('the model.json of TensorFlow.js, got a weightsManifest without paths');
  return model;
}

import * as tf from '@tensorflow/tfjs';
import { isRecord } from '../core/checks.ts';
import { DataFormatError } from '../core/errors.ts';
import { formatValue } from '../core/format.ts';
import { joinBytes } from '../core/join-bytes.ts';
import { isUint8Array, messageOf } from '../core/realms.ts';
import { decodeText } from '../core/text.ts';
import { buildLayers, disposeWeights } from '../models/build-model.ts';
import { takeSavedNames } from '../models/unique-names.ts';
import { checkSettings } from './keras/check-settings.ts';
import { type Hdf5Group, openHdf5 } from './keras/hdf5-file.ts';
import { type KerasPart, kerasTopology, layersIn } from './keras/keras-topology.ts';
import { placeLegacyWeights, type PlacedWeights, placeWeights } from './keras/place-weights.ts';
import { readZip } from './keras/read-zip.ts';
import { refusePickle } from './refuse-pickle.ts';

/**
 * A model that Keras saved, `.keras` or `.h5`, in place of an address:
 * `Generator.load(kerasFile(bytes))`, or `tf.loadLayersModel(kerasFile(bytes))` for any other
 * network.
 *
 * It reads what `model.save` of Keras 2 and 3 writes: sequential and functional models, and models
 * inside them, whose layers TensorFlow.js has. What TensorFlow.js would compute differently is
 * refused with the name of the layer. The model computes in 32-bit floats; the state of the
 * optimizer is left out.
 *
 * Requires the optional package `jsfive`: `npm install jsfive`.
 *
 * A generator with `tanh` at its end returns samples in −1…1, with `sigmoid` in 0…1, as
 * `generator.valueRange` says. Keras does not save the distribution of the latents: if it is not
 * normal, pass the model to `new Generator({ model, latentDistribution })`.
 *
 * @param bytes - The whole file; not modified.
 * @param name - Name of the data in errors: usually the file's name.
 * @returns A handler whose `load` throws DataFormatError if the file is damaged, has weights alone
 * or something that TensorFlow.js does not have, and Error if `jsfive` is not installed. It leaks
 * no tensor.
 * @throws TypeError if `bytes` is not a Uint8Array.
 *
 * @example Sixteen images from a generator that was trained in Keras
 * ```ts no-run
 * const response = await fetch('generator.keras');
 * const generator = await Generator.load(kerasFile(new Uint8Array(await response.arrayBuffer())));
 * const images = generator.sample(16, { seed: 1 });
 * console.log(images.shape, generator.valueRange);
 * images.dispose();
 * ```
 *
 * @example A conditional generator: the caller knows what its inputs are
 * ```ts no-run
 * const bytes = new Uint8Array(await (await fetch('generator.h5')).arrayBuffer());
 * const model = await tf.loadLayersModel(kerasFile(bytes, 'generator.h5'));
 * const painter = new Generator({ model, inputs: { latents: 100, labels: { classes: 10 } }, ownsModel: true });
 * painter.sample(4, { labels: 3 }).dispose();
 * painter.dispose();
 * ```
 *
 * @see {@link https://keras.io/guides/serialization_and_saving/}
 */
export function kerasFile(bytes: Uint8Array, name = 'the Keras file'): tf.io.IOHandler {
  if (!isUint8Array(bytes)) {
    throw new TypeError(
      `Cannot read ${name}: bytes must be a Uint8Array, got ${formatValue(bytes)}`,
    );
  }
  return { load: () => readModel(bytes, name) };
}

/** What a file has: the layers, and where the weights are. */
interface KerasContent {
  readonly config: string;
  readonly version: string;
  /** How many numbers the arrays of the file have. */
  readonly numbers: number;
  readonly place: (model: tf.LayersModel, part: KerasPart) => PlacedWeights;
}

async function readModel(bytes: Uint8Array, file: string): Promise<tf.io.ModelArtifacts> {
  const { config, version, numbers, place } = await contentOf(bytes, file);
  const options = { file, isKeras3: Number.parseInt(version, 10) >= 3 };
  const part = kerasTopology(parse(config, file), options);
  // Only the built layers know the names and shapes of their weights.
  const model = await buildLayers(part, file, numbers);
  try {
    checkLayers(model, part, options);
    takeSavedNames(model, new Set());
    const placed = [...place(model, part)];
    const weightData = joinBytes(
      placed.map(([, { values }]) => new Uint8Array(values.buffer)),
    ).buffer;
    return {
      modelTopology: { ...part, keras_version: '2', backend: 'tensorflow' },
      format: 'layers-model',
      generatedBy: `Keras ${version}`,
      weightSpecs: placed.map(([{ originalName }, { shape }]) => ({
        name: originalName,
        shape: [...shape],
        dtype: 'float32',
      })),
      weightData,
    };
  } finally {
    disposeWeights(model);
  }
}

function checkLayers(
  model: tf.LayersModel,
  part: KerasPart,
  options: { readonly file: string; readonly isKeras3: boolean },
): void {
  for (const child of layersIn(part) ?? []) {
    const layer = model.layers.find(({ name }) => name === child.config['name']);
    if (layer instanceof tf.LayersModel) checkLayers(layer, child, options);
    else if (layer !== undefined) checkSettings(layer, child, options);
  }
}

async function contentOf(bytes: Uint8Array, file: string): Promise<KerasContent> {
  refusePickle(bytes, file);
  const start = String.fromCharCode(...bytes.subarray(0, 8));
  if (start === '\u0089HDF\r\n\u001a\n') return legacyContent(await openHdf5(bytes, file), file);
  if (start.startsWith('PK')) return zippedContent(bytes, file);
  throw refuse(
    file,
    `it must be a .keras or .h5 file, got bytes that begin differently. A SavedModel is a folder: load it in Keras, and save it as model.save('model.keras')`,
  );
}

/** `.h5`, as Keras 2 wrote it and Keras 3 still does. */
function legacyContent(root: Hdf5Group, file: string): KerasContent {
  const config = root.text('model_config');
  const weights = root.group('model_weights');
  if (config === undefined || weights === undefined) {
    throw refuse(
      file,
      "it must have the layers of the model, got weights alone. Save the whole model: model.save('model.keras')",
    );
  }
  return {
    config,
    version: root.text('keras_version') ?? '2',
    numbers: weights.numbers,
    place: (model) => placeLegacyWeights(model, weights, file),
  };
}

/** `.keras`: a zip of the layers, the weights, and the version. */
async function zippedContent(bytes: Uint8Array, file: string): Promise<KerasContent> {
  const wanted = ['config.json', 'metadata.json', 'model.weights.h5'];
  let files: Readonly<Record<string, Uint8Array>>;
  try {
    files = readZip(bytes, wanted);
  } catch (error) {
    throw refuse(
      file,
      `it must be a valid zip, got "${messageOf(error)}". It is truncated or damaged`,
      error,
    );
  }
  const [config, metadata, weights] = wanted.map((name) => files[name]);
  if (config === undefined || weights === undefined) {
    const found = Object.keys(files).join(', ') || 'neither';
    throw refuse(file, `a .keras file must contain config.json and model.weights.h5, got ${found}`);
  }
  const about = metadata === undefined ? {} : parse(decodeText(metadata), file);
  const version = isRecord(about) ? about['keras_version'] : undefined;
  const group = await openHdf5(weights, `${file} (model.weights.h5)`);
  return {
    config: decodeText(config),
    version: typeof version === 'string' ? version : '3',
    numbers: group.numbers,
    place: (model, part) => placeWeights(model, part, group, file),
  };
}

function parse(json: string, file: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw refuse(
      file,
      'the description of its layers must be JSON, got text that does not parse',
      error,
    );
  }
}

function refuse(file: string, fault: string, cause?: unknown): DataFormatError {
  return new DataFormatError('Keras', `Cannot read ${file}: ${fault}`, { cause });
}

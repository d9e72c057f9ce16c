import * as tf from '@tensorflow/tfjs';
import { DataFormatError } from '../core/errors.ts';
import { formatValue } from '../core/format.ts';
import { joinBytes } from '../core/join-bytes.ts';
import { isError } from '../core/realms.ts';
import { registerLayers } from '../layers/register-layers.ts';
import { limitingWeights, registeredClass } from '../tfjs-internals/layer-classes.ts';
import { freeingVariables } from '../tfjs-internals/variable-registry.ts';
import { takeSavedNames } from './unique-names.ts';
import { byteLengthOf, checkNoPage, checkWeightBytes, checkWeightSpecs } from './weight-bytes.ts';

const action = 'load a generator';

/**
 * Builds a model and its weights from the artifacts of a handler. Saved training state is ignored.
 *
 * Replaces `tf.loadLayersModel`, which leaks tensors when it fails, accepts weights of any length,
 * and keeps random weights if there are none.
 *
 * @param artifacts - What the handler loaded.
 * @param name - Name of the model in messages, quoted.
 * @throws DataFormatError if there is no layers model, or the weights do not belong to its layers;
 * no tensor is leaked.
 *
 * @internal
 */
export async function buildModel(
  artifacts: tf.io.ModelArtifacts,
  name: string,
): Promise<tf.LayersModel> {
  const topology = topologyOf(artifacts, name);
  const weights = await weightsOf(artifacts, name);
  const specs = artifacts.weightSpecs ?? [];
  const sizes = specs.map(({ shape }) => tf.util.sizeFromShape(shape));
  const stated = sizes.reduce((sum, size) => sum + size, 0);
  // A number has at least a byte, whatever damaged specs state.
  const model = await buildLayers(topology, name, Math.min(stated, weights.byteLength));
  try {
    takeSavedNames(model, new Set(specs.map((spec) => spec.name)));
    if (model.weights.length > 0 && specs.length === 0) {
      throw refuse(`${name} must come with weights, got none`, 'Pass the files of weights as well');
    }
    tf.tidy(() => {
      try {
        const decoded = tf.io.decodeWeights(weights, specs);
        const ofLayers = specs.filter(({ group }) => group !== 'optimizer');
        model.loadWeights(
          Object.fromEntries(ofLayers.map((spec) => [spec.name, decoded[spec.name]!])),
        );
      } catch (error) {
        throw refuse(`the weights of ${name} must be those of its layers`, undefined, error);
      }
    });
    if (artifacts.userDefinedMetadata) model.setUserDefinedMetadata(artifacts.userDefinedMetadata);
    return model;
  } catch (error) {
    disposeWeights(model);
    throw error;
  }
}

/**
 * Frees an unused model; `model.dispose()` does not free the weights of nested models.
 *
 * @internal
 */
export function disposeWeights(model: tf.LayersModel): void {
  tf.dispose(model.weights.map((weight) => weight.read() as unknown as tf.Variable));
}

function refuse(wanted: string, cure?: string, cause?: unknown): DataFormatError {
  const actual = isError(cause) ? `, got "${firstLine(cause)}"` : '';
  const message = `Cannot ${action}: ${wanted}${actual}${cure === undefined ? '' : `. ${cure}`}`;
  return new DataFormatError('model.json', message, { cause });
}

function firstLine({ message }: Error): string {
  return (message.split('\n')[0] ?? '').trim().replace(/[.:]$/, '');
}

interface Topology {
  readonly class_name: string;
  readonly config: object;
  readonly isOfKeras3?: boolean;
}

function topologyOf(artifacts: tf.io.ModelArtifacts, name: string): Topology {
  const { modelTopology, format } = artifacts ?? {};
  const topology = modelTopology as { model_config?: unknown; node?: unknown } | undefined;
  if (format === 'graph-model' || Array.isArray(topology?.node)) {
    throw refuse(
      `${name} must be a layers model, got a graph model`,
      'Convert the Keras model with tensorflowjs_converter --input_format=keras --output_format=tfjs_layers_model',
    );
  }
  const config = (topology?.model_config ?? topology) as Partial<Topology> | undefined;
  if (
    typeof config?.class_name !== 'string' ||
    typeof config.config !== 'object' ||
    config.config === null
  ) {
    const actual = topology === undefined ? 'none' : formatValue(topology);
    throw refuse(`${name} must have the layers of a model (modelTopology), got ${actual}`);
  }
  const { keras_version } = { ...topology, ...config } as { readonly keras_version?: unknown };
  return {
    class_name: config.class_name,
    config: config.config,
    isOfKeras3: String(keras_version).startsWith('3'),
  };
}

async function weightsOf(artifacts: tf.io.ModelArtifacts, name: string): Promise<ArrayBuffer> {
  const { weightSpecs = [], weightData, getWeightStream } = artifacts;
  checkWeightSpecs(action, name, weightSpecs);
  const data =
    weightData ??
    (getWeightStream === undefined ? [] : await new Response(getWeightStream()).arrayBuffer());
  const parts = (Array.isArray(data) ? data : [data]).map((part: ArrayBuffer | ArrayBufferView) =>
    ArrayBuffer.isView(part)
      ? new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
      : new Uint8Array(part),
  );
  const files = `the weights of ${name}`;
  for (const part of parts) checkNoPage(action, files, part);
  const names = { files, stated: 'its model.json' };
  checkWeightBytes(action, byteLengthOf(parts), weightSpecs, names);
  return joinBytes(parts).buffer;
}

/** Replaces the class of the model, so that our function builds it. */
const builtHere = 'tfjsGanModel';

/**
 * Builds the layers of a model, whose weights have no particular values.
 *
 * @param topology - The model as TensorFlow.js saves it; it is not modified.
 * @param name - Name of the model in messages, quoted.
 * @param numbers - How many numbers the weights in its files have: layers with far more are refused
 * before they take memory.
 * @throws DataFormatError if TensorFlow.js cannot build a layer, or its weights are far more than
 * those of the files.
 *
 * @internal
 */
export async function buildLayers(
  { class_name, config, isOfKeras3 = false }: Topology,
  name: string,
  numbers: number,
): Promise<tf.LayersModel> {
  registerLayers();
  const registered = registeredClass(class_name);
  if (registered === undefined) throw unknownClass(name, 'layer', class_name);
  const [modelClass, fromConfig] = registered;
  // Without initializers, as in tf.loadLayersModel, because orthogonal ones are slow.
  const build = (_: unknown, converted: object, customObjects: object): tf.LayersModel => {
    endWaiting(converted);
    return freeingVariables(() =>
      limitingWeights(numbers, () => fromConfig(modelClass, converted, customObjects, true)),
    );
  };
  try {
    const customObjects = { [builtHere]: [modelClass, build] } as never;
    // A copy, because TensorFlow.js modifies it; by JSON, because Jest's structuredClone returns
    // objects of another realm, which TensorFlow.js refuses.
    const modelTopology = JSON.parse(JSON.stringify({ class_name: builtHere, config })) as never;
    return await tf.models.modelFromJSON({ modelTopology }, customObjects);
  } catch (error) {
    const { message } = error as Error;
    const [, kind, missing] = /^Unknown ([\w ]+): (\S+?)\. This may/.exec(message) ?? [];
    if (kind !== undefined && missing !== undefined && !isOfKeras3) {
      throw unknownClass(name, kind, missing, error);
    }
    const cure = isOfKeras3
      ? "Keras 3 wrote it, which TensorFlow.js reads only in part: pass the .keras or .h5 file itself to kerasFile of 'tfjs-gan/import'"
      : undefined;
    throw refuse(`${name} must describe layers that TensorFlow.js can build`, cure, error);
  }
}

/**
 * TensorFlow.js passes over the layers until each has its inputs, without end if one never gets
 * them: its input is damaged, or its own output. Each pass but the last calls a layer; more passes
 * than calls throw.
 */
function endWaiting(config: object): void {
  const { layers } = config as { readonly layers?: unknown };
  if (!Array.isArray(layers)) return;
  let passes = 2;
  for (const layer of layers as ({ config?: object; inboundNodes?: unknown[] } | null)[]) {
    passes += layer?.inboundNodes?.length ?? 0;
    endWaiting(layer?.config ?? {});
  }
  const iterator = (): ArrayIterator<unknown> => {
    passes -= 1;
    if (passes < 0) throw new Error('a layer whose input no other layer gives');
    return layers.values();
  };
  Object.defineProperty(layers, Symbol.iterator, { value: iterator });
}

/** Layers of this library that the root does not load, and what reads a file with them. */
const familyReaders: ReadonlyMap<string, string> = new Map([
  ['InstanceNorm', 'Translator'],
  ['PixelShuffle', 'Translator'],
  ['ReflectionPadding', 'Translator'],
  ['Upsampling', 'Translator'],
  ['FillHole', 'Inpainter'],
  ['LearnedDeviations', 'TableGenerator'],
]);

function unknownClass(name: string, kind: string, missing: string, cause?: unknown): Error {
  const reader = familyReaders.get(missing);
  const family = reader === 'TableGenerator' ? 'tabular' : 'image-to-image';
  const cure =
    reader === undefined
      ? 'Import or define it, and call tf.serialization.registerClass with it before loading'
      : `Read it by ${reader}.load(url): import { ${reader} } from 'tfjs-gan/${family}'`;
  return new DataFormatError(
    'model.json',
    `Cannot ${action}: ${name} must have only registered classes, got the unknown ${kind} '${missing}'. ${cure}`,
    { cause },
  );
}

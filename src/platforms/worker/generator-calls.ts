import * as tf from '@tensorflow/tfjs';
import { checkNonNegativeInteger, checkOneOf, checkOptions, isRecord } from '../../core/checks.ts';
import { formatShape, formatValue } from '../../core/format.ts';
import type { NamedArray } from '../../core/named-arrays.ts';
import { isFloat32Array, ofThisRealm } from '../../core/realms.ts';
import type { Dataset } from '../../data/dataset.ts';
import { firstSamples } from '../../data/first-samples.ts';
import { canvasPixels } from '../../io/canvas-pixels.ts';
import { imageGrid } from '../../io/image-grid.ts';
import type { Picture } from '../../io/picture.ts';
import { pointPlot, pointPlotNames } from '../../io/point-plot.ts';
import { checkPointShape } from '../../io/read-point-plot.ts';
import { isCondition, isTensor, presetConditions } from '../../models/conditions.ts';
import { type Direction, directions } from '../../latent/directions.ts';
import type { Generator } from '../../models/generator.ts';
import type { NetworkInput } from '../../models/network.ts';
import type {
  DrawnPicture,
  DrawOptions,
  DrawPointsOptions,
  RemoteDirectionsOptions,
  RemoteGenerateOptions,
  RemoteGeneratorOptions,
  RemoteInputs,
  RemoteInterpolateOptions,
  RemoteSampleOptions,
} from './remote-options.ts';
import type { LatentsOptions, RemoteGenerator } from './trainer-service.ts';

/** The generators of a game, by name. @internal */
export type Generators = Readonly<Record<string, Generator>>;

/** What a connection receives about each generator. @internal */
export function describeGenerators(generators: Generators): Record<string, RemoteGenerator> {
  return Object.fromEntries(
    Object.entries(generators).map(([name, generator]) => {
      const { inputs, latentSize, latentDistribution, outputShape, valueRange } = generator;
      const about = { inputs, latentSize, latentDistribution, valueRange };
      return [name, { ...about, sampleShape: outputShape }];
    }),
  );
}

/** Options that the generator checks itself, so that errors are those of its own methods. */
type Told = Record<string, unknown>;

/** @internal */
export async function latentsOf(
  generators: Generators,
  count: number,
  options: LatentsOptions,
): Promise<NamedArray> {
  const { generator, told } = chosen('draw latents', generators, options);
  return readAndDispose(generator.latents(count, told));
}

/** @internal */
export async function sampleOf(
  generators: Generators,
  count: number,
  options: RemoteSampleOptions,
): Promise<NamedArray> {
  const { generator, told } = chosen('sample', generators, options);
  return withTensors('sample', generator, told, (given) => generator.sample(count, given));
}

/** @internal */
export async function generateOf(
  generators: Generators,
  inputs: RemoteInputs,
  options: RemoteGenerateOptions,
): Promise<NamedArray> {
  const action = 'generate';
  const { generator, told } = chosen(action, generators, options);
  const main = latentName(generator);
  const isByName = isRecord(inputs) && !isNamedArray(inputs);
  if (!isByName && !isNamedArray(inputs) && !isFloat32Array(inputs)) {
    throw notLatents(generator, formatValue(inputs));
  }
  const byName = isByName ? inputs : { [main]: inputs };
  return withTensors(action, generator, byName, (given) =>
    withTensors(action, generator, told, (conditions) => generator.generate(given, conditions)),
  );
}

/** @internal */
export async function interpolateOf(
  generators: Generators,
  from: number | Float32Array,
  to: number | Float32Array,
  options: RemoteInterpolateOptions,
): Promise<NamedArray> {
  const { generator, told } = chosen('interpolate', generators, options);
  const ends = [from, to].map((end) =>
    isFloat32Array(end) ? tf.tensor1d(ofThisRealm(end)) : end,
  ) as [number | tf.Tensor1D, number | tf.Tensor1D];
  try {
    return await withTensors('interpolate', generator, told, (given) =>
      generator.interpolate(...ends, given),
    );
  } finally {
    tf.dispose(ends);
  }
}

/** @internal */
export async function directionsOf(
  generators: Generators,
  options: RemoteDirectionsOptions,
): Promise<Direction[]> {
  const { generator, told } = chosen('find directions', generators, options);
  return directions(generator, told);
}

const layoutNames: readonly string[] = ['columns', 'padding', 'background', 'scale', 'valueRange'];

/** @internal */
export async function drawOf(
  generators: Generators,
  from: number | RemoteInputs,
  options: DrawOptions,
): Promise<DrawnPicture> {
  const action = 'draw';
  const { layout, asked } = split(action, generators, options, layoutNames);
  const { valueRange, outputShape } = chosen(action, generators, options).generator;
  if (outputShape.length === 1 && outputShape[0] === 2) {
    throw new RangeError(
      `Cannot ${action}: samples must have the shape [height, width, 1 or 3], got [2]. Points are drawn by drawPoints(…)`,
    );
  }
  const { values, shape } = await madeOf(generators, from, asked);
  return drawn(imageGrid(values, shape, { valueRange, ...layout }));
}

/** Real points drawn under the others, if nothing is said. */
const realPoints = 1000;

/** @internal */
export async function drawPointsOf(
  { generators, data }: { readonly generators: Generators; readonly data: Dataset | undefined },
  from: number | RemoteInputs,
  options: DrawPointsOptions,
): Promise<DrawnPicture> {
  const action = 'draw points';
  const { generator } = chosen(action, generators, options);
  checkPointShape(action, 'samples', [1, ...generator.outputShape]);
  const { real = realPoints, ...others } = options;
  checkNonNegativeInteger(action, 'real', real);
  const { layout, asked } = split(action, generators, others, pointPlotNames);
  const { values } = await madeOf(generators, from, asked);
  // The order is that of samplePoints, so that both show the same ones.
  const isOfPoints = data?.sampleShape.length === 1 && data.sampleShape[0] === 2;
  const below = isOfPoints && real > 0 ? await firstSamples(data, real, 0) : undefined;
  return drawn(pointPlot(action, values, below?.values, layout));
}

/** The options of a drawing: those of its layout, and those of its samples. */
function split(
  action: string,
  generators: Generators,
  options: object,
  ofLayout: readonly string[],
): { readonly layout: object; readonly asked: object } {
  const { generator } = chosen(action, generators, options);
  const conditions = Object.keys(generator.inputs).filter((name) => name !== latentName(generator));
  // Conditions of the presets are refused by the generator: its error names the cure.
  const ofSamples = [
    ...['generator', 'seed', 'averaged'],
    ...new Set([...presetConditions, ...conditions]),
  ];
  checkOptions(action, options, [...ofLayout, ...ofSamples]);
  const part = (isLayout: boolean): object =>
    Object.fromEntries(
      Object.entries(options).filter(([name]) => ofLayout.includes(name) === isLayout),
    );
  return { layout: part(true), asked: part(false) };
}

function madeOf(
  generators: Generators,
  from: number | RemoteInputs,
  options: object,
): Promise<NamedArray> {
  return typeof from === 'number'
    ? sampleOf(generators, from, options)
    : generateOf(generators, from, options);
}

function drawn(picture: Picture): DrawnPicture {
  return { width: picture.width, height: picture.height, data: canvasPixels(picture) };
}

/** @internal */
export async function artifactsOf(
  generators: Generators,
  options: RemoteGeneratorOptions,
): Promise<tf.io.ModelArtifacts> {
  const action = 'take the generator';
  const { generator, told } = chosen(action, generators, options);
  checkOptions(action, told, ['averaged']);
  let taken: tf.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (artifacts) => {
    taken = artifacts;
    return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
  });
  await generator.save(handler, told);
  return taken!;
}

/** The generator that options name, and the other options. */
function chosen(
  action: string,
  generators: Generators,
  options: object,
): { readonly generator: Generator; readonly told: Told } {
  checkOptions(action, options);
  const [first] = Object.keys(generators) as [string];
  const { generator: name = first, ...told } = options as Told & { readonly generator?: string };
  checkOneOf(action, 'generator', name, Object.keys(generators));
  return { generator: generators[name]!, told };
}

/** Generates samples from plain data, with tensors in place of arrays. */
async function withTensors(
  action: string,
  generator: Generator,
  sent: object,
  make: (given: Told) => tf.Tensor | Promise<NamedArray>,
): Promise<NamedArray> {
  const made: tf.Tensor[] = [];
  try {
    const entries = Object.entries(sent).map(([name, value]: [string, unknown]) => {
      const given = asGiven(action, generator, name, value);
      if (isTensor(given)) made.push(given);
      return [name, given] as const;
    });
    const samples = make(Object.fromEntries(entries));
    return isTensor(samples) ? await readAndDispose(samples) : await samples;
  } finally {
    tf.dispose(made);
  }
}

/** Converts one input for the generator: arrays to tensors; other values stay. */
function asGiven(action: string, generator: Generator, name: string, value: unknown): unknown {
  const place = Object.keys(generator.inputs).indexOf(name);
  if (place < 0) return value;
  const input = (generator.inputs as Readonly<Record<string, NetworkInput>>)[name]!;
  if (isNamedArray(value)) {
    const { shape, values } = value;
    // A list, so that numbers that are not classes are refused instead of truncated.
    if (isCondition(input) && input.classes !== undefined) return Array.from(values);
    if (values.length !== product(shape)) {
      throw new RangeError(
        `Cannot ${action}: values of ${name} must fill the shape ${formatShape(shape)}, got ${values.length} numbers`,
      );
    }
    return tf.tensor(ofThisRealm(values), [...shape]);
  }
  const row = generator.model.inputs[place]!.shape.slice(1) as number[];
  const size = product(row);
  const isRows = isFloat32Array(value) && value.length % size === 0 && value.length > 0;
  if (isCondition(input)) {
    // One row is used for all samples, as in a list.
    const isMany = isRows && input.classes === undefined && value.length > size;
    return isMany ? tf.tensor(ofThisRealm(value), [value.length / size, ...row]) : value;
  }
  if (isRows) return tf.tensor(ofThisRealm(value), [value.length / size, ...row]);
  if (name !== latentName(generator)) return value;
  throw notLatents(
    generator,
    isFloat32Array(value) ? `${value.length} numbers` : formatValue(value),
  );
}

function notLatents({ latentSize }: Generator, got: string): RangeError {
  return new RangeError(
    `Cannot generate: latents must be a Float32Array of ${latentSize} numbers for each sample, got ${got}`,
  );
}

/** Name of the input for latents. */
function latentName({ inputs }: Generator): string {
  const entries = Object.entries(inputs as Readonly<Record<string, NetworkInput>>);
  return entries.find(([, { kind }]) => kind === 'latents')?.[0] ?? 'latents';
}

function isNamedArray(value: unknown): value is NamedArray {
  return isRecord(value) && Array.isArray(value['shape']) && isFloat32Array(value['values']);
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

async function readAndDispose(tensor: tf.Tensor): Promise<NamedArray> {
  try {
    // A transferable copy: some backends return the array that they keep.
    return { shape: [...tensor.shape], values: Float32Array.from(await tensor.data()) };
  } finally {
    tensor.dispose();
  }
}

import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { deriveSeed, Random } from '../core/random.ts';
import { isError } from '../core/realms.ts';
import { buildModel, disposeWeights } from './build-model.ts';
import { conditionTensor, endConditions } from './asked-conditions.ts';
import { AskedInputs } from './asked-inputs.ts';
import { type ConditionRecord, drawRecorded, isCondition } from './conditions.ts';
import { conditionPath } from './condition-path.ts';
import { EmaWeights } from './ema-weights.ts';
import {
  checkGeneratorInputs,
  type ConditionsOf,
  type GeneratorInputs,
  type NetworkInputsOf,
} from './generator-inputs.ts';
import type { GenerateOptions, GeneratorOptions, SampleOptions } from './generator-options.ts';
import { latentPath, type LatentPathOptions } from './latent-path.ts';
import { drawRows, type LatentDistribution, latentDistributions } from './latents.ts';
import {
  checkLayersModel,
  checkModelAlive,
  disposeModel,
  isModelDisposed,
  outputActivation,
  outputSampleShape,
} from './layers-model.ts';
import { modelPlace } from './model-address.ts';
import type { LatentInput, NetworkInput } from './network.ts';
import { PreparedNetwork } from './prepared-network.ts';
import { uniquelyNamed } from './unique-names.ts';

/** The options of a call without options; the type says that every name is optional. */
const noOptions = {} as never;

/** Settings of a call; given latents ignore the seed. */
const drawNames: readonly string[] = ['seed', 'averaged'] satisfies (keyof SampleOptions)[];

/**
 * The network that generates samples from latents, and from conditions, if it has any.
 *
 * It knows the shape of its latents, draws them, and saves and loads itself. Sampling uses batch
 * norm's moving statistics, so samples do not depend on each other, and folds them into the layer
 * before where it can; other layers, also custom ones, run by their own `call`. From the second
 * call with the same weights on it keeps the folded ones, and {@link Generator.dispose} frees them.
 * If it was trained with `ema`, sampling and saving use the averaged weights, which the generator
 * keeps; {@link Generator.model} has the trained ones.
 *
 * @typeParam I - Its inputs by name: latents alone, or conditions as well.
 *
 * @example Sixteen images from a saved generator
 * ```ts no-run
 * const generator = await Generator.load('https://example.org/model.json');
 * const images = generator.sample(16, { seed: 1 }); // [16, 28, 28, 1] in −1…1
 * images.dispose();
 * generator.dispose();
 * ```
 *
 * @example Ten images of the digit 3
 * ```ts no-run
 * const threes = createDcgan({ imageShape: [28, 28, 1], classes: 10 }).generator.sample(10, { labels: 3 });
 * ```
 */
export class Generator<I extends GeneratorInputs = GeneratorInputs> {
  /** The network. */
  readonly model: tf.LayersModel;
  /** Number of latents of one sample, without conditions; 0 if there are none. */
  readonly latentSize: number;
  /** Distribution of the latents. */
  readonly latentDistribution: LatentDistribution;
  /** Shape of one sample, without the batch. */
  readonly outputShape: readonly number[];
  /** The kind of each input of the model, in its order. */
  readonly inputs: NetworkInputsOf<I>;
  /** Names of the model's outputs, in its order. */
  readonly outputs: readonly 'samples'[] = ['samples'];
  readonly #asked: AskedInputs;
  readonly #network: PreparedNetwork;
  readonly #ownsModel: boolean;
  readonly #random = new Random(0);
  readonly #conditionRandom = new Random(deriveSeed(0, 'conditions'));
  /** What is known about the conditions in training, by input. */
  readonly #records = new Map<string, ConditionRecord>();
  #averages: EmaWeights | undefined;
  #disposed = false;

  /**
   * @param options - The network, its latents and its conditions.
   * @throws TypeError if the model is not a `tf.LayersModel` of this copy of TensorFlow.js.
   * @throws RangeError if the model has other inputs.
   */
  constructor(options: GeneratorOptions<I>) {
    const action = 'create a Generator';
    checkOptions(action, options, [
      ...['model', 'inputs', 'latentSize', 'latentDistribution', 'ownsModel'],
    ]);
    const { model, latentDistribution = 'normal', ownsModel = false } = options;
    checkLayersModel(action, model, { manyInputs: options.inputs !== undefined });
    checkOneOf(action, 'ownsModel', ownsModel, [true, false]);
    checkOneOf(action, 'latentDistribution', latentDistribution, latentDistributions);
    const inputs = options.inputs ?? { latents: options.latentSize ?? latentSizeOf(action, model) };
    const checked = checkGeneratorInputs(action, model, inputs, latentDistribution);
    const main = Object.values(checked).findIndex(({ kind }) => kind === 'latents');
    const size = (main < 0 ? undefined : model.inputs[main]!.shape[1]) ?? 0;
    if (options.latentSize !== undefined && options.latentSize !== size) {
      throw new RangeError(
        `Cannot ${action}: latentSize must equal that of inputs, ${size}, or be left out, got ${options.latentSize}`,
      );
    }
    this.model = model;
    this.latentSize = size;
    const first = Object.values(checked)[main] as LatentInput | undefined;
    this.latentDistribution = first?.distribution ?? latentDistribution;
    // Checked against the same options as the type.
    this.inputs = checked as NetworkInputsOf<I>;
    this.#asked = new AskedInputs(model, checked);
    this.#network = new PreparedNetwork(model);
    this.outputShape = outputSampleShape(action, model);
    this.#ownsModel = ownsModel;
  }

  /**
   * Loads a generator that {@link Generator.save} wrote.
   *
   * @param source - The address: `https://…/model.json`, `indexeddb://name`, `file://folder` (after
   * importing `tfjs-gan/node`; see its `fileHandler` for the format of paths), as text or as a
   * `URL`, or any TensorFlow.js handler. Weights may be in any number of groups and files, and
   * quantized.
   * @returns The generator; it owns its model. {@link Generator.inputs} has its conditions.
   * @throws DataFormatError if a file is damaged, truncated, an HTML page or of another model;
   * Error if one is missing or cannot be read; RangeError if the model has no latents; TypeError if
   * `source` is not an address. No tensor is leaked.
   */
  static async load<L extends GeneratorInputs = GeneratorInputs>(
    source: string | URL | tf.io.IOHandler,
  ): Promise<Generator<L>> {
    const { handler, name } = modelPlace('load', source);
    const model = await buildModel(await readArtifacts(handler, name), name);
    const metadata = (model.getUserDefinedMetadata() ?? {}) as Metadata;
    const { latentDistribution, inputs, conditions = {} } = metadata;
    try {
      // The caller declares which conditions to expect.
      const given = { model, inputs: inputs as L | undefined, latentDistribution, ownsModel: true };
      const generator = new Generator<L>(given);
      generator.recordConditions(conditions);
      return generator;
    } catch (error) {
      disposeWeights(model);
      throw error;
    }
  }

  /**
   * The interval of its samples, if its last activation determines it: −1…1 for tanh, 0…1 for
   * sigmoid.
   */
  get valueRange(): readonly [low: number, high: number] | undefined {
    const activation = outputActivation(this.model);
    if (activation === 'tanh') return [-1, 1];
    return activation === 'sigmoid' ? [0, 1] : undefined;
  }

  /** Whether it or its model was disposed. */
  get isDisposed(): boolean {
    return this.#disposed || isModelDisposed(this.model);
  }

  /** Whether it has averaged weights, which it samples from and saves. */
  get hasEma(): boolean {
    return this.#averages !== undefined;
  }

  /** Switches back to the trained weights, for sampling and saving too. */
  clearEma(): void {
    this.#averages?.dispose();
    this.#averages = undefined;
  }

  /**
   * Its averaged weights, initialized with copies of the trained ones if there are none. The
   * generator keeps owning them.
   *
   * @internal
   */
  emaWeights(): EmaWeights {
    this.checkAlive('average the weights');
    this.#averages ??= new EmaWeights(this.model);
    return this.#averages;
  }

  /**
   * Draws latents.
   *
   * @param count - How many; a positive integer.
   * @param options - The seed.
   * @returns `[count, latentSize]`; the caller disposes it.
   * @throws RangeError if `count` is not a positive integer.
   */
  latents(count: number, options: Pick<SampleOptions, 'seed'> & GenerateOptions = {}): tf.Tensor2D {
    checkPositiveInteger('draw latents', 'count', count);
    checkOptions('draw latents', options, drawNames);
    if (options.seed !== undefined) checkSeed('draw latents', options.seed);
    const random = options.seed === undefined ? this.#random : new Random(options.seed);
    return drawRows(random, count, [this.latentSize], this.latentDistribution) as tf.Tensor2D;
  }

  /**
   * Generates samples from new latents.
   *
   * A condition that is left out is drawn with its frequencies in the training data, if they are
   * known (otherwise labels are drawn uniformly), or from its prior. The same seed gives the same
   * latents for all conditions.
   *
   * @param count - How many; a positive integer.
   * @param options - The seed, which weights, and a value for each condition, such as
   *   `{ labels: 3 }`.
   * @returns `[count, ...outputShape]`; the caller disposes it.
   * @throws RangeError if `count` is not a positive integer, a class is unknown, or the number of
   * labels is wrong.
   */
  sample(count: number, options: SampleOptions & ConditionsOf<I> = noOptions): tf.Tensor {
    return tf.tidy(() => this.#generate(this.drawInputs('sample', count, options), options));
  }

  /**
   * The inputs of {@link Generator.sample}: a tensor for each input of the model, in its order.
   *
   * @returns Tensors with `count` rows; the caller disposes them.
   *
   * @internal
   */
  drawInputs(
    action: string,
    count: number,
    options: SampleOptions & ConditionsOf<I> = noOptions,
  ): Record<string, tf.Tensor> {
    this.checkAlive(action);
    checkPositiveInteger(action, 'count', count);
    this.#asked.checkOptions(action, options, drawNames);
    const { seed } = options;
    if (seed !== undefined) checkSeed(action, seed);
    const latents = seed === undefined ? this.#random : new Random(seed);
    return this.#asked.each((input, shape, name) => {
      if (input.kind === 'latents') {
        return drawRows(latents, count, shape, input.distribution ?? 'normal');
      }
      if (!isCondition(input)) {
        throw new RangeError(
          `Cannot ${action}: ${name} must be given as a tensor, got none. Call generate({ ${name} })`,
        );
      }
      const random = this.#conditionSource(name, seed);
      const given = (options as Readonly<Record<string, unknown>>)[name];
      if (given !== undefined) {
        return conditionTensor(action, name, input, given, { count, shape, random });
      }
      const record = this.#records.get(name) ?? {};
      return drawRecorded(random, action, name, input, { count, shape, record });
    });
  }

  /**
   * Generates samples from given latents.
   *
   * @param inputs - Latents `[batch, latentSize]`, or a value for each input by name:
   * `{ latents, labels }`. The caller keeps owning tensors.
   * @param options - Which weights; and the conditions, if `inputs` are latents alone.
   * @returns `[batch, ...outputShape]`; the caller disposes it.
   * @throws RangeError if the latents have another shape or a condition is missing.
   *
   * @example The same latents as a zero and as a nine
   * ```ts
   * const { generator } = createMlpGan({ sampleShape: [2], latentSize: 4, classes: 10 });
   * const latents = generator.latents(1, { seed: 1 });
   * const [zero, nine] = [0, 9].map((labels) => generator.generate({ latents, labels }));
   * tf.dispose([latents, zero!, nine!]);
   * ```
   */
  generate(
    inputs: tf.Tensor | ({ readonly latents?: tf.Tensor } & ConditionsOf<I>),
    options: GenerateOptions & ConditionsOf<I> = noOptions,
  ): tf.Tensor {
    const action = 'generate';
    this.checkAlive(action);
    this.#asked.checkOptions(action, options, drawNames);
    return tf.tidy(() =>
      this.#generate(this.#asked.given(action, inputs, options, this.#conditionRandom), options),
    );
  }

  /**
   * Generates samples along a path between two points of the latent space, both included.
   *
   * @param from - A seed, or latents of shape `[latentSize]`.
   * @param to - A seed, or latents of shape `[latentSize]`.
   * @param options - Number of steps, and path; conditions, one for all steps or a list of two to
   * interpolate between. Missing ones are drawn as {@link Generator.sample} does for the two seeds.
   * @returns `[steps, ...outputShape]`; the caller disposes it.
   * @throws RangeError if an end has another shape, there are fewer than two steps, or the model's
   * layers cannot mix classes.
   *
   * @example Interpolate between two samples
   * ```ts
   * const strip = generator.interpolate(1, 2, { steps: 8 });
   * strip.dispose();
   * ```
   *
   * @example Interpolate from class 3 to class 8 with the same latents
   * ```ts
   * const { generator } = createMlpGan({ sampleShape: [2], latentSize: 4, classes: 10 });
   * const strip = generator.interpolate(1, 1, { steps: 5, labels: [3, 8] });
   * console.log(strip.shape); // [ 5, 2 ]
   * strip.dispose();
   * ```
   */
  interpolate(
    from: number | tf.Tensor1D,
    to: number | tf.Tensor1D,
    options: LatentPathOptions & ConditionsOf<I> = noOptions,
  ): tf.Tensor {
    const action = 'interpolate';
    this.checkAlive(action);
    this.#asked.checkOptions(action, options, ['steps', 'path']);
    this.#asked.checkOneLatents(action);
    return tf.tidy(() => {
      const ends = [from, to].map((end) => this.#pathEnd(end)) as [tf.Tensor1D, tf.Tensor1D];
      // Normal latents concentrate near a sphere, and so must points between them; uniform ones
      // fill a box.
      const path = options.path ?? (this.latentDistribution === 'normal' ? 'spherical' : 'linear');
      const { steps } = options;
      const latents = latentPath(...ends, { steps, path });
      const count = latents.shape[0];
      const tensors = this.#asked.each((input, shape, name) => {
        if (!isCondition(input)) return latents;
        const given = (options as Readonly<Record<string, unknown>>)[name];
        const randoms = [from, to].map((end) =>
          this.#conditionSource(name, typeof end === 'number' ? end : undefined),
        );
        const record = this.#records.get(name) ?? {};
        const both = endConditions(action, name, input, given, { shape, randoms, record });
        return conditionPath(both, count, {
          model: this.model,
          name,
          input,
          place: this.#asked.names.indexOf(name),
        });
      });
      return this.#generate(tensors);
    });
  }

  /**
   * Saves the generator without training state.
   *
   * Layers whose names would make the file ambiguous, such as equal names in two nested models, are
   * saved under unique names. A layer that is used in two nested models, or twice in a sequential
   * one, is loaded as two layers.
   *
   * @param target - The address: `file://folder` (after importing `tfjs-gan/node`; see its
   * `fileHandler` for the format of paths), `indexeddb://name`, `downloads://name`, as text or as a
   * `URL`, or any TensorFlow.js handler.
   * @param options - Which weights.
   * @returns The result of the handler.
   * @throws TypeError if `target` is not an address or a handler; Error if no handler takes the
   * address, the handler cannot write, or the generator was disposed.
   */
  async save(
    target: string | URL | tf.io.IOHandler,
    options: GenerateOptions = {},
  ): Promise<tf.io.SaveResult> {
    this.checkAlive('save');
    const { handler } = modelPlace('save', target);
    const { latentDistribution, latentSize, inputs } = this;
    const metadata: object | undefined = this.model.getUserDefinedMetadata();
    const isConditional = this.#asked.names.length > 1 || latentSize === 0;
    this.model.setUserDefinedMetadata({
      ...metadata,
      latentDistribution,
      latentSize,
      ...(isConditional && { inputs, conditions: Object.fromEntries(this.#records) }),
    });
    // The model reads its weights before its first `await`.
    const { weights } = this.model;
    return this.#withWeights(options, () =>
      this.model.save(
        tf.io.withSaveHandler((artifacts) =>
          handler.save!(uniquelyNamed(this.model, weights, artifacts)),
        ),
      ),
    );
  }

  /** Frees the averaged weights, and the model if this generator owns it. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.clearEma();
    this.#network.dispose();
    if (this.#ownsModel) disposeModel(this.model);
  }

  /**
   * Throws if it or its weights were disposed.
   *
   * @param name - Its name in the message.
   *
   * @internal
   */
  checkAlive(action: string, name = 'this Generator'): void {
    if (this.#disposed) throw new Error(`Cannot ${action}: ${name} was disposed`);
    checkModelAlive(action, name, this.model);
  }

  /** The same as {@link Generator.dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /**
   * Records the distribution of conditions in the training data, from which
   * {@link Generator.sample} draws.
   *
   * @internal
   */
  recordConditions(records: Readonly<Record<string, ConditionRecord>>): void {
    for (const [name, record] of Object.entries(records)) {
      const input = (this.inputs as Readonly<Record<string, NetworkInput>>)[name];
      if (input !== undefined && isCondition(input)) this.#records.set(name, record);
    }
  }

  /**
   * Statistics of the conditions of the training data, by input.
   *
   * @internal
   */
  get conditionRecords(): ReadonlyMap<string, ConditionRecord> {
    return this.#records;
  }

  #generate(
    tensors: Readonly<Record<string, tf.Tensor>>,
    options: GenerateOptions = {},
  ): tf.Tensor {
    const inputs = Object.values(tensors);
    const shares = this.#asked.shares(inputs);
    return this.#withWeights(options, () => this.#network.run(inputs, shares));
  }

  #withWeights<T>({ averaged = true }: GenerateOptions, run: () => T): T {
    return averaged && this.#averages !== undefined ? this.#averages.use(run) : run();
  }

  /**
   * The random source of a condition, derived from the seed, so that given values of other
   * conditions do not change it.
   */
  #conditionSource(name: string, seed: number | undefined): Random {
    if (seed === undefined) return this.#conditionRandom;
    return new Random(deriveSeed(seed, 'conditions', name));
  }

  #pathEnd(end: number | tf.Tensor1D): tf.Tensor1D {
    if (typeof end === 'number') return this.latents(1, { seed: end }).reshape([this.latentSize]);
    const shape = end instanceof tf.Tensor ? end.shape : undefined;
    if (shape?.length === 1 && shape[0] === this.latentSize) return end;
    const Kind = shape === undefined ? TypeError : RangeError;
    throw new Kind(
      `Cannot interpolate: each end must be a seed or latents of shape [${this.latentSize}], ` +
        `got ${shape === undefined ? formatValue(end) : formatShape(shape)}`,
    );
  }
}

function latentSizeOf(action: string, model: tf.LayersModel): number {
  const shape = model.inputs[0]!.shape.slice(1);
  const [size] = shape;
  if (shape.length === 1 && typeof size === 'number') return size;
  throw new RangeError(
    `Cannot ${action}: the model must accept latents of shape [batch, size], got a model that accepts ` +
      `${formatShape([null, ...shape])}. If it has other inputs, name them: inputs: { … }`,
  );
}

async function readArtifacts(
  handler: tf.io.IOHandler,
  name: string,
): Promise<tf.io.ModelArtifacts> {
  try {
    return await handler.load!();
  } catch (error) {
    if (isError(error)) throw error;
    // TensorFlow.js rejects with a string for files that the user selected in a page.
    throw new Error(`Cannot load a generator: ${name} must be readable, got "${String(error)}"`);
  }
}

interface Metadata {
  readonly latentDistribution?: LatentDistribution | undefined;
  /** The overload for a generator with conditions. */
  readonly inputs?: GeneratorInputs | undefined;
  readonly conditions?: Readonly<Record<string, ConditionRecord>> | undefined;
}

import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { Random } from '../core/random.ts';
import { isError } from '../core/realms.ts';
import { EmaWeights } from './ema-weights.ts';
import type { GenerateOptions, GeneratorOptions, SampleOptions } from './generator-options.ts';
import { latentPath, type LatentPathOptions } from './latent-path.ts';
import { drawLatents, type LatentDistribution, latentDistributions } from './latents.ts';
import {
  checkLayersModel,
  checkModelAlive,
  disposeModel,
  inputSampleShape,
  isModelDisposed,
  outputActivation,
  outputSampleShape,
} from './layers-model.ts';
import { buildModel, disposeWeights } from './build-model.ts';
import { modelPlace } from './model-address.ts';
import { uniquelyNamed } from './unique-names.ts';
import type { LatentInput } from './network.ts';

/** Most samples that pass through the network at once; more are made in turns, to bound the memory. */
const samplesAtOnce = 256;

/** Settings of one draw; given latents take no notice of a seed. */
const drawNames: readonly string[] = ['seed', 'averaged'] satisfies (keyof SampleOptions)[];

/**
 * The network that makes samples out of noise.
 *
 * It knows the shape of its latents, draws them, and saves and loads itself. Sampling uses batch norm's moving
 * statistics, so a sample does not depend on the others made with it. Where it was trained with `ema`, sampling
 * and saving use the averaged weights, which stay with the generator; {@link Generator.model} holds those that are
 * trained.
 *
 * @example Sixteen images from a saved generator
 * ```ts no-run
 * const generator = await Generator.load('https://example.org/model.json');
 * const images = generator.sample(16, { seed: 1 }); // [16, 28, 28, 1] in −1…1
 * images.dispose();
 * generator.dispose();
 * ```
 */
export class Generator {
  /** The network. */
  readonly model: tf.LayersModel;
  /** How many numbers one sample is made from. */
  readonly latentSize: number;
  /** Where latents are drawn from. */
  readonly latentDistribution: LatentDistribution;
  /** Shape of one sample, without the batch. */
  readonly outputShape: readonly number[];
  /** What its input is for, in a game. @internal */
  readonly inputs: { readonly latents: LatentInput };
  /** What its output is called in a game. @internal */
  readonly outputs: readonly ['samples'] = ['samples'];
  readonly #ownsModel: boolean;
  readonly #random = new Random(0);
  #averages: EmaWeights | undefined;
  #disposed = false;

  /**
   * @param options - The network and its latents.
   * @throws TypeError where the model is not a `tf.LayersModel` of this copy of TensorFlow.js.
   * @throws RangeError where the model's input is not `[batch, latentSize]`.
   */
  constructor(options: GeneratorOptions) {
    const action = 'create a Generator';
    checkOptions(action, options, ['model', 'latentSize', 'latentDistribution', 'ownsModel']);
    checkLayersModel(action, options.model);
    const inputShape = inputSampleShape(action, options.model);
    const { latentSize = inputShape[0] ?? 0, latentDistribution = 'normal' } = options;
    const { ownsModel = false } = options;
    checkOneOf(action, 'ownsModel', ownsModel, [true, false]);
    checkPositiveInteger(action, 'latentSize', latentSize);
    checkOneOf(action, 'latentDistribution', latentDistribution, latentDistributions);
    if (inputShape.length !== 1 || inputShape[0] !== latentSize) {
      throw new RangeError(
        `Cannot ${action}: the model must take latents of shape [null, ${latentSize}], ` +
          `got a model that takes ${formatShape([null, ...inputShape])}`,
      );
    }
    this.model = options.model;
    this.latentSize = latentSize;
    this.latentDistribution = latentDistribution;
    this.inputs = { latents: { kind: 'latents', distribution: latentDistribution } };
    this.outputShape = outputSampleShape(action, options.model);
    this.#ownsModel = ownsModel;
  }

  /**
   * Loads a generator that {@link Generator.save} wrote.
   *
   * @param source - Where from: `https://…/model.json`, `indexeddb://name`, `file://folder` (after importing
   * `tfjs-gan/node`, whose `fileHandler` says how a path is written), each as text or as a `URL`, or any TensorFlow.js
   * handler. Weights may be in any number of groups and files, and quantized.
   * @returns The generator; it owns its model.
   * @throws DataFormatError if a file is damaged, cut, an HTML page or another model's; Error if one is missing or cannot
   *   be read; RangeError if the model does not take latents; TypeError if `source` is no address. No tensor is left behind.
   */
  static async load(source: string | URL | tf.io.IOHandler): Promise<Generator> {
    const { handler, name } = modelPlace('load', source);
    const model = await buildModel(await readArtifacts(handler, name), name);
    const { latentDistribution } = (model.getUserDefinedMetadata() ?? {}) as Metadata;
    try {
      return new Generator({ model, latentDistribution, ownsModel: true });
    } catch (error) {
      disposeWeights(model);
      throw error;
    }
  }

  /** The interval its samples lie in, where its last activation tells: −1…1 for tanh, 0…1 for sigmoid. */
  get valueRange(): readonly [low: number, high: number] | undefined {
    const activation = outputActivation(this.model);
    if (activation === 'tanh') return [-1, 1];
    return activation === 'sigmoid' ? [0, 1] : undefined;
  }

  /** Whether it was disposed, or its model was. */
  get isDisposed(): boolean {
    return this.#disposed || isModelDisposed(this.model);
  }

  /** Whether it has averaged weights, which it samples from and saves. */
  get hasEma(): boolean {
    return this.#averages !== undefined;
  }

  /** Goes back to the weights that are trained, for sampling and saving too. */
  clearEma(): void {
    this.#averages?.dispose();
    this.#averages = undefined;
  }

  /**
   * Its averaged weights; begun as a copy of the trained ones, where there were none. They stay the generator's.
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
   * @throws RangeError where `count` is not a positive integer.
   */
  latents(count: number, options: SampleOptions = {}): tf.Tensor2D {
    checkPositiveInteger('draw latents', 'count', count);
    checkOptions('draw latents', options, drawNames);
    if (options.seed !== undefined) checkSeed('draw latents', options.seed);
    const random = options.seed === undefined ? this.#random : new Random(options.seed);
    return drawLatents(random, count, this.latentSize, this.latentDistribution);
  }

  /**
   * Makes samples from fresh latents.
   *
   * @param count - How many; a positive integer.
   * @param options - The seed, and which weights.
   * @returns `[count, ...outputShape]`; the caller disposes it.
   * @throws RangeError where `count` is not a positive integer.
   */
  sample(count: number, options: SampleOptions = {}): tf.Tensor {
    this.checkAlive('sample');
    checkPositiveInteger('sample', 'count', count);
    checkOptions('sample', options, drawNames);
    return tf.tidy(() => this.generate(this.latents(count, options), options));
  }

  /**
   * Makes samples from given latents.
   *
   * @param latents - `[batch, latentSize]`; they stay the caller's.
   * @param options - Which weights.
   * @returns `[batch, ...outputShape]`; the caller disposes it.
   * @throws RangeError where the latents have another shape.
   */
  generate(latents: tf.Tensor, options: GenerateOptions = {}): tf.Tensor {
    this.checkAlive('generate');
    checkOptions('generate', options, drawNames);
    this.#checkLatents('generate', latents);
    return tf.tidy(() => {
      const parts: tf.Tensor[] = [];
      const count = latents.shape[0] ?? 0;
      for (let first = 0; first < count; first += samplesAtOnce) {
        const size = Math.min(samplesAtOnce, count - first);
        const part = tf.slice(latents, [first, 0], [size, this.latentSize]);
        parts.push(this.#withWeights(options, () => this.#pass(part)));
      }
      const [only] = parts;
      return parts.length === 1 && only !== undefined ? only : tf.concat(parts, 0);
    });
  }

  /**
   * Makes the samples between two points of the latent space, both included.
   *
   * @param from - A seed, or latents of shape `[latentSize]`.
   * @param to - A seed, or latents of shape `[latentSize]`.
   * @param options - How many steps, along which path.
   * @returns `[steps, ...outputShape]`; the caller disposes it.
   * @throws RangeError where an end has another shape or there are fewer than two steps.
   *
   * @example Morph one sample into another
   * ```ts
   * const strip = generator.interpolate(1, 2, { steps: 8 });
   * strip.dispose();
   * ```
   */
  interpolate(
    from: number | tf.Tensor1D,
    to: number | tf.Tensor1D,
    options: LatentPathOptions = {},
  ): tf.Tensor {
    this.checkAlive('interpolate');
    return tf.tidy(() => {
      const ends = [from, to].map((end) => this.#pathEnd(end)) as [tf.Tensor1D, tf.Tensor1D];
      // Normal latents lie near a sphere, and so do their neighbors; uniform ones fill a box.
      const path = options.path ?? (this.latentDistribution === 'normal' ? 'spherical' : 'linear');
      return this.generate(latentPath(...ends, { ...options, path }));
    });
  }

  /**
   * Saves the generator, without any training state.
   *
   * Layers whose names would make the file ambiguous, as equal ones in two models of a model, are saved under unique names.
   * A layer that is used in two of them, or twice in a sequential one, is loaded as two layers.
   *
   * @param target - Where to: `file://folder` (after importing `tfjs-gan/node`, whose `fileHandler` says how a path is
   * written), `indexeddb://name`, `downloads://name`, each as text or as a `URL`, or any TensorFlow.js handler.
   * @param options - Which weights.
   * @returns What the handler answers.
   */
  async save(
    target: string | URL | tf.io.IOHandler,
    options: GenerateOptions = {},
  ): Promise<tf.io.SaveResult> {
    this.checkAlive('save');
    const { handler } = modelPlace('save', target);
    const { latentDistribution, latentSize } = this;
    const metadata: object | undefined = this.model.getUserDefinedMetadata();
    this.model.setUserDefinedMetadata({ ...metadata, latentDistribution, latentSize });
    // The model reads its weights before it waits for anything.
    const { weights } = this.model;
    return this.#withWeights(options, () =>
      this.model.save(
        tf.io.withSaveHandler((artifacts) =>
          handler.save!(uniquelyNamed(this.model, weights, artifacts)),
        ),
      ),
    );
  }

  /** Frees the averaged weights, and the model where it is this generator's own. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.clearEma();
    if (this.#ownsModel) disposeModel(this.model);
  }

  /**
   * Refuses to continue if it was disposed or its weights were.
   *
   * @param name - What the message calls it.
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

  #pass(latents: tf.Tensor): tf.Tensor {
    return tf.tidy(() => this.model.apply(latents, { training: false }) as tf.Tensor);
  }

  #withWeights<T>({ averaged = true }: GenerateOptions, run: () => T): T {
    return averaged && this.#averages !== undefined ? this.#averages.use(run) : run();
  }

  #pathEnd(end: number | tf.Tensor1D): tf.Tensor1D {
    if (typeof end === 'number') return this.latents(1, { seed: end }).reshape([this.latentSize]);
    if (!(end instanceof tf.Tensor)) {
      throw new TypeError(
        `Cannot interpolate: each end must be a seed or latents of shape [${this.latentSize}], ` +
          `got ${formatValue(end)}`,
      );
    }
    if (end.shape.length === 1 && end.shape[0] === this.latentSize) return end;
    throw new RangeError(
      `Cannot interpolate: each end must be a seed or latents of shape [${this.latentSize}], ` +
        `got ${formatShape(end.shape)}`,
    );
  }

  #checkLatents(action: string, latents: tf.Tensor): void {
    if (!(latents instanceof tf.Tensor)) {
      throw new TypeError(
        `Cannot ${action}: latents must be a tensor, got ${formatValue(latents)}`,
      );
    }
    const [count, size] = latents.shape;
    if (latents.shape.length === 2 && size === this.latentSize && count !== 0) return;
    throw new RangeError(
      `Cannot ${action}: latents must have the shape [batch, ${this.latentSize}], ` +
        `got ${formatShape(latents.shape)}`,
    );
  }
}

async function readArtifacts(
  handler: tf.io.IOHandler,
  name: string,
): Promise<tf.io.ModelArtifacts> {
  try {
    return await handler.load!();
  } catch (error) {
    if (isError(error)) throw error;
    // TensorFlow.js rejects with text for files that a page was given.
    throw new Error(`Cannot load a generator: ${name} must be readable, got "${String(error)}"`);
  }
}

interface Metadata {
  readonly latentDistribution?: LatentDistribution | undefined;
}

import * as tf from '@tensorflow/tfjs';
import { transfer } from 'comlink';
import { formatValue } from '../../core/format.ts';
import type { NamedArray, NamedArrays } from '../../core/named-arrays.ts';
import { isFloat32Array, ofThisRealm } from '../../core/realms.ts';
import type { Dataset } from '../../data/dataset.ts';
import { datasetFromArray } from '../../data/from-array.ts';
import { canvasPixels } from '../../io/canvas-pixels.ts';
import { imageGrid } from '../../io/image-grid.ts';
import { disposeModel } from '../../models/layers-model.ts';
import type { Gan } from '../../training/gan.ts';
import type { Trainer } from '../../training/trainer.ts';
import type { SampleOptions } from '../../models/generator-options.ts';
import type { Made, ServedTrainer } from './served-trainer.ts';
import { ServedRun } from './served-run.ts';
import type {
  Answer,
  Greeting,
  RunPart,
  TrainerService,
  WireFitOptions,
} from './trainer-service.ts';
import { toWire } from './wire-error.ts';

/** What the host needs of what it serves. */
type ServedGan = Pick<Gan, 'trainer' | 'generator' | 'dispose'>;

/** What is served, with what belongs to it. */
type Served = Omit<ServedTrainer, 'gan'> & { readonly gan: ServedGan };

/**
 * The worker's side: makes the GAN when the first connection comes, frees it when the last one goes.
 *
 * @internal
 */
export class TrainerHost {
  readonly #make: (settings: never) => Made | Promise<Made>;
  readonly #connections = new Set<number>();
  #lastNumber = 0;
  #served: Promise<Served> | undefined;
  /** Those whose end nobody has heard of yet. */
  readonly #runs = new Map<number, ServedRun>();
  #sentData: Dataset | undefined;

  constructor(make: (settings: never) => Made | Promise<Made>) {
    this.#make = make;
  }

  /** What it answers to. */
  readonly service: TrainerService = {
    hello: () => true,
    connect: (settings) => answer(() => this.#connect(settings)),
    status: () =>
      answer(async () => {
        const { step, epoch } = (await this.#gan()).trainer;
        const run = this.#underWay();
        return { step, epoch, running: run !== undefined, paused: run?.paused === true };
      }),
    start: (options, aborted) => answer(() => this.#start(options, aborted)),
    next: (number) => answer(() => this.#next(number)),
    pause: () => answer(async () => this.#underWay()?.pause()),
    resume: () => answer(async () => this.#underWay()?.resume()),
    stop: (reason, number) =>
      answer(async () => {
        const run = number === undefined ? this.#underWay() : this.#runs.get(number);
        run?.stop(reason);
        await run?.end();
      }),
    latents: (count, seed) =>
      answer(
        async () => readAndDispose((await this.#gan()).generator.latents(count, { seed })),
        ({ values }) => [values],
      ),
    generate: (from, options) =>
      answer(
        () => this.#samples(from, options),
        ({ values }) => [values],
      ),
    draw: (from, options) =>
      answer(
        async () => {
          const { generator } = await this.#gan();
          const { seed, averaged, ...layout } = options;
          const { values, shape } = await this.#samples(from, { seed, averaged });
          const { valueRange } = generator;
          const picture = imageGrid(values, shape, { valueRange, ...layout });
          return { width: picture.width, height: picture.height, data: canvasPixels(picture) };
        },
        ({ data }) => [data],
      ),
    generatorArtifacts: (averaged) =>
      answer(
        () => this.#artifacts(averaged),
        ({ weightData }) => [weightData].flat(),
      ),
    history: () => answer(async () => (await this.#gan()).trainer.history.toJSON()),
    snapshot: () =>
      answer(
        async () => (await this.#gan()).trainer.snapshot(),
        ({ networks, optimizers, parts }) =>
          [
            ...Object.values(networks),
            ...Object.values(optimizers).map(({ slots }) => slots),
            ...Object.values(parts),
          ].flatMap(valuesOf),
      ),
    restore: (snapshot, options) =>
      answer(async () => (await this.#gan()).trainer.restore(snapshot, options)),
    disconnect: (connection) => answer(() => this.#disconnect(connection)),
  };

  async #connect(settings: unknown): Promise<Greeting> {
    if (this.#served !== undefined && settings !== undefined) {
      throw new Error(
        'Cannot connect to the trainer: settings must be left out, because the first connection has made the trainer. ' +
          'To make another one, dispose that connection first',
      );
    }
    const connection = (this.#lastNumber += 1);
    this.#connections.add(connection);
    this.#served ??= this.#makeServed(settings);
    try {
      const { gan, backend } = await this.#served;
      const { latentSize, latentDistribution, outputShape, valueRange } = gan.generator;
      const { name, detail, refused } = backend ?? {
        name: tf.getBackend(),
        detail: '',
        refused: [],
      };
      return {
        connection,
        backend: { name, detail, refused },
        latentSize,
        latentDistribution,
        sampleShape: outputShape,
        valueRange,
      };
    } catch (error) {
      // Whoever comes next may try again.
      this.#connections.delete(connection);
      this.#served = undefined;
      throw error;
    }
  }

  async #makeServed(settings: unknown): Promise<Served> {
    const made = await this.#make(settings as never);
    const served = isObject(made) && 'gan' in made ? made : { gan: made };
    const given = (served as Partial<ServedTrainer>).gan;
    const gan = isTrainer(given) ? asGan(given) : given;
    if (!isObject(gan) || typeof gan.trainer?.fit !== 'function' || gan.generator === undefined) {
      throw new TypeError(
        'Cannot connect to the trainer: the function given to serveTrainer must return a Gan or a Trainer, or an object with one ' +
          `under the name gan, got ${formatValue('gan' in served ? given : made)}`,
      );
    }
    return { ...served, gan };
  }

  async #alive(): Promise<Served> {
    if (this.#served !== undefined) return this.#served;
    throw new Error('the trainer was disposed');
  }

  async #gan(): Promise<ServedGan> {
    return (await this.#alive()).gan;
  }

  async #start({ data, ...options }: WireFitOptions, aborted: boolean): Promise<number> {
    const { gan, data: own, callbacks = [] } = await this.#alive();
    if (this.#underWay() !== undefined) {
      throw new Error(
        'Cannot train: this trainer is training already. Wait for the other run to end, or stop it',
      );
    }
    if (data !== undefined) {
      const { values, ...about } = data;
      this.#sentData = datasetFromArray(values, about);
    }
    const dataset = this.#sentData ?? own;
    if (dataset === undefined) {
      throw new RangeError(
        'Cannot train: there must be data, got none. Pass fit({ data: { values, sampleShape } }), ' +
          'or return { gan, data } from the function given to serveTrainer',
      );
    }
    const number = (this.#lastNumber += 1);
    const run = new ServedRun({ trainer: gan.trainer, dataset, options, callbacks, aborted });
    this.#runs.set(number, run);
    return number;
  }

  async #next(number: number): Promise<RunPart> {
    const run = this.#runs.get(number);
    if (run === undefined) throw new Error('Cannot train: the run is no more');
    try {
      const part = await run.next();
      if (part.end !== undefined) this.#runs.delete(number);
      return part;
    } catch (error) {
      this.#runs.delete(number);
      throw error;
    }
  }

  #underWay(): ServedRun | undefined {
    return [...this.#runs.values()].find((run) => !run.ended);
  }

  async #samples(from: number | Float32Array, options: SampleOptions): Promise<NamedArray> {
    const { generator } = await this.#gan();
    if (typeof from === 'number') return readAndDispose(generator.sample(from, options));
    const { latentSize } = generator;
    if (!isFloat32Array(from) || from.length === 0 || from.length % latentSize !== 0) {
      throw new RangeError(
        `Cannot generate: latents must be a Float32Array of ${latentSize} numbers for each sample, ` +
          `got ${isFloat32Array(from) ? `${from.length} numbers` : formatValue(from)}`,
      );
    }
    const latents = tf.tensor2d(ofThisRealm(from), [from.length / latentSize, latentSize]);
    try {
      return await readAndDispose(generator.generate(latents, options));
    } finally {
      latents.dispose();
    }
  }

  async #artifacts(averaged: boolean | undefined): Promise<tf.io.ModelArtifacts> {
    const { generator } = await this.#gan();
    let taken: tf.io.ModelArtifacts | undefined;
    const handler = tf.io.withSaveHandler(async (artifacts) => {
      taken = artifacts;
      return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
    });
    await generator.save(handler, { averaged });
    return taken!;
  }

  async #disconnect(connection: number): Promise<void> {
    if (!this.#connections.delete(connection) || this.#connections.size > 0) return;
    const [served, run] = [this.#served, this.#underWay()];
    this.#served = this.#sentData = undefined;
    run?.stop('stopped');
    await run?.end();
    (await served)?.gan.dispose();
  }
}

/** Works an answer out. Of its buffers, those named move to the other thread instead of being copied. */
async function answer<T>(
  work: () => Promise<T>,
  moving?: (value: T) => readonly (ArrayBufferView | ArrayBuffer | undefined)[],
): Promise<Answer<T>> {
  try {
    const value = await work();
    const buffers = (moving?.(value) ?? []).flatMap((part) =>
      part === undefined ? [] : [ArrayBuffer.isView(part) ? part.buffer : part],
    );
    return transfer({ value }, [...new Set(buffers)] as Transferable[]);
  } catch (error) {
    return { failure: toWire(error) };
  }
}

async function readAndDispose(tensor: tf.Tensor): Promise<NamedArray> {
  try {
    // A copy that may leave this thread: some backends answer with the array they keep.
    return { shape: [...tensor.shape], values: Float32Array.from(await tensor.data()) };
  } finally {
    tensor.dispose();
  }
}

function valuesOf(arrays: NamedArrays): Float32Array[] {
  return Object.values(arrays).map(({ values }) => values);
}

/** A trainer with all networks of its game, whose maker is out of reach of who disposes them. */
function asGan(trainer: Trainer): ServedGan {
  return {
    trainer,
    generator: trainer.generator,
    dispose: () => {
      trainer.dispose();
      for (const { network } of Object.values(trainer.game.networks)) {
        (network as Partial<Pick<Gan, 'dispose'>>).dispose?.();
        disposeModel(network.model);
      }
    },
  };
}

/** By what it has, since an application may hold two copies of this library. */
function isTrainer(given: Gan | Trainer | undefined): given is Trainer {
  return isObject(given) && 'game' in given && 'fit' in given;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

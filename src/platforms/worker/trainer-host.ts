import * as tf from '@tensorflow/tfjs';
import { transfer } from 'comlink';
import { formatValue } from '../../core/format.ts';
import type { Dataset } from '../../data/dataset.ts';
import { disposeModel } from '../../models/layers-model.ts';
import type { Gan } from '../../training/gan.ts';
import type { Trainer } from '../../training/trainer.ts';
import {
  artifactsOf,
  describeGenerators,
  drawOf,
  drawPointsOf,
  generateOf,
  type Generators,
  directionsOf,
  interpolateOf,
  latentsOf,
  sampleOf,
} from './generator-calls.ts';
import { buffersOf } from './plain-data.ts';
import { remoteDataset } from './remote-dataset.ts';
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

/** The members that the host uses. */
type ServedGan = Pick<Gan, 'trainer' | 'generator' | 'dispose'>;

/** What is served, with what belongs to it. */
type Served = Omit<ServedTrainer, 'gan'> & { readonly gan: ServedGan };

/**
 * The worker's side: creates the GAN at the first connection, frees it at the end of the last one.
 *
 * @internal
 */
export class TrainerHost {
  readonly #make: (settings: never) => Made | Promise<Made>;
  readonly #connections = new Set<number>();
  #lastNumber = 0;
  #served: Promise<Served> | undefined;
  /** Runs whose end was not fetched yet. */
  readonly #runs = new Map<number, ServedRun>();
  #sentData: Dataset | undefined;

  constructor(make: (settings: never) => Made | Promise<Made>) {
    this.#make = make;
  }

  /** The methods that it handles. */
  readonly service: TrainerService = {
    hello: () => true,
    connect: (settings) => answer(() => this.#connect(settings)),
    status: () =>
      answer(async () => {
        const { step, epoch } = await this.#trainer();
        const run = this.#underWay();
        const { lastStep } = run ?? {};
        const running = run !== undefined;
        return { step, epoch, running, paused: run?.paused === true, lastStep };
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
    latents: (count, options) => this.#made((generators) => latentsOf(generators, count, options)),
    sample: (count, options) => this.#made((generators) => sampleOf(generators, count, options)),
    generate: (inputs, options) =>
      this.#made((generators) => generateOf(generators, inputs, options)),
    interpolate: (from, to, options) =>
      this.#made((generators) => interpolateOf(generators, from, to, options)),
    directions: (options) => this.#made((generators) => directionsOf(generators, options)),
    draw: (from, options) => this.#made((generators) => drawOf(generators, from, options)),
    drawPoints: (from, options) =>
      this.#made(async (generators) =>
        drawPointsOf(
          { generators, data: this.#sentData ?? (await this.#alive()).data },
          from,
          options,
        ),
      ),
    generatorArtifacts: (options) => this.#made((generators) => artifactsOf(generators, options)),
    history: () => answer(async () => (await this.#trainer()).history.toJSON()),
    snapshot: () =>
      answer(
        async () => (await this.#trainer()).snapshot(),
        ({ networks, optimizers, parts }) => buffersOf({ networks, optimizers, parts }),
      ),
    restore: (snapshot, options) =>
      answer(async () => (await this.#trainer()).restore(snapshot, options)),
    disconnect: (connection) => answer(() => this.#disconnect(connection)),
  };

  async #connect(settings: unknown): Promise<Greeting> {
    if (this.#served !== undefined && settings !== undefined) {
      throw new Error(
        'Cannot connect to the trainer: settings must be left out, because the first connection has created the trainer. ' +
          'To create another one, dispose that connection first',
      );
    }
    const connection = (this.#lastNumber += 1);
    this.#connections.add(connection);
    this.#served ??= this.#makeServed(settings);
    try {
      const { gan, backend } = await this.#served;
      const { name, detail, refused } = backend ?? {
        name: tf.getBackend(),
        detail: '',
        refused: [],
      };
      return {
        connection,
        backend: { name, detail, refused },
        generators: describeGenerators(gan.trainer.game.generators),
      };
    } catch (error) {
      // The next connection may try again.
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

  async #trainer(): Promise<Trainer> {
    return (await this.#alive()).gan.trainer;
  }

  /** Runs a generator function and transfers its arrays. */
  #made<T>(make: (generators: Generators) => Promise<T>): Promise<Answer<T>> {
    return answer(async () => make((await this.#trainer()).game.generators), buffersOf);
  }

  async #start({ data, ...options }: WireFitOptions, aborted: boolean): Promise<number> {
    const { gan, data: own, callbacks = [] } = await this.#alive();
    if (this.#underWay() !== undefined) {
      throw new Error(
        'Cannot train: this trainer is training already. Wait for the other run to end, or stop it',
      );
    }
    if (data !== undefined) this.#sentData = remoteDataset(data);
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
    if (run === undefined) throw new Error('Cannot train: the run has ended');
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

  async #disconnect(connection: number): Promise<void> {
    if (!this.#connections.delete(connection) || this.#connections.size > 0) return;
    const [served, run] = [this.#served, this.#underWay()];
    this.#served = this.#sentData = undefined;
    run?.stop('stopped');
    await run?.end();
    (await served)?.gan.dispose();
  }
}

/**
 * Computes a response. The buffers that `moving` names are transferred to the other thread instead
 * of copied.
 */
async function answer<T>(
  work: () => Promise<T>,
  moving: (value: T) => ArrayBuffer[] = () => [],
): Promise<Answer<T>> {
  try {
    const value = await work();
    return transfer({ value }, moving(value));
  } catch (error) {
    return { failure: toWire(error) };
  }
}

/** A trainer with all networks of its game, whose owner cannot be reached to dispose them. */
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

/**
 * Checks members instead of the class, because an application may have two copies of this library.
 */
function isTrainer(given: Gan | Trainer | undefined): given is Trainer {
  return isObject(given) && 'game' in given && 'fit' in given;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

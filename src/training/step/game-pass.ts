import * as tf from '@tensorflow/tfjs';
import { isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import type { Random } from '../../core/random.ts';
import type { UpdateProgress } from '../../core/schedules/schedule.ts';
import { scheduledValue } from '../../core/schedules/scheduled-number.ts';
import type { Pass, PenaltyInputs, RunOptions, Tensors } from '../../games/game.ts';
import type { PenaltyContext, Penalty } from '../../losses/penalties/penalty.ts';
import { penaltyWeights } from '../../losses/penalties/penalty-options.ts';
import { drawCondition, isOfBatch } from '../../models/conditions.ts';
import { drawRows } from '../../models/latents.ts';
import type { NetworkInput } from '../../models/network.ts';
import { outsideTape } from '../../tfjs-internals/tape.ts';
import { rowsOf } from './batch-tensors.ts';
import { checkTerm } from './loss-term.ts';
import type { LiveNetwork } from './live-network.ts';
import { checkSlot, type StepMemory } from './step-memory.ts';
import type { PenalizedUpdate, TurnPenalties } from './turn-penalties.ts';

/** State shared by the passes of an update. @internal */
export interface PassScene {
  readonly networks: ReadonlyMap<string, LiveNetwork>;
  /** Names of the networks that the turn updates. */
  readonly updated: ReadonlySet<string>;
  /** Names of the networks that were run; the pass adds to them. */
  readonly ran: Set<string>;
  readonly memory: StepMemory;
  readonly penalties: TurnPenalties;
  readonly progress: UpdateProgress;
  /** Whether the turn is played more than once in a step. */
  readonly isRepeated: boolean;
  /** The network whose latents are drawn from the random source `latents`. */
  readonly mainNetwork: string | undefined;
}

/** The operations that the terms of one update are built from; see {@link Pass}. @internal */
export class GamePass implements Pass {
  readonly batch: Tensors<string>;
  readonly progress: UpdateProgress;
  /** Metrics by name, kept. */
  readonly metrics: Map<string, tf.Scalar> = new Map<string, tf.Scalar>();
  /** The penalties that were used, each with the network it ran. */
  readonly used: (readonly [Penalty, string])[] = [];
  readonly #scene: PassScene;
  #inPenalty = false;

  constructor(scene: PassScene, batch: Tensors<string>) {
    this.#scene = scene;
    this.batch = batch;
    this.progress = scene.progress;
  }

  run<T extends string = never>(
    name: string,
    inputs: Tensors<string>,
    options: RunOptions<T> = {},
  ): Tensors<string> {
    const network = this.#network(name);
    const { statistics = 'move', weights = 'trained', taps = {}, detached } = options;
    this.#scene.ran.add(name);
    const ordered = orderedInputs(network, inputs);
    const isOwn = this.#scene.updated.has(name);
    const moves = isOwn && statistics === 'move' && detached !== true && !this.#inPenalty;
    const tapped = Object.entries<string>(taps);
    const pass = (): Tensors<string> => {
      let outputs: readonly tf.Tensor[] = [];
      const run = (): void => {
        outputs = network.run(ordered, moves && weights === 'trained');
      };
      const heard =
        tapped.length === 0
          ? (run(), [])
          : network.taps.read(
              tapped.map(([, layer]) => layer),
              run,
            );
      const own = network.network.outputs.map((output, i) => [output, outputs[i]!] as const);
      const more = tapped.map(([output], i) => [output, heard[i]!] as const);
      return Object.fromEntries([...own, ...more]);
    };
    const weighted =
      weights === 'ema' ? (): Tensors<string> => this.#averaged(network, pass) : pass;
    const constrained = (): Tensors<string> => underConstraints(network, weighted);
    return detached === true ? tf.tidy(() => outsideTape(constrained)) : constrained();
  }

  latents(name: string, count: number = this.#rows()): Tensors<string> {
    const source = name === this.#scene.mainNetwork ? 'latents' : `latents/${name}`;
    const random = this.#scene.memory.random(source);
    return this.#drawn(name, 'latents', ({ distribution = 'normal' }, shape) =>
      drawRows(random, count, shape, distribution),
    );
  }

  conditions(name: string, count: number = this.#rows()): Tensors<string> {
    const random = this.#scene.memory.random(`conditions/${name}`);
    return this.#drawn(name, 'condition', (input, shape, key) => {
      return isOfBatch(input)
        ? firstRows(key, this.batch[key]!, count)
        : drawCondition(random, input, count, shape);
    });
  }

  weights(name: string): ReturnType<LiveNetwork['learned']> {
    return this.#network(name).learned();
  }

  penalty(
    penalty: Penalty,
    name: string,
    on: PenaltyInputs<Tensors<string>>,
  ): tf.Scalar | undefined {
    const strength = scheduledValue(penalty.weight, this.progress, penaltyWeights);
    if (penalty.weight === 0) return undefined;
    const { updated, networks, penalties, memory, progress } = this.#scene;
    const of: PenalizedUpdate = {
      weights: [...updated].flatMap((own) => networks.get(own)!.learned()),
      update: progress.update,
    };
    const weights = penalties.weights(penalty, name, of);
    this.used.push([penalty, name]);
    const every = penalty.every ?? 1;
    if (progress.step % every !== 0 || strength === 0) return undefined;
    const context: PenaltyContext = {
      ...this.#judged(penalty, this.#network(name), on),
      labels: this.batch['labels'],
      weights,
      random: memory.random('penalties'),
      step: progress.step,
      update: progress.update,
      progress,
      slot: (slot, initial) => this.slot(`${penalties.place(penalty, name)}/${slot}`, initial),
    };
    const outer = this.#inPenalty;
    this.#inPenalty = true;
    try {
      const term = checkTerm(`the penalty '${penalty.name}'`, penalty.compute(context));
      const factor = strength * every;
      return factor === 1 ? term : tf.mul(term, factor).asScalar();
    } finally {
      this.#inPenalty = outer;
    }
  }

  random(part: string): Random {
    return this.#scene.memory.random(`game/${part}`);
  }

  metric(name: string, value: tf.Tensor | (() => tf.Tensor | Tensors<string>)): void {
    outsideTape(() =>
      tf.tidy(() => {
        const given = typeof value === 'function' ? value() : value;
        const all =
          given instanceof tf.Tensor || !isRecord(given)
            ? [[name, given] as const]
            : Object.entries(given).map(([key, one]) => [`${name}/${key}`, one] as const);
        for (const [key, one] of all) this.#show(key, one);
      }),
    );
  }

  keep(name: string, value: tf.Tensor): void {
    if (this.#scene.isRepeated) {
      throw new RangeError(
        `Cannot train: keep must be called in a turn that is played once in a step, got '${name}' in one that is repeated. ` +
          'Set times and accumulate to 1, or keep it in another turn',
      );
    }
    outsideTape(() => {
      this.#scene.memory.keep(name, value);
    });
  }

  kept(name: string): tf.Tensor {
    return this.#scene.memory.kept(name);
  }

  slot(name: string, initial: () => tf.Tensor): ReturnType<Pass['slot']> {
    const { memory } = this.#scene;
    const key = `slots/${name}`;
    if (!memory.state.has(key)) {
      outsideTape(() =>
        tf.tidy(() => {
          memory.setState(key, checkSlot(name, initial()));
        }),
      );
    }
    const get = (): tf.Tensor => memory.state.get(key)!;
    return {
      get,
      set: (value) => {
        outsideTape(() => {
          memory.setState(key, checkSlot(name, value, get().shape));
        });
      },
    };
  }

  /** Frees the metrics. */
  dispose(): void {
    tf.dispose([...this.metrics.values()]);
  }

  #show(name: string, value: tf.Tensor): void {
    if (this.metrics.has(name)) {
      throw new RangeError(
        `Cannot train: metric must be called with a name that is free in this update, got '${name}' again`,
      );
    }
    this.metrics.set(name, tf.keep(checkTerm(`the metric '${name}'`, value).clone()));
  }

  #network(name: string): LiveNetwork {
    const network = this.#scene.networks.get(name);
    if (network !== undefined) return network;
    const names = [...this.#scene.networks.keys()].map(formatValue).join(', ');
    throw new RangeError(`Cannot train: the network must be one of ${names}, got '${name}'`);
  }

  #rows(): number {
    return rowsOf(this.batch);
  }

  #averaged(network: LiveNetwork, pass: () => Tensors<string>): Tensors<string> {
    if (network.ema !== undefined) return network.ema.use(pass);
    throw new RangeError(
      `Cannot train: weights: 'ema' must be used with a network that has an average, got '${network.name}', which has none. ` +
        'Set its ema in the networks of the game',
    );
  }

  #drawn<K extends NetworkInput['kind']>(
    name: string,
    kind: K,
    draw: (input: InputOf<K>, shape: readonly number[], key: string) => tf.Tensor,
  ): Tensors<string> {
    const { network } = this.#network(name);
    const drawn = Object.entries(network.inputs).flatMap(([key, input], i) => {
      if (!isOfKind(input, kind)) return [];
      const shape = network.model.inputs[i]!.shape.slice(1) as number[];
      return [[key, outsideTape(() => draw(input, shape, key))] as const];
    });
    return Object.fromEntries(drawn);
  }

  /** The context of a penalty: the samples of both sides, and the network as a function of them. */
  #judged(
    penalty: Penalty,
    network: LiveNetwork,
    on: PenaltyInputs<Tensors<string>>,
  ): Pick<PenaltyContext, 'real' | 'fake' | 'discriminate' | 'features'> {
    const { name } = network;
    const differentiated = Object.entries(network.network.inputs).flatMap(([key, { kind }]) =>
      kind === 'tensor' ? [key] : [],
    );
    if (penalty.pairsRows === true) checkPaired(penalty, network, on);
    const [only] = differentiated;
    const split = (joined: tf.Tensor): Tensors<string> =>
      differentiated.length === 1 && only !== undefined
        ? { [only]: joined }
        : splitTensors(differentiated, on.real, joined);
    const join = (inputs: Tensors<string>): tf.Tensor =>
      differentiated.length === 1 && only !== undefined
        ? inputs[only]!
        : tf.concat(
            differentiated.map((key) => tf.reshape(inputs[key]!, [inputs[key]!.shape[0], -1])),
            1,
          );
    const { transform = (inputs: Tensors<string>): Tensors<string> => inputs } = on;
    const { outputs } = network.network;
    const output = outputs.find((name) => name === 'logits') ?? outputs[0];
    const discriminate = (samples: tf.Tensor, side: 'real' | 'fake' = 'real'): tf.Tensor =>
      this.run(name, transform({ ...on[side], ...split(samples) }))[output!]!;
    const features: PenaltyContext['features'] = (layer) => {
      const [real, fake] = (['real', 'fake'] as const).map(
        (side) =>
          network.taps.read([layer], () => {
            this.run(name, transform(on[side]));
          })[0]!,
      ) as [tf.Tensor, tf.Tensor];
      return { real, fake };
    };
    return { real: join(on.real), fake: join(on.fake), discriminate, features };
  }
}

/**
 * A pass under the constraints of its network. The update has entered those of the networks that the
 * last one ran; another one is run first where a phase begins.
 */
function underConstraints<T>({ constraints }: LiveNetwork, pass: () => T): T {
  if (!constraints.wraps || constraints.isPassing) return pass();
  return outsideTape((inside) => constraints.wrapForward(() => inside(pass)));
}

/** Inputs of one kind. */
type InputOf<K extends NetworkInput['kind']> = Extract<NetworkInput, { readonly kind: K }>;

function isOfKind<K extends NetworkInput['kind']>(
  input: NetworkInput,
  kind: K,
): input is InputOf<K> {
  return input.kind === kind;
}

/** The inputs of a network in its model's order; refuses missing and unknown ones. */
function orderedInputs({ name, network }: LiveNetwork, inputs: Tensors<string>): tf.Tensor[] {
  const names = Object.keys(network.inputs);
  const fits =
    Object.keys(inputs).length >= names.length &&
    names.every((key) => inputs[key] instanceof tf.Tensor);
  const known = fits && Object.keys(inputs).every((key) => names.includes(key));
  if (known) return names.map((key) => inputs[key]!);
  throw new RangeError(
    `Cannot train: run('${name}', …) must have a tensor for each of the inputs ${names.join(', ')}, ` +
      `got ${Object.keys(inputs).join(', ') || 'none'}`,
  );
}

function firstRows(name: string, value: tf.Tensor, count: number): tf.Tensor {
  const rows = value.shape[0] ?? 0;
  if (rows === count) return value;
  if (count < rows) return tf.slice(value, 0, count);
  throw new RangeError(
    `Cannot train: ${name} of the batch must have a row for each sample, got ${rows} rows for ${count} samples. ` +
      "Use fewer samples, or a source other than 'batch' for the input",
  );
}

/** Refuses fake samples whose conditions differ from those of the real samples in the same rows. */
function checkPaired(
  penalty: Penalty,
  { name, network }: LiveNetwork,
  { real, fake }: PenaltyInputs<Tensors<string>>,
): void {
  for (const [key, { kind }] of Object.entries(network.inputs)) {
    if (kind !== 'condition' || real[key] === fake[key]) continue;
    throw new RangeError(
      `Cannot train: the penalty '${penalty.name}' pairs rows, so fake samples must have the ${key} of the real ones in ` +
        `the inputs of '${name}', got another tensor. Generate them with the conditions of the batch`,
    );
  }
}

function splitTensors(
  names: readonly string[],
  like: Tensors<string>,
  joined: tf.Tensor,
): Tensors<string> {
  const rows = joined.shape[0] ?? 0;
  const shapes = names.map((name) => like[name]!.shape.slice(1));
  const sizes = shapes.map((shape) => shape.reduce((product, size) => product * size, 1));
  const parts = tf.split(joined, sizes, 1);
  return Object.fromEntries(
    names.map((name, i) => [name, tf.reshape(parts[i]!, [rows, ...shapes[i]!])]),
  );
}

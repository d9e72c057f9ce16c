import type * as tf from '@tensorflow/tfjs';
import type { Random } from '../core/random.ts';
import type { Schedule, TrainingProgress, UpdateProgress } from '../core/schedules/schedule.ts';
import type { PenalizedWeight, Penalty } from '../losses/penalties/penalty.ts';
import type { Generator } from '../models/generator.ts';
import type { Network, NetworkInput, NetworkInputs } from '../models/network.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';

/**
 * Plain settings by name: shown in reports and compared when a snapshot is restored.
 *
 * @example What a report shows of a game
 * ```ts
 * const settings: Settings = { weight: 10, 'phase.adversarialFrom': 1000 };
 * ```
 */
export type Settings = Readonly<Record<string, number | string | boolean>>;

/**
 * An exponential moving average of a network's weights: after each step a ← decay·a + (1 − decay)·w. Give `decay` or
 * `halfLife`, not both.
 *
 * @example Samples of the averaged weights, and of the last ones
 * ```ts
 * const ema: EmaOptions = { decay: 0.99, startStep: 2 };
 * const { generator, trainer } = createMlpGan({ sampleShape: [2], ema });
 * await trainer.fit(ring8({ size: 512 }), { steps: 4 });
 * const steady = generator.sample(64, { seed: 1 });
 * const last = generator.sample(64, { seed: 1, averaged: false });
 * ```
 */
export interface EmaOptions {
  /**
   * What is left of the average at each step; at least 0, less than 1, or a schedule. Roughly the last 1 / (1 − decay) steps count:
   * 0.9999, as in BigGAN, wants runs of far more than 10 000 steps.
   *
   * @defaultValue `0.999`, as in the code of Mescheder et al., 2018
   */
  readonly decay?: number | Schedule | undefined;
  /**
   * In place of `decay`: number of real samples after which half of the average is new, or a schedule;
   * decay = ½^(samples of a step / halfLife). At 0 the average is the weights.
   *
   * @defaultValue none
   */
  readonly halfLife?: number | Schedule | undefined;
  /**
   * Number of steps before averaging begins; until then the average is a copy of the weights, so that the first
   * ones, which are noise, do not count.
   *
   * @defaultValue `0`: the average begins at the weights the trainer was made with
   */
  readonly startStep?: number | undefined;
}

/**
 * One network of a game and how it is trained.
 *
 * @typeParam I - Its inputs by name.
 * @typeParam O - Names of its outputs.
 *
 * @example A network that is trained, and one that is frozen
 * ```ts
 * const trained: GameNetwork = { network: mlpGenerator({ sampleShape: [2] }), optimizer: adam(), ema: { decay: 0.99 } };
 * const frozen: GameNetwork = { network: mlpDiscriminator({ sampleShape: [2] }) };
 * ```
 */
export interface GameNetwork<I extends NetworkInputs = NetworkInputs, O extends string = string> {
  /** A `Generator`, a `Discriminator`, or a model with names for its inputs and outputs. No two hold one variable in common. */
  readonly network: Network<I, O>;
  /** How its weights are updated. Without one the network is frozen: it always runs in inference mode. */
  readonly optimizer?: OptimizerSpec | undefined;
  /** Keeps an average of its weights, which `weights: 'ema'` uses, and its generator for sampling and saving. */
  readonly ema?: EmaOptions | undefined;
}

/**
 * The networks of a game by name.
 *
 * @example The networks of a game and how they are trained
 * ```ts
 * const networks: GameNetworks = game.networks;
 * console.log(Object.keys(networks).filter((name) => networks[name]?.optimizer === undefined)); // []
 * ```
 */
export type GameNetworks = Readonly<Record<string, GameNetwork>>;

/**
 * The tensors a batch has to hold, by name; it may hold more. All have one first axis.
 *
 * @example Pairs of pictures of any size
 * ```ts
 * const batch: BatchSpec<'samples' | 'source'> = { samples: { shape: [null, null, 3] }, source: { shape: [null, null, 3] } };
 * ```
 */
export type BatchSpec<B extends string = string> = Readonly<
  Record<
    B,
    {
      /** Shape of one row; `null` stands for any size. Without it any shape is accepted. */
      readonly shape?: readonly (number | null)[] | undefined;
      /** @defaultValue `'float32'` */
      readonly dtype?: 'float32' | 'int32' | undefined;
      /**
       * Number of classes, if the tensor holds labels: each has to be an integer from 0 to classes − 1, and the data are checked
       * when a run begins.
       *
       * @defaultValue none
       */
      readonly classes?: number | undefined;
    }
  >
>;

/**
 * What one step of training does: networks with names, and turns that update them, played in their order.
 *
 * A game is plain data and pure functions. It has no state and draws no random numbers of its own: what a turn needs of
 * either, its {@link Pass} gives. A step happens whole or not at all.
 *
 * @typeParam W - The networks by name.
 * @typeParam B - Names of the tensors of a batch.
 *
 * @example What a trainer is given
 * ```ts
 * const trainer = new Trainer({ game, seed: 7 });
 * await trainer.fit(dataset, { steps: 1, batchSize: 8 });
 * const turns = trainer.game.turns.map(({ name }) => name);
 * console.log(turns); // [ 'discriminator', 'generator' ]
 * ```
 */
export interface Game<W extends GameNetworks = GameNetworks, B extends string = string> {
  /** Its name, for reports and snapshots. */
  readonly name: string;
  /** Everything that changes what it computes, such as weights and the steps at which phases begin. */
  readonly settings?: Settings | undefined;
  /** The networks by name. */
  readonly networks: W;
  /** The tensors that every batch has to hold. */
  readonly batch: BatchSpec<B>;
  /** What updates them, played in this order. */
  readonly turns: readonly Turn<W, B>[];
  /** What grids, `evaluate`, reports, workers and `save` show, by name; the first is the default. */
  readonly generators: Readonly<Record<string, Generator>>;
}

/**
 * Updates of one network, or of several together.
 *
 * @typeParam W - The networks of the game.
 * @typeParam B - Names of the tensors of a batch.
 *
 * @example A turn that is left out in the first 1,000 steps
 * ```ts
 * const patient = (turn: Turn): Turn => ({ ...turn, when: ({ step }) => step > 1000 });
 * const [first, second] = game.turns as [Turn, Turn];
 * const pretrained: Game = { ...game, turns: [patient(first), second] };
 * const trainer = new Trainer({ game: pretrained });
 * const { steps } = await trainer.fit(dataset, { steps: 1, batchSize: 8 });
 * console.log(Object.keys(steps[0]?.losses ?? {})); // [ 'generator' ]
 * ```
 */
export interface Turn<W extends GameNetworks = GameNetworks, B extends string = string> {
  /** Its name; losses and terms are shown by turn, gradient norms and learning rates by network. */
  readonly name: string;
  /** The networks it updates, each by its own optimizer. All have one; no other network gets a gradient. */
  readonly updates: TrainedName<W> | readonly TrainedName<W>[];
  /**
   * Number of whole updates in one step: constraints, optimizer and new weights for each. The numbers shown are their means.
   *
   * @defaultValue `1`
   */
  readonly times?: number | undefined;
  /**
   * Which batch an update uses: `'next'` takes a new one for each, `'same'` uses the last one taken in this step.
   *
   * @defaultValue `'next'` in the first turn, `'same'` in the others
   */
  readonly batch?: 'next' | 'same' | undefined;
  /**
   * Number of micro-batches: `terms` is called once for each, with a batch of its own where `batch` is `'next'`, and the mean
   * of their gradients makes one update.
   *
   * @defaultValue `1`
   */
  readonly accumulate?: number | undefined;
  /**
   * Whether the turn is played in this step; without it, always. If it returns false, nothing is updated or drawn, and the
   * optimizer and its count stay; the turn's batches are still taken, so each step takes as many, and `'same'` in a later
   * turn refers to the last of them.
   *
   * @param progress - Counts only.
   */
  when?(progress: TrainingProgress): boolean;
  /**
   * The terms of the loss by name, already weighted; their sum is differentiated once. A term that no updated network
   * affects is an error in the first step.
   *
   * @param pass - What the terms are made of.
   */
  terms(pass: Pass<W, B>): Terms;
}

/**
 * Weighted terms of a loss by name: scalars, float32. One that is not due in this step is `undefined` or left out. The type
 * is `tf.Tensor` because TensorFlow.js operations lose the rank; what is no scalar is an error when it is computed.
 *
 * @example Two terms, one of them every second step
 * ```ts
 * const terms = (loss: tf.Tensor, extra: tf.Tensor, step: number): Terms => ({
 *   loss,
 *   extra: step % 2 === 0 ? extra : undefined,
 * });
 * ```
 */
export type Terms = Readonly<Record<string, tf.Tensor | undefined>>;

/**
 * How a network is run.
 *
 * @typeParam T - What the outputs of tapped layers are called.
 *
 * @example Features of a layer, outside the tape
 * ```ts
 * const options: RunOptions<'features'> = { taps: { features: '3.conv2D' }, detached: true };
 * ```
 */
export interface RunOptions<T extends string = string> {
  /**
   * Whether batch norm's moving statistics are updated by this pass. Those of networks that the turn does not update, of
   * detached passes and of passes inside a penalty never are.
   *
   * @defaultValue `'move'`
   */
  readonly statistics?: 'move' | 'hold' | undefined;
  /**
   * The weights that are trained, or their average, which is constant.
   *
   * @defaultValue `'trained'`
   */
  readonly weights?: 'trained' | 'ema' | undefined;
  /** Layers whose outputs are returned beside the network's own: `{ features: '3.conv2D' }` returns `features`. */
  readonly taps?: Readonly<Record<T, string>> | undefined;
  /**
   * Runs outside the tape: the outputs are constants and statistics are held. Leaving it out costs memory, but moves no weight
   * of a network that the turn does not update.
   */
  readonly detached?: true | undefined;
}

/**
 * What a penalty is computed on.
 *
 * @typeParam I - The inputs of the network it runs.
 *
 * @example What a gradient penalty looks at
 * ```ts
 * const on = (real: tf.Tensor, fake: tf.Tensor): PenaltyInputs<{ samples: tf.Tensor }> => ({
 *   real: { samples: real },
 *   fake: { samples: fake },
 * });
 * ```
 */
export interface PenaltyInputs<I> {
  /** The network's inputs for real samples, with their conditions. */
  readonly real: I;
  /** The network's inputs for fake samples, with theirs. A penalty that pairs rows requires the conditions of `real`. */
  readonly fake: I;
  /** Applied to inputs before the network runs, such as augmentation; the penalty differentiates through it. */
  readonly transform?: ((inputs: I) => I) | undefined;
}

/**
 * A trainable weight as it is learned, before any constraint.
 *
 * @example The sum of the squares of all kernels
 * ```ts
 * const size = (weights: readonly NetworkWeight[]): tf.Tensor =>
 *   tf.addN(weights.filter(({ key }) => key.endsWith('/kernel')).map(({ value }) => tf.sum(tf.square(value))));
 * ```
 */
export type NetworkWeight = Pick<PenalizedWeight, 'key' | 'value' | 'filterAxis'>;

/**
 * What the terms of one update are made of. All tensors it gives are the trainer's to dispose.
 *
 * A network's constraints are entered at its first pass in an update and stay entered until the update ends, so each weight
 * has one value in an update: under spectral norm one power iteration and one W/σ.
 *
 * @typeParam W - The networks of the game.
 * @typeParam B - Names of the tensors of a batch.
 *
 * @example A term that any turn of a game may have
 * ```ts
 * const decay = (pass: Pass): tf.Tensor =>
 *   tf.mul(tf.addN(pass.weights('generator').map(({ value }) => tf.sum(tf.square(value)))), 1e-4);
 * ```
 */
export interface Pass<W extends GameNetworks = GameNetworks, B extends string = string> {
  /** The tensors of the batch. */
  readonly batch: Tensors<B>;
  /** How far training is; `valueAt(schedule, pass.progress)` gives the value of a schedule. */
  readonly progress: UpdateProgress;
  /**
   * Runs a network in training mode, a frozen one in inference mode.
   *
   * @typeParam N - Name of the network.
   * @typeParam T - What the outputs of tapped layers are called.
   * @param network - Its name.
   * @param inputs - A tensor for each of its inputs.
   * @param options - Statistics, weights, taps.
   * @returns Its outputs by name, and those of the tapped layers. They are the tensors on the tape, so `tf.grad` inside
   * `terms` can differentiate one with respect to another.
   */
  run<N extends NetworkName<W>, T extends string = never>(
    network: N,
    inputs: Tensors<InputName<W, N>>,
    options?: RunOptions<T>,
  ): Tensors<OutputName<W, N> | T>;
  /**
   * Draws latents for each of a network's inputs of that kind.
   *
   * @param network - Its name.
   * @param count - Number of rows; by default those of the batch.
   */
  latents<N extends NetworkName<W>>(
    network: N,
    count?: number,
  ): Tensors<InputOfKind<W, N, 'latents'>>;
  /**
   * Conditions for each of a network's inputs of that kind, from the source that the input names. Give the same ones to the
   * network that judges the sample.
   *
   * @param network - Its name.
   * @param count - Number of rows; by default those of the batch, whose rows they are for the source `'batch'`.
   */
  conditions<N extends NetworkName<W>>(
    network: N,
    count?: number,
  ): Tensors<InputOfKind<W, N, 'condition'>>;
  /**
   * A network's trainable weights as they are learned, before any constraint; gradients reach those of updated networks.
   *
   * @param network - Its name.
   */
  weights(network: NetworkName<W>): readonly NetworkWeight[];
  /**
   * The term of a penalty, weighted, or `undefined` in steps in which it is not due. Its own passes hold statistics.
   *
   * @param penalty - Its slots belong to the turn; its `weights` are those of the updated networks.
   * @param network - The network that it runs.
   * @param on - Inputs of that network, after the pool and before augmentation.
   */
  penalty<N extends NetworkName<W>>(
    penalty: Penalty,
    network: N,
    on: PenaltyInputs<Tensors<InputName<W, N>>>,
  ): tf.Scalar | undefined;
  /**
   * A seeded source of random numbers that is saved in snapshots. Each name has a source of its own, so a new term shifts no
   * other draw.
   *
   * @param part - What it is for, such as `'pool'`.
   */
  random(part: string): Random;
  /**
   * Shows a number of this update in the history; it is no term of the loss.
   *
   * @param name - Its name.
   * @param value - A scalar, or a function that makes one, or several by name, from tensors at hand; what it computes is not
   * recorded for the gradient. `metric('accuracy', () => ({ real, fake }))` shows `accuracy/real` and `accuracy/fake`.
   */
  metric(name: string, value: tf.Tensor | (() => tf.Tensor | Tensors<string>)): void;
  /**
   * Keeps a tensor for later turns of this step. An error for a name that is already kept, and in a turn that is repeated.
   *
   * @param name - What later turns call it.
   * @param value - It is cloned; the clone is freed when the step ends or fails.
   */
  keep(name: string, value: tf.Tensor): void;
  /**
   * A tensor that an earlier turn of this step kept: a constant here. An error if none did, as when that turn was skipped.
   *
   * @param name - Its name.
   */
  kept(name: string): tf.Tensor;
  /**
   * A tensor that lasts from step to step. The same name in another turn is the same slot.
   *
   * @param name - Its name in the game.
   * @param initial - Makes its first value, once in the trainer's life; decides its shape.
   */
  slot(
    name: string,
    initial: () => tf.Tensor,
  ): {
    /** Its value; not the caller's to dispose. */
    get(): tf.Tensor;
    /**
     * Replaces its value; no gradient flows through it.
     *
     * @param value - Of the same shape.
     */
    set(value: tf.Tensor): void;
  };
}

/**
 * Tensors by name.
 *
 * @example The means of two tensors of a batch
 * ```ts
 * const means = ({ samples, source }: Tensors<'samples' | 'source'>): tf.Tensor[] => [tf.mean(samples), tf.mean(source)];
 * ```
 */
export type Tensors<N extends string> = Readonly<Record<N, tf.Tensor>>;

/**
 * A network of a game.
 *
 * @example Names that a turn may run
 * ```ts
 * const networks = { generator: { network: mlpGenerator({ sampleShape: [2] }) } };
 * const name: NetworkName<typeof networks> = 'generator';
 * ```
 */
export type NetworkName<W extends GameNetworks> = keyof W & string;

/**
 * A network of a game that has an optimizer.
 *
 * @example Names that a turn may update
 * ```ts
 * const networks = {
 *   generator: { network: mlpGenerator({ sampleShape: [2] }), optimizer: adam() },
 *   features: { network: mlpDiscriminator({ sampleShape: [2] }) },
 * };
 * const name: TrainedName<typeof networks> = 'generator';
 * ```
 */
export type TrainedName<W extends GameNetworks> = {
  [N in keyof W]: 'optimizer' extends keyof W[N]
    ? W[N]['optimizer'] extends undefined
      ? never
      : N
    : never;
}[keyof W] &
  string;

/**
 * An input of a network.
 *
 * @example What a network has to be given
 * ```ts
 * const networks = { generator: { network: mlpGenerator({ sampleShape: [2] }) } };
 * const name: InputName<typeof networks, 'generator'> = 'latents';
 * ```
 */
export type InputName<
  W extends GameNetworks,
  N extends NetworkName<W>,
> = keyof W[N]['network']['inputs'] & string;

/**
 * An input of a network that is of one kind.
 *
 * @example Inputs that latents are drawn for
 * ```ts
 * const networks = { generator: { network: mlpGenerator({ sampleShape: [2] }) } };
 * const name: InputOfKind<typeof networks, 'generator', 'latents'> = 'latents';
 * ```
 */
export type InputOfKind<
  W extends GameNetworks,
  N extends NetworkName<W>,
  K extends NetworkInput['kind'],
> = {
  [I in InputName<W, N>]: K & W[N]['network']['inputs'][I]['kind'] extends never ? never : I;
}[InputName<W, N>];

/**
 * An output of a network.
 *
 * @example What a network returns
 * ```ts
 * const networks = { generator: { network: mlpGenerator({ sampleShape: [2] }) } };
 * const name: OutputName<typeof networks, 'generator'> = 'samples';
 * ```
 */
export type OutputName<
  W extends GameNetworks,
  N extends NetworkName<W>,
> = W[N]['network']['outputs'][number];

/**
 * Returns a game as it is; TypeScript learns from `networks` and `batch` what a turn may update, run and read.
 *
 * @typeParam W - The networks by name.
 * @typeParam B - Names of the tensors of a batch.
 * @param game - The game.
 * @returns The same object.
 *
 * @example The smallest adversarial game
 * ```ts
 * const loss = new HingeLoss();
 * const game = defineGame({
 *   name: 'smallest',
 *   networks: {
 *     generator: { network: generator, optimizer: adam() },
 *     discriminator: { network: discriminator, optimizer: adam() },
 *   },
 *   batch: { samples: {} },
 *   turns: [
 *     {
 *       name: 'discriminator',
 *       updates: 'discriminator',
 *       terms: (pass) => {
 *         const fake = pass.run('generator', pass.latents('generator'), { detached: true });
 *         const real = pass.run('discriminator', { samples: pass.batch.samples });
 *         const onFake = pass.run('discriminator', { samples: fake.samples });
 *         return { hinge: loss.discriminator(real.logits, onFake.logits) };
 *       },
 *     },
 *     {
 *       name: 'generator',
 *       updates: 'generator',
 *       terms: (pass) => {
 *         const { samples } = pass.run('generator', pass.latents('generator'));
 *         return { hinge: loss.generator(pass.run('discriminator', { samples }).logits) };
 *       },
 *     },
 *   ],
 *   generators: { samples: generator },
 * });
 * ```
 */
export function defineGame<const W extends GameNetworks, B extends string>(
  game: Game<W, B>,
): Game<W, B> {
  return game;
}

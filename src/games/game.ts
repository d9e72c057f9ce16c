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
 * @example The settings of a game in a report
 * ```ts
 * const settings: Settings = { weight: 10, 'phase.adversarialFrom': 1000 };
 * ```
 */
export type Settings = Readonly<Record<string, number | string | boolean>>;

/**
 * An exponential moving average of a network's weights: after each step a ← decay·a + (1 −
 * decay)·w. Set `decay` or `halfLife`, not both.
 *
 * @example Samples with averaged weights, and with the last ones
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
   * Share of the average that each step keeps; at least 0, less than 1, or a schedule. The average
   * covers roughly the last 1 / (1 − decay) steps: 0.9999, as in BigGAN, requires runs of far more
   * than 10 000 steps.
   *
   * @defaultValue `0.999`, as in the code of Mescheder et al., 2018
   */
  readonly decay?: number | Schedule | undefined;
  /**
   * Instead of `decay`: number of real samples after which half of the average is replaced, or a
   * schedule; decay = ½^(samples of a step / halfLife). At 0 the average equals the weights.
   *
   * @defaultValue none
   */
  readonly halfLife?: number | Schedule | undefined;
  /**
   * Number of steps before averaging begins; until then the average is a copy of the weights, so
   * that the early, noisy weights do not count.
   *
   * @defaultValue `0`: the average begins with the trainer's initial weights
   */
  readonly startStep?: number | undefined;
}

/**
 * One network of a game, and how it is trained.
 *
 * @typeParam I - Its inputs by name.
 * @typeParam O - Names of its outputs.
 *
 * @example A trained network and a frozen one
 * ```ts
 * const trained: GameNetwork = { network: mlpGenerator({ sampleShape: [2] }), optimizer: adam(), ema: { decay: 0.99 } };
 * const frozen: GameNetwork = { network: mlpDiscriminator({ sampleShape: [2] }) };
 * ```
 */
export interface GameNetwork<I extends NetworkInputs = NetworkInputs, O extends string = string> {
  /**
   * A `Generator`, a `Discriminator`, or a model with names for its inputs and outputs. Networks
   * must not share variables.
   */
  readonly network: Network<I, O>;
  /**
   * How its weights are updated. Without an optimizer the network is frozen: it always runs in
   * inference mode.
   */
  readonly optimizer?: OptimizerSpec | undefined;
  /**
   * Keeps an average of its weights, for `weights: 'ema'`, and for sampling and saving by its
   * generator.
   */
  readonly ema?: EmaOptions | undefined;
}

/**
 * The networks of a game by name.
 *
 * @example The networks of a game and their optimizers
 * ```ts
 * const networks: GameNetworks = game.networks;
 * console.log(Object.keys(networks).filter((name) => networks[name]?.optimizer === undefined)); // []
 * ```
 */
export type GameNetworks = Readonly<Record<string, GameNetwork>>;

/**
 * The tensors that a batch must have, by name; it may have more. All have the same first axis.
 *
 * @example Pairs of images of any size
 * ```ts
 * const batch: BatchSpec<'samples' | 'source'> = { samples: { shape: [null, null, 3] }, source: { shape: [null, null, 3] } };
 * ```
 */
export type BatchSpec<B extends string = string> = Readonly<
  Record<
    B,
    {
      /** Shape of one row; `null` is any size. If it is left out, any shape is accepted. */
      readonly shape?: readonly (number | null)[] | undefined;
      /** @defaultValue `'float32'` */
      readonly dtype?: 'float32' | 'int32' | undefined;
      /**
       * Number of classes, if the tensor has labels: integers from 0 to classes − 1. The data are
       * checked when a run begins.
       *
       * @defaultValue none
       */
      readonly classes?: number | undefined;
    }
  >
>;

/**
 * Defines one step of training: named networks, and turns that update them in order.
 *
 * A game is plain data and pure functions. It has no state and no random numbers of its own: its
 * {@link Pass} provides both. A step is applied completely or not at all.
 *
 * @typeParam W - The networks by name.
 * @typeParam B - Names of the tensors of a batch.
 *
 * @example The default game of a trainer
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
  /** All settings that affect its result, such as weights and the first steps of phases. */
  readonly settings?: Settings | undefined;
  /** The networks by name. */
  readonly networks: W;
  /** The tensors that every batch must have. */
  readonly batch: BatchSpec<B>;
  /** The updates, played in this order. */
  readonly turns: readonly Turn<W, B>[];
  /**
   * The generators for grids, `evaluate`, reports, workers and `save`, by name; the first is the
   * default.
   */
  readonly generators: Readonly<Record<string, Generator>>;
}

/**
 * Updates of one network, or of several together.
 *
 * @typeParam W - The networks of the game.
 * @typeParam B - Names of the tensors of a batch.
 *
 * @example A turn that is skipped in the first 1,000 steps
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
  /**
   * Its name; losses and terms are listed by turn, gradient norms and learning rates by network.
   */
  readonly name: string;
  /** The networks it updates, each with its own optimizer. Other networks receive no gradient. */
  readonly updates: TrainedName<W> | readonly TrainedName<W>[];
  /**
   * Number of complete updates in one step, each with constraints, optimizer and new weights.
   * Reported numbers are their means.
   *
   * @defaultValue `1`
   */
  readonly times?: number | undefined;
  /**
   * The batch of an update: `'next'` fetches a new one for each, `'same'` uses the last one of this
   * step.
   *
   * @defaultValue `'next'` in the first turn, `'same'` in the others
   */
  readonly batch?: 'next' | 'same' | undefined;
  /**
   * Number of micro-batches: `terms` is called once for each, with a separate batch if `batch` is
   * `'next'`, and one update uses the mean of their gradients.
   *
   * @defaultValue `1`
   */
  readonly accumulate?: number | undefined;
  /**
   * Whether the turn is played in this step; always, if left out. If it returns false, nothing is
   * updated or drawn, and the optimizer and its count do not change; the turn's batches are still
   * fetched, so each step uses the same number, and `'same'` in a later turn refers to the last of
   * them.
   *
   * @param progress - Counts only.
   */
  when?(progress: TrainingProgress): boolean;
  /**
   * The terms of the loss by name, already weighted; their sum is differentiated once. A term that
   * no updated network affects causes an error in the first step.
   *
   * @param pass - The operations that terms are built from.
   */
  terms(pass: Pass<W, B>): Terms;
}

/**
 * Weighted terms of a loss by name: float32 scalars. A term that is not due in this step is
 * `undefined` or left out. The type is `tf.Tensor` because TensorFlow.js operations lose the rank;
 * a tensor that is not a scalar causes an error when it is computed.
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
 * Options of a forward pass.
 *
 * @typeParam T - Names for the outputs of tapped layers.
 *
 * @example Features of a layer, outside the tape
 * ```ts
 * const options: RunOptions<'features'> = { taps: { features: '3.conv2D' }, detached: true };
 * ```
 */
export interface RunOptions<T extends string = string> {
  /**
   * Whether this pass updates the moving statistics of batch norm. Networks that the turn does not
   * update, detached passes and passes inside a penalty never do.
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
  /**
   * Layers whose outputs are returned besides the network's own: `{ features: '3.conv2D' }` returns
   * `features`.
   */
  readonly taps?: Readonly<Record<T, string>> | undefined;
  /**
   * Runs outside the tape: the outputs are constants and statistics are held. Without it, memory
   * use is higher, but weights of networks that the turn does not update still do not change.
   */
  readonly detached?: true | undefined;
}

/**
 * The inputs of a penalty.
 *
 * @typeParam I - The inputs of the network it runs.
 *
 * @example The inputs of a gradient penalty
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
  /**
   * The network's inputs for fake samples, with theirs. A penalty that pairs rows requires the
   * conditions of `real`.
   */
  readonly fake: I;
  /**
   * Applied to inputs before the network runs, such as augmentation; the penalty differentiates
   * through it.
   */
  readonly transform?: ((inputs: I) => I) | undefined;
}

/**
 * A trainable weight before any constraint.
 *
 * @example The sum of the squares of all kernels
 * ```ts
 * const size = (weights: readonly NetworkWeight[]): tf.Tensor =>
 *   tf.addN(weights.filter(({ key }) => key.endsWith('/kernel')).map(({ value }) => tf.sum(tf.square(value))));
 * ```
 */
export type NetworkWeight = Pick<PenalizedWeight, 'key' | 'value' | 'filterAxis'>;

/**
 * The operations that the terms of one update are built from. The trainer disposes all tensors it
 * returns.
 *
 * The constraints of a network are entered at its first pass in an update and stay until the update
 * ends, so each weight has one value per update: with spectral normalization, one power iteration
 * and one W/σ.
 *
 * @typeParam W - The networks of the game.
 * @typeParam B - Names of the tensors of a batch.
 *
 * @example A term for any turn of a game
 * ```ts
 * const decay = (pass: Pass): tf.Tensor =>
 *   tf.mul(tf.addN(pass.weights('generator').map(({ value }) => tf.sum(tf.square(value)))), 1e-4);
 * ```
 */
export interface Pass<W extends GameNetworks = GameNetworks, B extends string = string> {
  /** The tensors of the batch. */
  readonly batch: Tensors<B>;
  /**
   * The progress of training; `valueAt(schedule, pass.progress)` returns the value of a schedule.
   */
  readonly progress: UpdateProgress;
  /**
   * Runs a network: in training mode, or in inference mode if it is frozen.
   *
   * @typeParam N - Name of the network.
   * @typeParam T - Names for the outputs of tapped layers.
   * @param network - Its name.
   * @param inputs - A tensor for each of its inputs.
   * @param options - Statistics, weights, taps.
   * @returns Its outputs by name, and those of the tapped layers. They are the tensors on the tape,
   * so `tf.grad` inside `terms` can differentiate one with respect to another.
   */
  run<N extends NetworkName<W>, T extends string = never>(
    network: N,
    inputs: Tensors<InputName<W, N>>,
    options?: RunOptions<T>,
  ): Tensors<OutputName<W, N> | T>;
  /**
   * Draws latents for each latent input of a network.
   *
   * @param network - Its name.
   * @param count - Number of rows; by default that of the batch.
   */
  latents<N extends NetworkName<W>>(
    network: N,
    count?: number,
  ): Tensors<InputOfKind<W, N, 'latents'>>;
  /**
   * Conditions for each condition input of a network, from the source of the input. Pass the same
   * ones to the discriminator that scores the sample.
   *
   * @param network - Its name.
   * @param count - Number of rows; by default that of the batch, whose rows are used for the source
   * `'batch'`.
   */
  conditions<N extends NetworkName<W>>(
    network: N,
    count?: number,
  ): Tensors<InputOfKind<W, N, 'condition'>>;
  /**
   * A network's trainable weights before any constraint; gradients reach those of updated networks.
   *
   * @param network - Its name.
   */
  weights(network: NetworkName<W>): readonly NetworkWeight[];
  /**
   * The weighted term of a penalty, or `undefined` in steps in which it is not due. Its own passes
   * hold statistics.
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
   * A seeded source of random numbers that is saved in snapshots. Each name has a separate source,
   * so a new term does not change other draws.
   *
   * @param part - Its purpose, such as `'pool'`.
   */
  random(part: string): Random;
  /**
   * Records a number of this update in the history; it is not a term of the loss.
   *
   * @param name - Its name.
   * @param value - A scalar, or a function that computes one, or several by name, from existing
   * tensors; what it computes is not recorded for the gradient.
   * `metric('accuracy', () => ({ real, fake }))` records `accuracy/real` and `accuracy/fake`.
   */
  metric(name: string, value: tf.Tensor | (() => tf.Tensor | Tensors<string>)): void;
  /**
   * Keeps a tensor for later turns of this step. Throws if the name is in use, and in a turn that
   * is repeated.
   *
   * @param name - Name for later turns.
   * @param value - It is cloned; the clone is freed when the step ends or fails.
   */
  keep(name: string, value: tf.Tensor): void;
  /**
   * A tensor that an earlier turn of this step kept, as a constant. Throws if there is none, for
   * example because that turn was skipped.
   *
   * @param name - Its name.
   */
  kept(name: string): tf.Tensor;
  /**
   * A tensor that is kept from step to step. The same name in another turn is the same slot.
   *
   * @param name - Its name in the game.
   * @param initial - Computes its first value, once in the trainer's life; determines its shape.
   */
  slot(
    name: string,
    initial: () => tf.Tensor,
  ): {
    /** Its value; the caller must not dispose it. */
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
 * @example The inputs of a network
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
 * An input of a network that has a given kind.
 *
 * @example The latent inputs of a network
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
 * @example The outputs of a network
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
 * Returns a game unchanged; TypeScript infers from `networks` and `batch` what a turn may update,
 * run and read.
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

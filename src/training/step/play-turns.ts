import * as tf from '@tensorflow/tfjs';
import type { TrainingProgress } from '../../core/schedules/schedule.ts';
import type { Game, Tensors, Turn } from '../../games/game.ts';
import type { LiveNetwork } from './live-network.ts';
import type { StepMemory } from './step-memory.ts';
import { TurnPenalties } from './turn-penalties.ts';
import {
  meanNumbers,
  meanScalars,
  type TurnScene,
  type TurnUpdate,
  updateTurn,
} from './update-turn.ts';

/** The numbers of a step. @internal */
export interface StepValues<T> {
  /** The loss of each turn. */
  readonly losses: Readonly<Record<string, T>>;
  /** The terms of each loss, by turn and name. */
  readonly terms: Readonly<Record<string, Readonly<Record<string, T>>>>;
  /** Norm of each network's gradient. */
  readonly gradientNorms: Readonly<Record<string, T>>;
  /** Metrics of turns besides their losses, by name. */
  readonly metrics: Readonly<Record<string, T>>;
  /** Metrics of constraints, by network. */
  readonly constraintMetrics: Readonly<Record<string, Readonly<Record<string, T>>>>;
  /**
   * For each network that no later turn of the step runs: the sum of its weights, which is finite
   * only if all are. Weights of the other networks are checked by the losses that depend on them.
   */
  readonly movedWeights: Readonly<Record<string, T>>;
}

/** The numbers of a step while they are still tensors. The caller disposes them. @internal */
export type StepScalars = StepValues<tf.Scalar>;

/** Adds the time since the last call to a part of the step. @internal */
export type Lap = (part: string) => void;

/** A turn and its state over the steps. */
interface LiveTurn {
  readonly turn: Turn;
  readonly updated: ReadonlySet<string>;
  readonly times: number;
  readonly accumulate: number;
  readonly takesNext: boolean;
  readonly penalties: TurnPenalties;
  readonly checkedTerms: Set<string>;
  /**
   * The networks that its last update ran, whose constraints the next one enters; all, before the
   * first.
   */
  ran: ReadonlySet<string> | undefined;
}

/**
 * Plays the turns of a game in order.
 *
 * @internal
 */
export class GameTurns {
  /** How many batches one step takes. */
  readonly batchesPerStep: number;
  readonly #networks: ReadonlyMap<string, LiveNetwork>;
  readonly #memory: StepMemory;
  readonly #turns: readonly LiveTurn[];
  /** The network of the game's first generator. */
  readonly #mainNetwork: string | undefined;

  constructor(game: Game, networks: ReadonlyMap<string, LiveNetwork>, memory: StepMemory) {
    this.#networks = networks;
    this.#memory = memory;
    const [main] = Object.values(game.generators);
    this.#mainNetwork = [...networks].find(([, { network }]) => network === main)?.[0];
    this.#turns = game.turns.map((turn, i) => ({
      turn,
      updated: new Set([turn.updates].flat() as readonly string[]),
      times: turn.times ?? 1,
      accumulate: turn.accumulate ?? 1,
      takesNext: (turn.batch ?? (i === 0 ? 'next' : 'same')) === 'next',
      penalties: new TurnPenalties(turn.name, memory),
      checkedTerms: new Set<string>(),
      ran: undefined,
    }));
    this.batchesPerStep = this.#turns
      .filter(({ takesNext }) => takesNext)
      .reduce((sum, { times, accumulate }) => sum + times * accumulate, 0);
  }

  /** The networks that each turn updates, by its name. */
  get updates(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map(this.#turns.map(({ turn, updated }) => [turn.name, updated]));
  }

  /**
   * Plays one step.
   *
   * @param batches - As many as {@link GameTurns.batchesPerStep}; the caller keeps owning them.
   * @param progress - Number of the step over the trainer's life, and the progress before it.
   * @param lap - Called after each turn, to measure its duration.
   * @returns The results, still as tensors, so that all of them are read at once.
   */
  play(batches: readonly Tensors<string>[], progress: TrainingProgress, lap: Lap): StepScalars {
    let scalars: StepScalars | undefined;
    tf.tidy(() => {
      const left = [...batches];
      let last = batches[0]!;
      const played: (readonly [LiveTurn, readonly TurnUpdate[]])[] = [];
      const unseen = new Set<string>();
      for (const live of this.#turns) {
        const isDue = live.turn.when?.(progress) ?? true;
        const updates: TurnUpdate[] = [];
        for (let time = 0; time < live.times; time += 1) {
          const taken: Tensors<string>[] = [];
          for (let part = 0; part < live.accumulate; part += 1) {
            if (live.takesNext) last = left.shift()!;
            taken.push(last);
          }
          if (!isDue) continue;
          const scene = this.#scene(live, progress);
          updates.push(updateTurn(scene, taken));
          live.ran = scene.ran;
        }
        if (isDue) {
          played.push([live, updates]);
          for (const name of live.ran ?? []) unseen.delete(name);
          for (const name of live.updated) unseen.add(name);
        }
        lap(live.turn.name);
      }
      scalars = this.#numbers(played, unseen);
      return scalars as object as tf.TensorContainer;
    });
    return scalars!;
  }

  /** The context of the next update of a turn; increments its count. */
  #scene(live: LiveTurn, progress: TrainingProgress): TurnScene {
    const { turn, updated, penalties, checkedTerms } = live;
    const networks = this.#networks;
    const update = (this.#memory.updates.get(turn.name) ?? 0) + 1;
    this.#memory.updates.set(turn.name, update);
    const names = new Set([...updated, ...(live.ran ?? networks.keys())]);
    return {
      turn,
      updated,
      networks,
      penalties,
      checkedTerms,
      memory: this.#memory,
      mainNetwork: this.#mainNetwork,
      entered: [...names].map((name) => networks.get(name)!),
      ran: new Set(),
      progress: { ...progress, update },
      isRepeated: live.times * live.accumulate > 1,
    };
  }

  #numbers(
    played: readonly (readonly [LiveTurn, readonly TurnUpdate[]])[],
    unseen: ReadonlySet<string>,
  ): StepScalars {
    const byTurn = played.map(
      ([{ turn }, updates]) => [turn.name, meanNumbers(updates), updates] as const,
    );
    const learning = [...this.#networks].filter(([, { optimizer }]) => optimizer !== undefined);
    return {
      losses: Object.fromEntries(byTurn.map(([name, { loss }]) => [name, loss])),
      terms: Object.fromEntries(byTurn.map(([name, { terms }]) => [name, terms])),
      gradientNorms: meanScalars(
        byTurn.flatMap(([, , updates]) => updates.map(({ gradientNorms }) => gradientNorms)),
      ),
      metrics: meanScalars(byTurn.map(([, { metrics }]) => metrics)),
      constraintMetrics: Object.fromEntries(
        learning.map(([name, { constraints }]) => [name, constraints.observe()]),
      ),
      movedWeights: Object.fromEntries(
        [...unseen].map((name) => [name, this.#networks.get(name)!.weightSum()]),
      ),
    };
  }
}

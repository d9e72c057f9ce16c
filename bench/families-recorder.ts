import * as tf from '@tensorflow/tfjs';
import {
  type Game,
  type NamedArray,
  type NamedArrays,
  type Pass,
  type Penalty,
  type PenaltyContext,
  Random,
  type Tensors,
  type Turn,
} from 'tfjs-gan';

/** What one update of a network was made of, and what it gave. */
export interface RecordedUpdate {
  readonly turn: string;
  /** `batch/samples`, `latents/latents`, `conditions/labels`, `penalties/gradientPenalty`. */
  readonly drawn: NamedArrays;
  /** Where the sources of the game's own random numbers were before it drew them, by part. */
  readonly sources: Readonly<Record<string, readonly number[]>>;
  readonly terms: Readonly<Record<string, number>>;
  /** How often each network was run, penalties included. */
  readonly runs: Readonly<Record<string, number>>;
}

/** An update whose numbers are still in tensors of its own. */
interface OpenUpdate {
  readonly turn: string;
  readonly drawn: Map<string, tf.Tensor>;
  readonly sources: Record<string, readonly number[]>;
  readonly terms: Map<string, tf.Tensor>;
  readonly runs: Record<string, number>;
}

/**
 * Plays a game and writes down what its updates are given: another engine can then make the same updates.
 *
 * The game itself stays as it is; what its turns ask of a pass is asked of one that listens.
 */
export class GameRecorder {
  /** The game to train with. */
  readonly game: Game;
  #updates: OpenUpdate[] = [];
  /** One for each penalty, since a trainer knows a penalty by its identity. */
  readonly #heard = new Map<Penalty, Penalty>();

  constructor(game: Game) {
    this.game = { ...game, turns: game.turns.map((turn) => this.#listening(turn)) };
  }

  /** The updates since the last call; their tensors are freed. */
  async take(): Promise<readonly RecordedUpdate[]> {
    const updates = this.#updates;
    this.#updates = [];
    const taken: RecordedUpdate[] = [];
    for (const { turn, drawn, sources, terms, runs } of updates) {
      const arrays = await readAll(drawn);
      const numbers = Object.entries(await readAll(terms));
      taken.push({
        turn,
        runs,
        drawn: arrays,
        sources,
        terms: Object.fromEntries(numbers.map(([name, { values }]) => [name, values[0]!])),
      });
    }
    return taken;
  }

  #listening(turn: Turn): Turn {
    return {
      ...turn,
      terms: (pass) => {
        const update: OpenUpdate = {
          turn: turn.name,
          runs: {},
          drawn: new Map(),
          sources: {},
          terms: new Map(),
        };
        this.#updates.push(update);
        keepAll(update.drawn, 'batch', pass.batch);
        const terms = turn.terms(this.#pass(pass, update));
        for (const [name, term] of Object.entries(terms)) {
          if (term !== undefined) update.terms.set(name, tf.keep(term.clone()));
        }
        return terms;
      },
    };
  }

  #pass(pass: Pass, update: OpenUpdate): Pass {
    const drawn = (kind: string, tensors: Tensors<string>): Tensors<string> => {
      keepAll(update.drawn, kind, tensors);
      return tensors;
    };
    return {
      batch: pass.batch,
      progress: pass.progress,
      run: (network, inputs, options) => {
        count(update, network);
        return pass.run(network, inputs, options);
      },
      latents: (network, rows) => drawn('latents', pass.latents(network, rows)),
      conditions: (network, rows) => drawn('conditions', pass.conditions(network, rows)),
      weights: (network) => pass.weights(network),
      penalty: (penalty, network, on) => pass.penalty(this.#listeningPenalty(penalty), network, on),
      random: (part) => {
        const random = pass.random(part);
        update.sources[part] = random.state;
        return random;
      },
      metric: (name, value) => {
        pass.metric(name, value);
      },
      keep: (name, value) => {
        pass.keep(name, value);
      },
      kept: (name) => pass.kept(name),
      slot: (name, initial) => pass.slot(name, initial),
    };
  }

  #listeningPenalty(penalty: Penalty): Penalty {
    const known = this.#heard.get(penalty);
    if (known !== undefined) return known;
    const { name, target, weight, every, settings, pairsRows, slots } = penalty;
    const heard: Penalty = {
      name,
      target,
      weight,
      every,
      settings,
      pairsRows,
      slots,
      compute: (context) => penalty.compute(this.#context(penalty, context)),
      ...(penalty.updateSlots !== undefined && {
        updateSlots: (of, update) => penalty.updateSlots!(of, update),
      }),
    };
    this.#heard.set(penalty, heard);
    return heard;
  }

  /** What a penalty looks at, with the random numbers for its rows written down before it draws them. */
  #context(penalty: Penalty, context: PenaltyContext): PenaltyContext {
    const update = this.#updates.at(-1);
    // A twin of the source draws the same numbers and leaves the source where it is.
    const twin = Random.fromState(context.random.state);
    const shares = tf.tensor1d(twin.uniformArray(context.real.shape[0] ?? 0, 0, 1));
    update.drawn.set(`penalties/${penalty.name}`, tf.keep(shares));
    return {
      ...context,
      discriminate: (samples, side) => {
        count(update, 'discriminator');
        return context.discriminate(samples, side);
      },
    };
  }
}

function count({ runs }: OpenUpdate, network: string): void {
  runs[network] = (runs[network] ?? 0) + 1;
}

function keepAll(into: Map<string, tf.Tensor>, kind: string, tensors: Tensors<string>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    into.set(`${kind}/${name}`, tf.keep(tensor.clone()));
  }
}

/** Reads and frees tensors. */
async function readAll(tensors: ReadonlyMap<string, tf.Tensor>): Promise<NamedArrays> {
  const arrays: [string, NamedArray][] = [];
  for (const [name, tensor] of tensors) {
    const values = Float32Array.from(await tensor.data());
    arrays.push([name, { shape: [...tensor.shape], values }]);
    tensor.dispose();
  }
  return Object.fromEntries(arrays);
}

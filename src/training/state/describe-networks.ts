import type { Dataset } from '../../data/dataset.ts';
import type { Game } from '../../games/game.ts';
import type { ConditionRecord } from '../../models/conditions.ts';
import type { NetworkInputs } from '../../models/network.ts';
import type { PerNetwork } from '../step-info.ts';

/**
 * The networks and their data: `networks.json` of a checkpoint.
 *
 * @example What another program needs to build the same networks
 * ```ts
 * const description: TrainingDescription = (await trainer.snapshot()).description;
 * console.log(description.game, Object.keys(description.networks)); // adversarial [ 'generator', 'discriminator' ]
 * ```
 */
export interface TrainingDescription {
  /** Name of the game. */
  readonly game: string;
  /** Its networks. */
  readonly networks: PerNetwork<{
    /** Layers and their connections, as returned by `tf.LayersModel.toJSON`. */
    readonly topology: object;
    /** The kind of each input, in the model's order. */
    readonly inputs: NetworkInputs;
    /** Names of the outputs, in the model's order. */
    readonly outputs: readonly string[];
    /** Whether it is trained or frozen. */
    readonly trained: boolean;
  }>;
  /** The data of the last run, if there was one. */
  readonly data?:
    | {
        /** Name of the dataset. */
        readonly name: string;
        /** Number of samples, if it is known and finite. */
        readonly size?: number | undefined;
        /** Shape of one sample. */
        readonly sampleShape: readonly number[];
        /** Number of classes, if there are labels. */
        readonly classes?: number | undefined;
        /** Batch size. */
        readonly batchSize: number;
        /** Known conditions in the data, by their names in the batch; generators draw from them. */
        readonly conditions?:
          | Readonly<
              Record<
                string,
                {
                  /** Share of each class. */
                  readonly frequencies?: readonly number[] | undefined;
                  /** Some of the vectors. */
                  readonly rows?: readonly (readonly number[])[] | undefined;
                }
              >
            >
          | undefined;
      }
    | undefined;
}

/** @internal */
export function describeTraining(
  game: Game,
  data: DataDescription | undefined,
): TrainingDescription {
  const networks = Object.entries(game.networks).map(([name, { network, optimizer }]) => {
    const { model, inputs, outputs } = network;
    const topology = withSteadyNames(model.toJSON(undefined, false) as object);
    const trained = optimizer !== undefined;
    return [name, { topology, inputs, outputs: [...outputs], trained }] as const;
  });
  return {
    game: game.name,
    // The names are those of the game; the type names those of the adversarial one.
    networks: Object.fromEntries(networks) as unknown as TrainingDescription['networks'],
    ...(data !== undefined && { data }),
  };
}

/**
 * Names that TensorFlow.js generates: it numbers layers and models in the order of creation in a
 * process.
 */
const madeUp = /^(?<kind>sequential|model|input)_?\d+$|^(?<layer>.+)_[A-Z]\w*?\d+$/;

/** Where a topology refers to names of layers, besides `name` itself. */
const references = ['inbound_nodes', 'input_layers', 'output_layers'];

/**
 * A topology with the same layer names in each process: generated names count from 1 in each
 * network.
 */
function withSteadyNames(topology: object): object {
  const steady = new Map<string, string>();
  const counts = new Map<string, number>();
  const steadyName = (name: string): string => {
    const { kind, layer } = madeUp.exec(name)?.groups ?? {};
    const base = kind ?? layer;
    if (base === undefined) return name;
    const known = steady.get(name);
    if (known !== undefined) return known;
    const count = (counts.get(base) ?? 0) + 1;
    counts.set(base, count);
    steady.set(name, `${base}_${count}`);
    return `${base}_${count}`;
  };
  const walk = (part: unknown, isName: boolean): unknown => {
    if (typeof part === 'string') return isName ? steadyName(part) : part;
    if (Array.isArray(part)) return part.map((one) => walk(one, isName));
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => [
        key,
        walk(value, key === 'name' || references.includes(key)),
      ]),
    );
  };
  return walk(topology, false) as object;
}

/** @internal */
export function describeData(
  { name, size, sampleShape, classes }: Dataset,
  batchSize: number,
  conditions: Readonly<Record<string, ConditionRecord>>,
): DataDescription {
  return {
    name,
    ...(size !== undefined && Number.isFinite(size) && { size }),
    sampleShape: [...sampleShape],
    ...(classes !== undefined && { classes }),
    batchSize,
    ...(Object.keys(conditions).length > 0 && { conditions }),
  };
}

/** What is known about the data. @internal */
export type DataDescription = NonNullable<TrainingDescription['data']>;

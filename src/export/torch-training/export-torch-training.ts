import * as tf from '@tensorflow/tfjs';
import { isRecord, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { sha256 } from '../../core/sha256.ts';
import { encodeText } from '../../core/text.ts';
import { libraryVersion } from '../../core/version.ts';
import type { Dataset } from '../../data/dataset.ts';
import { Generator } from '../../models/generator.ts';
import { keyedLayers } from '../../models/model-weights.ts';
import type { Network } from '../../models/network.ts';
import { LayerTable } from '../layer-table.ts';
import { idleLayers, portableGraph } from '../portable-graph.ts';
import { checkNetwork, readWeights } from '../read-network.ts';
import { ClassWriter, type WrittenWeight } from '../torch/class-writer.ts';
import { python } from '../torch/python.ts';
import type { TorchLayer } from '../torch/torch-layer.ts';
import { adaptiveAugmentPy } from './python/adaptive-augment-py.ts';
import { checkpointsPy } from './python/checkpoints-py.ts';
import { conditionsPy } from './python/conditions-py.ts';
import { constraintsPy } from './python/constraints-py.ts';
import { dataPy } from './python/data-py.ts';
import { folderLockPy } from './python/folder-lock-py.ts';
import { historyPy } from './python/history-py.ts';
import { layersPy } from './python/layers-py.ts';
import { liveNetworkPy } from './python/live-network-py.ts';
import { lossesPy } from './python/losses-py.ts';
import { optimizersPy } from './python/optimizers-py.ts';
import { penaltiesPy } from './python/penalties-py.ts';
import { randomNumbersPy } from './python/random-numbers-py.ts';
import { ranksPy } from './python/ranks-py.ts';
import { schedulesPy } from './python/schedules-py.ts';
import { settingsPy } from './python/settings-py.ts';
import { slotsPy } from './python/slots-py.ts';
import { testTrainPy } from './python/test-train-py.ts';
import { trainPy } from './python/train-py.ts';
import { transformsPy } from './python/transforms-py.ts';
import { trainingLayers } from './training-layers.ts';

const action = 'export training to PyTorch';

/** The networks that the program trains, and what each takes beside conditions. */
const known = { generator: 'latents', discriminator: 'samples' } as const;

/** The conditions that the program knows. */
const conditions: readonly string[] = ['labels', 'condition', 'codes'];

/**
 * Writes a program that continues a run in PyTorch, on as many processes as `torchrun` starts:
 * readable Python that requires only `torch` and `numpy`.
 *
 * Save the files in the folder of a run that holds a checkpoint. `train.py` continues from the
 * newest one with the same random numbers, batches and formulas, and writes checkpoints that
 * `trainer.restore` reads. The number of processes does not change the result: each computes a
 * share of every batch, batch norm uses the whole batch, and gradients are averaged.
 *
 * It trains adversarial games with losses, penalties, optimizers, schedules, transforms, `topK`,
 * `accumulate` and `ema` of this library, `WeightClipping` and `SpectralNorm`, and with classes,
 * vectors or codes that the discriminator receives or predicts. `train.py` refuses every other
 * setting, and names the line to add.
 *
 * @param trainer - A trainer with the networks and the settings of the run; it is not modified.
 * @param options - Custom layers, and the data of the run.
 * @returns The files by their paths: `train.py`, `networks.py`, the package `tfjs_gan/`, and
 *   `test_train.py`, which tests them on another machine.
 * @throws RangeError if the game is not adversarial, or if an input has another name or a layer has no writer, is frozen, draws
 *   random numbers in training or has a regularizer; TypeError if `trainer` or `dataset` is something else.
 *
 * @example What to save in runs/a, for torchrun --nproc_per_node 2 runs/a/train.py --data digits.npy
 * ```ts
 * const files = await exportTorchTraining(trainer);
 * console.log(Object.keys(files).slice(0, 3)); // [ 'train.py', 'test_train.py', 'networks.py' ]
 * ```
 */
export async function exportTorchTraining(
  trainer: {
    /** The networks, turns and terms. */
    readonly game: {
      /** Its networks, by name. */
      readonly networks: Readonly<
        Record<
          string,
          {
            /** One of them. */
            readonly network: Network;
          }
        >
      >;
    };
    /** Every setting that affects the result of training. */
    readonly configuration: Readonly<Record<string, string | number | boolean>>;
  },
  options: {
    /**
     * Writers of custom layers, by class name; they override those of this library.
     *
     * @defaultValue none
     */
    readonly layers?: Readonly<Record<string, TorchLayer>> | undefined;
    /**
     * The data of the run. `train.py` then refuses data with another first or last sample.
     *
     * @defaultValue none: it compares only the number and shape of samples
     */
    readonly dataset?: Dataset | undefined;
  } = {},
): Promise<Readonly<Record<string, Uint8Array>>> {
  const { layers, dataset } = withDefaults(action, options, { layers: {}, dataset: undefined });
  const networks = networksOf(trainer);
  const digest = dataset === undefined ? undefined : await digestOf(dataset);
  const call = '(layer, inputs, module) => `…`';
  const table = new LayerTable<TorchLayer>(action, trainingLayers, layers, call);
  const classes = await Promise.all(networks.map((network) => writeClass(...network, table)));
  const text = {
    'train.py': trainPy,
    'test_train.py': testTrainPy,
    'networks.py': networksText(classes, trainer.game.networks, digest),
    'tfjs_gan/adaptive_augment.py': adaptiveAugmentPy,
    'tfjs_gan/checkpoints.py': checkpointsPy,
    'tfjs_gan/conditions.py': conditionsPy,
    'tfjs_gan/constraints.py': constraintsPy,
    'tfjs_gan/data.py': dataPy,
    'tfjs_gan/folder_lock.py': folderLockPy,
    'tfjs_gan/history.py': historyPy,
    'tfjs_gan/layers.py': layersPy,
    'tfjs_gan/live_network.py': liveNetworkPy,
    'tfjs_gan/losses.py': lossesPy,
    'tfjs_gan/optimizers.py': optimizersPy,
    'tfjs_gan/penalties.py': penaltiesPy,
    'tfjs_gan/random_numbers.py': randomNumbersPy,
    'tfjs_gan/ranks.py': ranksPy,
    'tfjs_gan/schedules.py': schedulesPy,
    'tfjs_gan/settings.py': settingsPy,
    'tfjs_gan/slots.py': slotsPy,
    'tfjs_gan/transforms.py': transformsPy,
  };
  return Object.fromEntries(Object.entries(text).map(([name, code]) => [name, encodeText(code)]));
}

type NetworkName = keyof typeof known;

/** The generator and the discriminator, checked. */
function networksOf(
  trainer: Parameters<typeof exportTorchTraining>[0],
): readonly (readonly [name: NetworkName, network: Network])[] {
  const { game, configuration } = (trainer ?? {}) as Partial<typeof trainer>;
  if (!isRecord(game?.networks) || !isRecord(configuration)) {
    throw new TypeError(`Cannot ${action}: trainer must be a Trainer, got ${formatValue(trainer)}`);
  }
  if (configuration['game'] !== 'adversarial') {
    throw new RangeError(
      `Cannot ${action}: the game must be adversarial, got ${formatValue(configuration['game'])}. ` +
        'Export one of its networks with exportTorch',
    );
  }
  return (Object.keys(known) as NetworkName[]).map((name) => {
    const { network } = game.networks[name]!;
    checkNetwork(action, network);
    const all = [known[name], ...conditions];
    if (Object.keys(network.inputs).every((input) => all.includes(input))) return [name, network];
    throw new RangeError(
      `Cannot ${action}: the inputs of the ${name} must be of ${all.join(', ')}, ` +
        `got ${Object.keys(network.inputs).join(', ')}`,
    );
  });
}

interface WrittenClass {
  readonly name: NetworkName;
  readonly lines: readonly string[];
  readonly definitions: ReadonlySet<string>;
  readonly weights: ReadonlyMap<string, WrittenWeight>;
}

async function writeClass(
  name: NetworkName,
  network: Network,
  table: LayerTable<TorchLayer>,
): Promise<WrittenClass> {
  checkLayers(network, table.custom);
  const weights = await readWeights(network, false);
  const graph = portableGraph(network, weights, table.custom);
  table.check(graph);
  const writer = new ClassWriter(action);
  writer.write(graph, table);
  const made = [...writer.weights.values()].find(({ key }) => !(key in weights));
  if (made !== undefined) {
    throw new RangeError(
      `Cannot ${action}: normalizations must have both scale and offset, or none, got one without ${made.key}`,
    );
  }
  const className = name === 'generator' ? 'Generator' : 'Discriminator';
  const lines = writer.classLines(className, graph);
  return { name, lines, definitions: writer.definitions, weights: writer.weights };
}

/** Refuses layers that compute something else in training than the code that is written for them. */
function checkLayers({ model }: Network, custom: ReadonlySet<string>): void {
  for (const [, layer] of keyedLayers(model)) {
    const kind = layer.getClassName();
    if (!layer.trainable && layer.weights.length > 0) {
      throw new RangeError(
        `Cannot ${action}: layers must not be frozen, got '${layer.name}' with trainable = false. Set it to true, or continue with tfjs-gan`,
      );
    }
    if (custom.has(kind)) continue;
    if (idleLayers.has(kind)) {
      throw new RangeError(
        `Cannot ${action}: layers must not draw random numbers, got '${layer.name}' of the kind ${kind}. ` +
          `Write it yourself: layers: { ${kind}: (layer, inputs, module) => \`…\` }`,
      );
    }
    const rule = Object.entries(layer.getConfig()).find(
      ([name, value]) => /(Regularizer|Constraint)$/.test(name) && isRecord(value),
    );
    if (rule === undefined) continue;
    throw new RangeError(
      `Cannot ${action}: layers must have no regularizer or constraint, got ${rule[0]} in '${layer.name}'`,
    );
  }
}

/** SHA-256 of the first and the last sample; `undefined` if there is no last one. */
async function digestOf(dataset: Dataset): Promise<string | undefined> {
  const { size, batches } = (dataset ?? {}) as Partial<Dataset>;
  if (typeof batches !== 'function') {
    throw new TypeError(`Cannot ${action}: dataset must be a Dataset, got ${formatValue(dataset)}`);
  }
  if (size === undefined || !Number.isFinite(size)) return undefined;
  const parts: Uint8Array[] = [];
  for (const firstBatch of [0, size - 1]) {
    for await (const batch of dataset.batches({ batchSize: 1, firstBatch })) {
      const values = Float32Array.from(await batch.samples.data());
      parts.push(new Uint8Array(values.buffer));
      tf.dispose({ ...batch });
      break;
    }
  }
  return sha256(joinBytes(parts));
}

function networksText(
  classes: readonly WrittenClass[],
  networks: Parameters<typeof exportTorchTraining>[0]['game']['networks'],
  digest: string | undefined,
): string {
  const [generator, discriminator] = [networks['generator']!, networks['discriminator']!].map(
    ({ network }) => network,
  ) as [Network, Network];
  const valueRange = generator instanceof Generator ? generator.valueRange : undefined;
  const lengths = Object.keys(generator.inputs).flatMap((name, i) => {
    const length = generator.model.inputs[i]!.shape[1];
    return typeof length === 'number' ? [`'${name}': ${length}`] : [];
  });
  const definitions = new Set(classes.flatMap((one) => [...one.definitions]));
  const keys = classes.flatMap(({ name, weights }) => [
    `    '${name}': {`,
    ...[...weights].map(
      ([path, { key, order }]) => `        '${path}': ('${key}', ${python(order)}),`,
    ),
    '    },',
  ]);
  const blocks = [
    [
      `"""The networks of the run, written by tfjs-gan ${libraryVersion}. Images are channels first here; flat vectors keep the`,
      'order of tfjs-gan, channels last."""',
      ...['import torch', 'import torch.nn.functional as F', 'from torch import nn', ''],
      'from tfjs_gan.layers import BatchNorm, minibatch_deviation',
    ],
    ...[...definitions].sort().map((code) => [code]),
    ...classes.map(({ lines }) => lines),
    [
      '# Weights by their names here: the key in checkpoints, and for each axis here its place there.',
      'KEYS = {',
      ...keys,
      '}',
    ],
    [
      '# Lengths of the vectors that the generator receives.',
      `LENGTHS = {${lengths.join(', ')}}`,
      '# What the discriminator returns.',
      `OUTPUTS = [${discriminator.outputs.map((output) => `'${output}'`).join(', ')}]`,
      '# The range of the samples that the generator makes; None if it may be any.',
      `VALUE_RANGE = ${valueRange === undefined ? 'None' : python([...valueRange])}`,
      '# SHA-256 of the first and the last sample of the data; None if they were not known.',
      `FIRST_AND_LAST = ${digest === undefined ? 'None' : `'${digest}'`}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n\n')}\n`;
}

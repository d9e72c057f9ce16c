import * as tf from '@tensorflow/tfjs';
import { isRecord, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { joinBytes } from '../../core/join-bytes.ts';
import { sha256 } from '../../core/sha256.ts';
import { encodeText } from '../../core/text.ts';
import { libraryVersion } from '../../core/version.ts';
import type { Dataset } from '../../data/dataset.ts';
import { Generator } from '../../models/generator.ts';
import type { Network } from '../../models/network.ts';
import { LayerTable } from '../layer-table.ts';
import { portableGraph } from '../portable-graph.ts';
import { checkNetwork, readWeights } from '../read-network.ts';
import { ClassWriter, type WrittenWeight } from '../torch/class-writer.ts';
import { python } from '../torch/python.ts';
import type { TorchLayer } from '../torch/torch-layer.ts';
import { adaptiveAugmentPy } from './python/adaptive-augment-py.ts';
import { adversarialPy } from './python/adversarial-py.ts';
import { checkpointsPy } from './python/checkpoints-py.ts';
import { conditionsPy } from './python/conditions-py.ts';
import { constraintsPy } from './python/constraints-py.ts';
import { cyclePy } from './python/cycle-py.ts';
import { dataPy } from './python/data-py.ts';
import { folderLockPy } from './python/folder-lock-py.ts';
import { gamePy } from './python/game-py.ts';
import { historyPy } from './python/history-py.ts';
import { inpaintingPy } from './python/inpainting-py.ts';
import { layersPy } from './python/layers-py.ts';
import { liveNetworkPy } from './python/live-network-py.ts';
import { lossesPy } from './python/losses-py.ts';
import { optimizersPy } from './python/optimizers-py.ts';
import { penaltiesPy } from './python/penalties-py.ts';
import { pix2pixPy } from './python/pix2pix-py.ts';
import { randomNumbersPy } from './python/random-numbers-py.ts';
import { ranksPy } from './python/ranks-py.ts';
import { schedulesPy } from './python/schedules-py.ts';
import { settingsPy } from './python/settings-py.ts';
import { slotsPy } from './python/slots-py.ts';
import { superResolutionPy } from './python/super-resolution-py.ts';
import { testTrainPy } from './python/test-train-py.ts';
import { trainPy } from './python/train-py.ts';
import { transformsPy } from './python/transforms-py.ts';
import { checkTrainedLayers, drawingLayers, trainingLayers } from './training-layers.ts';

const action = 'export training to PyTorch';

/** The conditions that the program knows. */
const conditions = ['labels', 'condition', 'codes'] as const;

/** The games that the program knows, and the inputs that their networks may have. */
const games: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  adversarial: {
    generator: ['latents', ...conditions],
    discriminator: ['samples', ...conditions],
  },
  cycleGan: {
    aToB: ['a'],
    bToA: ['b'],
    discriminatorA: ['samples'],
    discriminatorB: ['samples'],
  },
  inpainting: { generator: ['samples', 'hole'], discriminator: ['hole', 'samples'] },
  pix2pix: { generator: ['source'], discriminator: ['source', 'samples'] },
  superResolution: { generator: ['source'], discriminator: ['samples'] },
};

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
 * vectors or codes that the discriminator receives or predicts; pix2pix, CycleGAN, inpainting; and
 * SRGAN without a feature network. `train.py` refuses every other setting, and names the line to add.
 *
 * @param trainer - A trainer with the networks and the settings of the run; it is not modified.
 * @param options - Custom layers, and the data of the run.
 * @returns The files by their paths: `train.py`, `networks.py`, the package `tfjs_gan/`, and
 *   `test_train.py`, which tests them on another machine.
 * @throws RangeError if the game is another one, or if an input has another name or a layer has no writer, is frozen, draws
 *   random numbers in training (other than `dropout`) or has a regularizer; TypeError if `trainer` or `dataset` is something else.
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
    'networks.py': networksText(classes, digest),
    'tfjs_gan/adaptive_augment.py': adaptiveAugmentPy,
    'tfjs_gan/adversarial.py': adversarialPy,
    'tfjs_gan/checkpoints.py': checkpointsPy,
    'tfjs_gan/conditions.py': conditionsPy,
    'tfjs_gan/constraints.py': constraintsPy,
    'tfjs_gan/cycle.py': cyclePy,
    'tfjs_gan/data.py': dataPy,
    'tfjs_gan/folder_lock.py': folderLockPy,
    'tfjs_gan/game.py': gamePy,
    'tfjs_gan/history.py': historyPy,
    'tfjs_gan/inpainting.py': inpaintingPy,
    'tfjs_gan/layers.py': layersPy,
    'tfjs_gan/live_network.py': liveNetworkPy,
    'tfjs_gan/losses.py': lossesPy,
    'tfjs_gan/optimizers.py': optimizersPy,
    'tfjs_gan/penalties.py': penaltiesPy,
    'tfjs_gan/pix2pix.py': pix2pixPy,
    'tfjs_gan/random_numbers.py': randomNumbersPy,
    'tfjs_gan/ranks.py': ranksPy,
    'tfjs_gan/schedules.py': schedulesPy,
    'tfjs_gan/settings.py': settingsPy,
    'tfjs_gan/slots.py': slotsPy,
    'tfjs_gan/super_resolution.py': superResolutionPy,
    'tfjs_gan/transforms.py': transformsPy,
  };
  return Object.fromEntries(Object.entries(text).map(([name, code]) => [name, encodeText(code)]));
}

/** The networks of the game by their names, checked. */
function networksOf(
  trainer: Parameters<typeof exportTorchTraining>[0],
): readonly (readonly [name: string, network: Network])[] {
  const { game, configuration } = (trainer ?? {}) as Partial<typeof trainer>;
  if (!isRecord(game?.networks) || !isRecord(configuration)) {
    throw new TypeError(`Cannot ${action}: trainer must be a Trainer, got ${formatValue(trainer)}`);
  }
  const known = games[String(configuration['game'])];
  if (known === undefined) {
    throw new RangeError(
      `Cannot ${action}: the game must be one of ${Object.keys(games).join(', ')}, got ${formatValue(configuration['game'])}. ` +
        'Export one of its networks with exportTorch',
    );
  }
  return Object.entries(game.networks).map(([name, { network }]) => {
    const all = known[name];
    if (all === undefined) {
      throw new RangeError(
        `Cannot ${action}: the networks of the game must be ${Object.keys(known).join(', ')}, got ${name} beside them. ` +
          'Create the trainer without it',
      );
    }
    checkNetwork(action, network);
    if (Object.keys(network.inputs).every((input) => all.includes(input))) return [name, network];
    throw new RangeError(
      `Cannot ${action}: the inputs of the ${name} must be of ${all.join(', ')}, ` +
        `got ${Object.keys(network.inputs).join(', ')}`,
    );
  });
}

interface WrittenClass {
  readonly name: string;
  readonly className: string;
  readonly network: Network;
  readonly lines: readonly string[];
  readonly definitions: ReadonlySet<string>;
  readonly weights: ReadonlyMap<string, WrittenWeight>;
}

async function writeClass(
  name: string,
  network: Network,
  table: LayerTable<TorchLayer>,
): Promise<WrittenClass> {
  const weights = await readWeights(network, false);
  const graph = portableGraph(network, weights, new Set([...table.custom, ...drawingLayers]));
  checkTrainedLayers(action, network, graph, table.custom);
  table.check(graph);
  const writer = new ClassWriter(action);
  writer.write(graph, table);
  const made = [...writer.weights.values()].find(({ key }) => !(key in weights));
  if (made !== undefined) {
    throw new RangeError(
      `Cannot ${action}: normalizations must have both scale and offset, or none, got one without ${made.key}`,
    );
  }
  const className = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  const lines = writer.classLines(className, graph);
  const { definitions } = writer;
  return { name, className, network, lines, definitions, weights: writer.weights };
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

function networksText(classes: readonly WrittenClass[], digest: string | undefined): string {
  const [{ network: generator }] = classes as readonly [WrittenClass];
  const valueRange = generator instanceof Generator ? generator.valueRange : undefined;
  const definitions = new Set(classes.flatMap((one) => [...one.definitions]));
  const facts = classes.flatMap(({ className, network, weights }) => [
    `${className}.OUTPUTS = [${network.outputs.map((output) => `'${output}'`).join(', ')}]`,
    `${className}.KEYS = {`,
    ...[...weights].map(([path, { key, order }]) => `    '${path}': ('${key}', ${python(order)}),`),
    '}',
  ]);
  const shapes = classes.map(({ name, network: { model, inputs } }) => {
    const own = Object.keys(inputs).map((input, i) => {
      return `'${input}': ${python(model.inputs[i]!.shape.slice(1))}`;
    });
    return `    '${name}': {${own.join(', ')}},`;
  });
  const blocks = [
    [
      `"""The networks of the run, written by tfjs-gan ${libraryVersion}. Images are channels first here; flat vectors keep the`,
      'order of tfjs-gan, channels last."""',
      ...['import torch', 'import torch.nn.functional as F', 'from torch import nn', ''],
      'from tfjs_gan.layers import BatchNorm, Dropout, minibatch_deviation',
    ],
    ...[...definitions].sort().map((code) => [code]),
    ...classes.map(({ lines }) => lines),
    [
      '# Outputs, and weights by their names here: the key in checkpoints, and for each axis here its place there.',
      ...facts,
    ],
    [
      `NETWORKS = {${classes.map(({ name, className }) => `'${name}': ${className}`).join(', ')}}`,
      '# Shapes of inputs without the batch, channels last.',
      ...['SHAPES = {', ...shapes, '}'],
      '# The range of the samples that the generator makes; None if it may be any.',
      `VALUE_RANGE = ${valueRange === undefined ? 'None' : python([...valueRange])}`,
      '# SHA-256 of the first and the last sample of the data; None if they were not known.',
      `FIRST_AND_LAST = ${digest === undefined ? 'None' : `'${digest}'`}`,
    ],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n\n')}\n`;
}

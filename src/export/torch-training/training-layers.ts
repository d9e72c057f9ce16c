import { isRecord } from '../../core/checks.ts';
import { keyedLayers } from '../../models/model-weights.ts';
import type { Network } from '../../models/network.ts';
import { numberIn } from '../layer-config.ts';
import { idleLayers, type PortableGraph, type PortableValue } from '../portable-graph.ts';
import type { PortableLayer } from '../portable-layer.ts';
import { knownTorchLayers } from '../torch/known-layers.ts';
import { normalizationsWith } from '../torch/layers/normalizations.ts';
import type { TorchLayers } from '../torch/torch-layer.ts';

/** Layers whose random numbers are replayed. @internal */
export const drawingLayers: readonly string[] = ['Dropout'];

/**
 * Layers as they are trained, by any number of processes: batch norm and the deviation of groups are
 * those of `tfjs_gan/layers.py`, over the batch of all of them.
 *
 * @internal
 */
export const trainingLayers: TorchLayers = {
  ...knownTorchLayers,
  ...normalizationsWith(trainedNorm),
  Dropout: (layer, [x], module) => {
    const rate = numberIn(layer, 'rate');
    return rate <= 0 || rate >= 1
      ? x!
      : `${module.member('dropout', `Dropout(${rate})`, {})}(${x})`;
  },
  MinibatchDeviation: (layer, inputs, module) =>
    knownTorchLayers['MinibatchDeviation']!(layer, inputs, {
      ...module,
      // `networks.py` imports the function.
      define: () => undefined,
    }),
};

function trainedNorm(layer: PortableLayer, isAffine: boolean): string {
  const settings = `eps=${numberIn(layer, 'epsilon')}, momentum=${numberIn(layer, 'momentum')}`;
  return `BatchNorm(${layer.outputShape.at(-1)}, ${settings}${isAffine ? '' : ', affine=False'})`;
}

/**
 * Refuses layers that compute something else in training than the code that is written for them.
 *
 * @param custom - Kinds that the caller writes.
 *
 * @internal
 */
export function checkTrainedLayers(
  action: string,
  { model }: Network,
  graph: PortableGraph,
  custom: ReadonlySet<string>,
): void {
  for (const [, layer] of keyedLayers(model)) {
    const kind = layer.getClassName();
    if (!layer.trainable && layer.weights.length > 0) {
      throw new RangeError(
        `Cannot ${action}: layers must not be frozen, got '${layer.name}' with trainable = false. Set it to true, or continue with tfjs-gan`,
      );
    }
    if (custom.has(kind)) continue;
    const config = layer.getConfig();
    const isReplayed = drawingLayers.includes(kind) && !config['noiseShape'] && !config['seed'];
    if (idleLayers.has(kind) && !isReplayed) {
      throw new RangeError(
        `Cannot ${action}: layers must not draw random numbers, other than dropout without noiseShape and seed, got '${layer.name}' of ` +
          `the kind ${kind}. Write it yourself: layers: { ${kind}: (layer, inputs, module) => \`…\` }`,
      );
    }
    const rule = Object.entries(config).find(
      ([name, value]) => /(Regularizer|Constraint)$/.test(name) && isRecord(value),
    );
    if (rule === undefined) continue;
    throw new RangeError(
      `Cannot ${action}: layers must have no regularizer or constraint, got ${rule[0]} in '${layer.name}'`,
    );
  }
  checkOrder(action, graph, custom);
}

/**
 * Refuses layers that draw in branches beside each other, as TensorFlow.js may call them in another
 * order.
 */
function checkOrder(action: string, { nodes }: PortableGraph, custom: ReadonlySet<string>): void {
  let behind: ReadonlySet<PortableValue> | undefined;
  for (const [i, { layer, output }] of nodes.entries()) {
    if (!drawingLayers.includes(layer.kind) || custom.has(layer.kind)) continue;
    if (behind !== undefined && !behind.has(output)) {
      throw new RangeError(
        `Cannot ${action}: layers that draw random numbers must follow each other, got '${layer.name}' in a branch beside another one`,
      );
    }
    const from = new Set([output]);
    for (const later of nodes.slice(i + 1)) {
      if (later.inputs.some((input) => from.has(input))) from.add(later.output);
    }
    behind = from;
  }
}

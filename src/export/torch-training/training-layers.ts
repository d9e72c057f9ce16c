import { numberIn } from '../layer-config.ts';
import type { PortableLayer } from '../portable-layer.ts';
import { knownTorchLayers } from '../torch/known-layers.ts';
import { normalizationsWith } from '../torch/layers/normalizations.ts';
import type { TorchLayers } from '../torch/torch-layer.ts';

/**
 * Layers as they are trained, by any number of processes: batch norm and the deviation of groups are
 * those of `tfjs_gan/layers.py`, over the batch of all of them.
 *
 * @internal
 */
export const trainingLayers: TorchLayers = {
  ...knownTorchLayers,
  ...normalizationsWith(trainedNorm),
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

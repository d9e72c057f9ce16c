import { numberIn } from '../layer-config.ts';
import type { PortableLayer } from '../portable-layer.ts';
import { knownTorchLayers } from '../torch/known-layers.ts';
import { normalizationsWith } from '../torch/layers/normalizations.ts';
import type { TorchLayers } from '../torch/torch-layer.ts';

/**
 * Layers as they are trained, by any number of processes: batch norm is that of
 * `tfjs_gan/layers.py`; `MinibatchDeviation` is missing, because its groups are those of a whole
 * batch, and `FourierFeatures`, because its weight is not trained.
 *
 * @internal
 */
export const trainingLayers: TorchLayers = Object.fromEntries(
  Object.entries({ ...knownTorchLayers, ...normalizationsWith(trainedNorm) }).filter(
    ([kind]) => kind !== 'MinibatchDeviation' && kind !== 'FourierFeatures',
  ),
);

function trainedNorm(layer: PortableLayer, isAffine: boolean): string {
  const settings = `eps=${numberIn(layer, 'epsilon')}, momentum=${numberIn(layer, 'momentum')}`;
  return `BatchNorm(${layer.outputShape.at(-1)}, ${settings}${isAffine ? '' : ', affine=False'})`;
}

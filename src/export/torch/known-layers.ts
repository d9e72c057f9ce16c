import { torchActivations } from './layers/activations.ts';
import { torchModernLayers } from './layers/modern.ts';
import { torchNormalizations } from './layers/normalizations.ts';
import { torchProducts } from './layers/products.ts';
import { torchShapes } from './layers/shapes.ts';
import type { TorchLayers } from './torch-layer.ts';

/** Every kind of layer that this library writes for PyTorch. @internal */
export const knownTorchLayers: TorchLayers = {
  ...torchProducts,
  ...torchNormalizations,
  ...torchActivations,
  ...torchShapes,
  ...torchModernLayers,
};

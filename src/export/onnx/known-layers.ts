import { onnxActivations } from './layers/activations.ts';
import { onnxConditionalLayers } from './layers/conditional.ts';
import { onnxImageLayers } from './layers/image-to-image.ts';
import { onnxModernLayers } from './layers/modern.ts';
import { onnxNormalizations } from './layers/normalizations.ts';
import { onnxProducts } from './layers/products.ts';
import { onnxShapes } from './layers/shapes.ts';
import type { OnnxLayers } from './onnx-layer.ts';

/** Every kind of layer that this library writes as ONNX. @internal */
export const knownOnnxLayers: OnnxLayers = {
  ...onnxProducts,
  ...onnxNormalizations,
  ...onnxActivations,
  ...onnxShapes,
  ...onnxConditionalLayers,
  ...onnxImageLayers,
  ...onnxModernLayers,
};

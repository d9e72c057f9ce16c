/**
 * Image-to-image translation: pix2pix for pairs, CycleGAN for unpaired sets, SRGAN for enlarging,
 * inpainting, and the layers of their networks.
 *
 * @module tfjs-gan/image-to-image
 *
 * @experimental
 */

// layers
export { FillHole } from '../../layers/image/fill-hole.ts';
export { InstanceNorm } from '../../layers/image/instance-norm.ts';
export { PixelShuffle } from '../../layers/image/pixel-shuffle.ts';
export { ReflectionPadding } from '../../layers/image/reflection-padding.ts';
export { Upsampling } from '../../layers/image/upsampling.ts';

// networks
export { drawHoles, type HoleOptions } from '../../models/inpainting/draw-holes.ts';
export { Inpainter } from '../../models/inpainting/inpainter.ts';
export { msrResnet, type MsrResnetOptions } from '../../models/translators/msr-resnet.ts';
export { Translator, type TranslatorOptions } from '../../models/translators/translator.ts';
export {
  patchDiscriminator,
  type PatchDiscriminatorOptions,
} from '../../models/translators/patch-discriminator.ts';
export {
  resnetTranslator,
  type ResnetTranslatorOptions,
} from '../../models/translators/resnet-translator.ts';
export type {
  TranslatorNormalization,
  UpsamplingMethod,
} from '../../models/translators/translator-options.ts';
export {
  unetTranslator,
  type UnetTranslatorOptions,
} from '../../models/translators/unet-translator.ts';

// presets
export { createCycleGan, type CreateCycleGanOptions } from './create-cycle-gan.ts';
export { createInpaintingGan, type CreateInpaintingGanOptions } from './create-inpainting-gan.ts';
export { createPix2pix, type CreatePix2pixOptions } from './create-pix2pix.ts';
export { createSrgan, type CreateSrganOptions } from './create-srgan.ts';
export { CycleGan } from './cycle-gan.ts';
export { InpaintingGan } from './inpainting-gan.ts';
export { TranslatorGan } from './translator-gan.ts';

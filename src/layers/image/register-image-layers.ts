import { registerLayer } from '../registration.ts';
import { FillHole } from './fill-hole.ts';
import { InstanceNorm } from './instance-norm.ts';
import { PixelShuffle } from './pixel-shuffle.ts';
import { ReflectionPadding } from './reflection-padding.ts';
import { Upsampling } from './upsampling.ts';

/** Lets TensorFlow.js read models with any layer of `tfjs-gan/image-to-image`. @internal */
export function registerImageLayers(): void {
  registerLayer(FillHole);
  registerLayer(InstanceNorm);
  registerLayer(PixelShuffle);
  registerLayer(ReflectionPadding);
  registerLayer(Upsampling);
}

import { Blur } from './blur.ts';
import { ConditionalBatchNorm } from './conditional-batch-norm.ts';
import { LearnedBasis } from './learned-basis.ts';
import { MinibatchDeviation } from './minibatch-deviation.ts';
import { OneHot } from './one-hot.ts';
import { ProjectionHead } from './projection-head.ts';
import { registerLayer } from './registration.ts';

/** Lets TensorFlow.js load models with any layer of this library. @internal */
export function registerLayers(): void {
  registerLayer(Blur);
  registerLayer(ConditionalBatchNorm);
  registerLayer(LearnedBasis);
  registerLayer(MinibatchDeviation);
  registerLayer(OneHot);
  registerLayer(ProjectionHead);
}

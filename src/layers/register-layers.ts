import { Blur } from './blur.ts';
import { ConditionalBatchNorm } from './conditional-batch-norm.ts';
import { LearnedBasis } from './learned-basis.ts';
import { OneHot } from './one-hot.ts';
import { ProjectionHead } from './projection-head.ts';
import { registerLayer } from './registration.ts';

/**
 * Lets TensorFlow.js load models with the layers of this library. Those of discriminators alone,
 * such as MinibatchDeviation, are left to their constructors: they would be in every page that
 * samples.
 *
 * @internal
 */
export function registerLayers(): void {
  registerLayer(Blur);
  registerLayer(ConditionalBatchNorm);
  registerLayer(LearnedBasis);
  registerLayer(OneHot);
  registerLayer(ProjectionHead);
}

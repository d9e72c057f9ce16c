import type { LabelInput, LatentInput, Network, TensorInput } from '../../../src/models/network.ts';

/** From latents and labels to samples. */
export type LabeledGenerator = Network<{ latents: LatentInput; labels: LabelInput }, 'samples'>;

/** From one picture to another. */
export type Translator = Network<{ source: TensorInput }, 'samples'>;

/** From samples to logits. */
export type Judge = Network<{ samples: TensorInput }, 'logits'>;

import * as tf from '@tensorflow/tfjs';
import { ProjectionHead } from '../layers/projection-head.ts';
import type { Conditioning } from './conditioning.ts';
import { Discriminator } from './discriminator.ts';

/** Input of a discriminator's last layers. @internal */
export interface DiscriminatorBody {
  /** The inputs of the network. */
  readonly samples: tf.SymbolicTensor;
  /** The features of its layers, `[batch, features]`. */
  readonly features: tf.SymbolicTensor;
  readonly conditioning: Conditioning | undefined;
}

/** Creates the initializer of a dense layer; each call is for another layer. @internal */
export type MakeInitializer = () => NonNullable<
  Parameters<typeof tf.layers.dense>[0]['kernelInitializer']
>;

/** The dense layer that returns the logit. @internal */
export function logitLayer(initializer: MakeInitializer): tf.layers.Layer {
  return tf.layers.dense({ units: 1, kernelInitializer: initializer() });
}

/**
 * A discriminator that owns its model: a dense layer returns the logit; with a condition, a
 * projection head does, or a second output predicts the condition.
 *
 * @param seed - Determines the initial weights of a projection head.
 *
 * @internal
 */
export function endDiscriminator(
  { samples, features, conditioning }: DiscriminatorBody,
  initializer: MakeInitializer,
  seed: number,
): Discriminator<string, string> {
  const apply = (layer: tf.layers.Layer, x: tf.SymbolicTensor | tf.SymbolicTensor[]) =>
    layer.apply(x) as tf.SymbolicTensor;
  if (conditioning === undefined) {
    const model = tf.model({ inputs: samples, outputs: apply(logitLayer(initializer), features) });
    return new Discriminator({ model, ownsModel: true });
  }
  const { method, name, size, layerOptions, input } = conditioning;
  if (method === 'auxiliary') {
    const logits = apply(logitLayer(initializer), features);
    // Codes have further layers on the features that both heads share, as in the paper.
    const read =
      name === 'codes'
        ? readingLayers(initializer).reduce((x, layer) => apply(layer, x), features)
        : features;
    const head = tf.layers.dense({ units: size, kernelInitializer: initializer() });
    return new Discriminator<string, string>({
      model: tf.model({ inputs: samples, outputs: [logits, apply(head, read)] }),
      outputs: ['logits', name === 'labels' ? 'classes' : name],
      ownsModel: true,
    });
  }
  const logits =
    method === 'projection'
      ? apply(new ProjectionHead({ ...layerOptions, seed }), [features, input])
      : apply(logitLayer(initializer), features);
  return new Discriminator<string, string>({
    model: tf.model({ inputs: [samples, input], outputs: logits }),
    inputs: ['samples', name],
    ownsModel: true,
  });
}

/**
 * The layers that InfoGAN's code adds after the shared layers of the discriminator and the
 * recognition network.
 */
function readingLayers(initializer: MakeInitializer): readonly tf.layers.Layer[] {
  return [
    tf.layers.dense({ units: 128, useBias: false, kernelInitializer: initializer() }),
    tf.layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }),
    tf.layers.leakyReLU({ alpha: 0.2 }),
  ];
}

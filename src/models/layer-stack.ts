import * as tf from '@tensorflow/tfjs';
import type { Conditioning } from './conditioning.ts';
import { Discriminator } from './discriminator.ts';
import { endDiscriminator, logitLayer, type MakeInitializer } from './discriminator-end.ts';

/**
 * A stack of layers: a sequential model, or, with a condition, one with further inputs or outputs.
 *
 * @internal
 */
export class LayerStack {
  readonly #inputShape: readonly number[];
  readonly #conditioning: Conditioning | undefined;
  readonly #sequential = tf.sequential();
  readonly #input: tf.SymbolicTensor | undefined;
  #top: tf.SymbolicTensor | undefined;

  /**
   * @param inputShape - Shape of one sample or of its latents.
   * @param conditioning - The condition, if there is one.
   */
  constructor(inputShape: readonly number[], conditioning: Conditioning | undefined) {
    this.#inputShape = inputShape;
    this.#conditioning = conditioning;
    if (conditioning === undefined) return;
    this.#input = tf.input({ shape: [...inputShape] });
    this.#top = this.#input;
  }

  /** Settings of the first layer of a sequential model. */
  get inputShape(): { inputShape?: number[] } {
    const isFirst = this.#top === undefined && this.#sequential.layers.length === 0;
    return isFirst ? { inputShape: [...this.#inputShape] } : {};
  }

  /** Adds a layer on top. */
  add(layer: tf.layers.Layer): void {
    if (this.#top === undefined) this.#sequential.add(layer);
    else this.#top = layer.apply(this.#top) as tf.SymbolicTensor;
  }

  /** Applies a condition to the last output, if there is a condition. */
  condition(join: (top: tf.SymbolicTensor, conditioning: Conditioning) => tf.SymbolicTensor): void {
    if (this.#top !== undefined) this.#top = join(this.#top, this.#conditioning!);
  }

  /** The generator's model, with inputs for the latents and the condition. */
  generatorModel(): tf.LayersModel {
    if (this.#top === undefined) return this.#sequential;
    return tf.model({ inputs: [this.#input!, this.#conditioning!.input], outputs: this.#top });
  }

  /**
   * A discriminator of all layers and its last ones, see {@link endDiscriminator}.
   *
   * @param initializer - Creates the initializer of a dense layer.
   * @param seed - Determines the initial weights of a projection head.
   */
  discriminator(initializer: MakeInitializer, seed: number): Discriminator<string, string> {
    if (this.#top !== undefined) {
      const [samples, features] = [this.#input!, this.#top];
      const body = { samples, features, conditioning: this.#conditioning };
      return endDiscriminator(body, initializer, seed);
    }
    this.#sequential.add(logitLayer(initializer));
    return new Discriminator({ model: this.#sequential, ownsModel: true });
  }
}

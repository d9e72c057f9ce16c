import * as tf from '@tensorflow/tfjs';
import type { Conditioning } from './conditioning.ts';
import { Discriminator } from './discriminator.ts';
import { endDiscriminator, logitLayer, type MakeInitializer } from './discriminator-end.ts';

/**
 * Layers one after the other: a sequential model, or, under a condition, one with further inputs or outputs.
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
   * @param inputShape - Of one sample or of its latents.
   * @param conditioning - The condition, if there is one.
   */
  constructor(inputShape: readonly number[], conditioning: Conditioning | undefined) {
    this.#inputShape = inputShape;
    this.#conditioning = conditioning;
    if (conditioning === undefined) return;
    this.#input = tf.input({ shape: [...inputShape] });
    this.#top = this.#input;
  }

  /** What the first layer of a sequential model has to be told. */
  get inputShape(): { inputShape?: number[] } {
    const isFirst = this.#top === undefined && this.#sequential.layers.length === 0;
    return isFirst ? { inputShape: [...this.#inputShape] } : {};
  }

  /** Adds a layer on top. */
  add(layer: tf.layers.Layer): void {
    if (this.#top === undefined) this.#sequential.add(layer);
    else this.#top = layer.apply(this.#top) as tf.SymbolicTensor;
  }

  /** Puts on top what a condition makes of the topmost output, if there is a condition. */
  condition(join: (top: tf.SymbolicTensor, conditioning: Conditioning) => tf.SymbolicTensor): void {
    if (this.#top !== undefined) this.#top = join(this.#top, this.#conditioning!);
  }

  /** The generator's model: of the latents, and of the condition. */
  generatorModel(): tf.LayersModel {
    if (this.#top === undefined) return this.#sequential;
    return tf.model({ inputs: [this.#input!, this.#conditioning!.input], outputs: this.#top });
  }

  /**
   * A discriminator of all layers and those of its end, see {@link endDiscriminator}.
   *
   * @param initializer - Makes the initial weights of a dense layer.
   * @param seed - Decides the initial weights of a projection head.
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

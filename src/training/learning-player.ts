import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';
import { type ModelWeight, modelWeights, withStatisticsHeld } from '../models/model-weights.ts';
import { LiveOptimizer } from '../optimizers/live-optimizer.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';

/** What one update of a player gave; the tensors are the caller's. @internal */
export type PlayerUpdate = Readonly<Record<'loss' | 'gradientNorm', tf.Scalar>>;

/**
 * A player that learns: its model, its weights by name, and its optimizer's memory.
 *
 * @internal
 */
export class LearningPlayer {
  readonly name: 'generator' | 'discriminator';
  readonly weights: readonly ModelWeight[];
  readonly optimizer: LiveOptimizer;
  readonly #model: tf.LayersModel;
  readonly #trainable: readonly ModelWeight[];

  constructor(name: 'generator' | 'discriminator', model: tf.LayersModel, spec: OptimizerSpec) {
    this.name = name;
    this.#model = model;
    this.weights = modelWeights(model);
    this.#trainable = this.weights.filter((weight) => weight.trainable);
    if (this.#trainable.length === 0) {
      throw new RangeError(
        `Cannot create a Trainer: the ${name} must have weights to train, got a model with none. ` +
          'Are all its layers set to trainable = false?',
      );
    }
    this.optimizer = new LiveOptimizer(spec, this.#trainable);
  }

  /** A pass in training mode that moves batch norm's statistics, as belongs to the player's own update. */
  forward(input: tf.Tensor): tf.Tensor {
    return this.#model.apply(input, { training: true }) as tf.Tensor;
  }

  /** A pass in training mode that leaves batch norm's statistics where they are. */
  forwardHeld(input: tf.Tensor): tf.Tensor {
    return withStatisticsHeld(this.weights, () => this.forward(input));
  }

  /** Moves the weights once, down the gradient of a loss plus the model's own regularisers. */
  update(loss: () => tf.Scalar): PlayerUpdate {
    return tf.tidy(() => {
      const variables = this.#trainable.map((weight) => weight.read());
      const { value, grads } = this.#gradients(() => {
        const scalar = checkScalar(this.name, loss());
        const regularisers = this.#model.calculateLosses();
        return regularisers.reduce((sum, term) => tf.add(sum, term), scalar);
      }, variables);
      const gradients = variables.map((variable) => grads[variable.name]);
      this.optimizer.apply(gradients);
      return { loss: value, gradientNorm: norm(gradients) };
    });
  }

  /**
   * Remembers where the player stands. Nothing is copied: tensors never change, so their handles are enough.
   */
  hold(): HeldPlayer {
    const weights = this.weights.map((weight) => weight.read().clone());
    const slots = [...this.optimizer.slots].map(([key, slot]): [string, tf.Tensor] => [
      key,
      slot.clone(),
    ]);
    const { step } = this.optimizer;
    return {
      revert: (): void => {
        this.weights.forEach((weight, index) => weight.restore(weights[index] as tf.Tensor));
        slots.forEach(([key, slot]) => this.optimizer.setSlot(key, slot));
        this.optimizer.step = step;
      },
      release: (): void => {
        tf.dispose(weights);
        slots.forEach(([, slot]) => slot.dispose());
      },
    };
  }

  dispose(): void {
    this.optimizer.dispose();
  }

  #gradients(
    loss: () => tf.Scalar,
    variables: tf.Variable[],
  ): { value: tf.Scalar; grads: tf.NamedTensorMap } {
    let failure: { readonly error: unknown } | undefined;
    try {
      const result = tf.variableGrads(() => {
        try {
          return loss();
        } catch (error) {
          // tfjs leaks what it saved for the way back if the function throws, so the way back is gone to its end.
          failure = { error };
          return tf.addN(variables.map((variable) => tf.sum(variable))).asScalar();
        }
      }, variables);
      if (failure === undefined) return result;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('Cannot find a connection'))
        throw error;
      throw new Error(
        `Cannot train: the ${this.name} loss must depend on the ${this.name}'s weights, got one that does not. ` +
          `Compute it with TensorFlow.js operations from the logits the loss is given`,
        { cause: error },
      );
    }
    throw failure.error;
  }
}

/** A place to which a player can go back. @internal */
export interface HeldPlayer {
  /** Puts the player back. */
  revert(): void;
  /** Forgets the place. */
  release(): void;
}

function checkScalar(player: string, loss: tf.Scalar): tf.Scalar {
  if (!(loss instanceof tf.Tensor)) {
    throw new TypeError(
      `Cannot train: the ${player} loss must return a scalar tensor, got ${formatValue(loss)}`,
    );
  }
  if ((loss.shape as readonly number[]).length === 0) return loss;
  throw new RangeError(
    `Cannot train: the ${player} loss must return a scalar, got a tensor of shape ${formatShape(loss.shape)}. ` +
      'Take the mean over the batch: tf.mean(…).asScalar()',
  );
}

/** Euclidean length of all gradients together. */
function norm(gradients: readonly (tf.Tensor | undefined)[]): tf.Scalar {
  const squares = gradients
    .filter((gradient) => gradient !== undefined)
    .map((gradient) => tf.sum(tf.square(gradient)));
  return tf.sqrt(tf.addN(squares)).asScalar();
}

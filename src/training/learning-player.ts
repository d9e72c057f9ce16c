import * as tf from '@tensorflow/tfjs';
import { formatShape, formatValue } from '../core/format.ts';
import { leafLayers } from '../models/layers-model.ts';
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
        return this.#regularisers().reduce((sum, term) => tf.add(sum, term), scalar);
      }, variables);
      const gradients = variables.map((variable) => grads[variable.name]);
      this.optimizer.apply(gradients);
      return { loss: value, gradientNorm: norm(gradients) };
    });
  }

  /** What the layers add to the loss. A model answers for its own layers only, not for those of models inside it. */
  #regularisers(): tf.Scalar[] {
    return [...new Set(leafLayers(this.#model))].flatMap((layer) => layer.calculateLosses());
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
    let own: { readonly error: unknown } | undefined;
    try {
      return tf.variableGrads(() => {
        try {
          return loss();
        } catch (error) {
          own = { error };
          throw error;
        }
      }, variables);
    } catch (error) {
      freeTape();
      // What the loss or a network says on the way there is its own business; what follows is tfjs's.
      if (own !== undefined) throw own.error;
      throw new Error(this.#whyNoGradient(error), { cause: error });
    }
  }

  #whyNoGradient(error: unknown): string {
    const said = error instanceof Error ? error.message : String(error);
    if (said.includes('Cannot find a connection')) {
      return (
        `Cannot train: the ${this.name} loss must depend on the ${this.name}'s weights, got one that does not. ` +
        'Compute it with TensorFlow.js operations from the logits the loss is given'
      );
    }
    return `Cannot train: the gradient of the ${this.name} loss must be computable, got the error: ${said}`;
  }
}

/** tfjs keeps what it saved for the way back if that way fails; nothing else would ever free it. */
function freeTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const node of state.activeTape ?? []) tf.dispose(node.saved ?? []);
  state.activeTape = [];
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
  if (loss.dtype !== 'float32') {
    throw new TypeError(
      `Cannot train: the ${player} loss must be of dtype float32, got ${loss.dtype}. Cast it: loss.toFloat()`,
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

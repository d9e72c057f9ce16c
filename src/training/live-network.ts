import * as tf from '@tensorflow/tfjs';
import { addAll } from '../core/add-all.ts';
import type { TrainingProgress } from '../core/schedules/schedule.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import { formatValue } from '../core/format.ts';
import { messageOf } from '../core/realms.ts';
import { isTransposed } from '../models/kernel-matrix.ts';
import { leafLayers } from '../models/layers-model.ts';
import { type ModelWeight, modelWeights, withStatisticsHeld } from '../models/model-weights.ts';
import { warnAboutUnlisted } from '../models/unlisted-weights.ts';
import { LiveOptimizer } from '../optimizers/live-optimizer.ts';
import type { OptimizerSpec } from '../optimizers/optimizer.ts';
import { KeptTerms, type LossTerm } from './loss-term.ts';
import type { NetworkConstraints } from './network-constraints.ts';
import { type LearnedWeight, type PenalizedUpdate, NetworkPenalties } from './network-penalties.ts';
import { type Held, holdPart, type StatefulPart } from './stateful-part.ts';

/** What the models' own regularizers are called among the terms of a loss. @internal */
export const regularizers = 'regularizers';

/** What one update of a network gave; the tensors are the caller's. @internal */
export type NetworkUpdate = Readonly<Record<'loss' | 'gradientNorm', tf.Scalar>> & {
  /** What the loss is the sum of, by name. */
  readonly terms: Readonly<Record<string, tf.Scalar>>;
};

/** What a {@link LiveNetwork} is made of. @internal */
export interface LiveNetworkParts {
  readonly name: 'generator' | 'discriminator';
  readonly model: tf.LayersModel;
  readonly optimizer: OptimizerSpec;
  /** Every penalty of the trainer, by name. */
  readonly penalties: readonly (readonly [name: string, penalty: Penalty])[];
  /** The constraints on this network; they become its own. */
  readonly constraints: NetworkConstraints;
}

/**
 * A network that learns: its model, its weights by name, its optimizer's memory, its penalties and constraints.
 *
 * @internal
 */
export class LiveNetwork {
  readonly name: 'generator' | 'discriminator';
  readonly weights: readonly ModelWeight[];
  readonly optimizer: LiveOptimizer;
  readonly penalties: NetworkPenalties;
  readonly constraints: NetworkConstraints;
  readonly model: tf.LayersModel;
  /** What passes may move beside the optimizer. */
  readonly #statistics: readonly ModelWeight[];
  /** Those of the weights, also while others stand in for them. */
  readonly #variables: readonly tf.Variable[];
  #isWatched = false;

  constructor(parts: LiveNetworkParts) {
    const { name, model } = parts;
    this.name = name;
    this.model = model;
    this.weights = modelWeights(model);
    this.#variables = this.weights.map((weight) => weight.read());
    this.#statistics = this.weights.filter((weight) => !weight.trainable);
    const trained = this.trained('create a Trainer');
    this.constraints = parts.constraints;
    this.penalties = new NetworkPenalties(name, parts.penalties, trained.map(learned));
    this.optimizer = new LiveOptimizer(parts.optimizer, trained);
  }

  /** The weights that the optimizer moves now, of which there has to be one. */
  trained(action: string): readonly ModelWeight[] {
    const trained = this.weights.filter((weight) => weight.trainable);
    if (trained.length > 0) return trained;
    throw new RangeError(
      `Cannot ${action}: the ${this.name} must have weights to train, got a model with none. ` +
        'Are all its layers set to trainable = false?',
    );
  }

  /** What a snapshot has to hold of its penalties and constraints. */
  get parts(): readonly StatefulPart[] {
    return [...this.constraints.parts, ...this.penalties.parts];
  }

  /** A pass in training mode that moves batch norm's statistics, as belongs to the network's own update. */
  forward(input: tf.Tensor): tf.Tensor {
    const pass = (): tf.Tensor => this.model.apply(input, { training: true }) as tf.Tensor;
    // Only what is differentiated is recorded; the first time tells of every time.
    if (this.#isWatched || tf.engine().state.gradientDepth === 0) return pass();
    this.#isWatched = true;
    return warnAboutUnlisted(this.name, this.model, this.#variables, pass);
  }

  /** A pass in training mode that leaves batch norm's statistics where they are. */
  forwardHeld(input: tf.Tensor): tf.Tensor {
    return withStatisticsHeld(this.#statistics, () => this.forward(input));
  }

  /**
   * Moves the weights once, down the gradient of the sum of all terms and the model's own regularizers.
   *
   * @param progress - How far training is.
   * @param terms - Makes the terms, of which there is at least one; it is differentiated.
   */
  update(
    progress: TrainingProgress,
    terms: (update: PenalizedUpdate) => readonly LossTerm[],
  ): NetworkUpdate {
    return tf.tidy(() => {
      const trained = this.trained('train');
      this.constraints.beforeUpdate();
      const variables = trained.map((weight) => weight.read());
      const update = { weights: trained.map(learned), update: this.#nextUpdate };
      this.penalties.begin(update);
      const kept = new KeptTerms();
      try {
        const { value, grads } = this.#gradients(() => {
          const all = this.constraints.wrapForward(() => terms(update));
          return kept.sum([...all, ...this.#regularizers()]);
        }, variables);
        const gradients = variables.map((variable) => grads[variable.name]);
        this.optimizer.apply(gradients, progress, trained);
        this.constraints.afterUpdate();
        this.penalties.updateSlots({ ...update, weights: trained.map(learned) });
        return { loss: value, gradientNorm: norm(gradients), terms: kept.byName(value) };
      } finally {
        kept.dispose();
      }
    });
  }

  /** Fills what penalties remember of weights that they have not seen yet. */
  beginPenalties(): void {
    const weights = this.trained('restore').map(learned);
    this.penalties.begin({ weights, update: this.#nextUpdate });
  }

  /** Number of the next update over the trainer's life. */
  get #nextUpdate(): number {
    return this.optimizer.former + this.optimizer.step + 1;
  }

  /** The sum of its trainable weights, which costs next to nothing; the caller's. */
  weightSum(): tf.Scalar {
    const trained = this.trained('train');
    return tf.tidy(() => addAll(trained.map((weight) => tf.sum(weight.read()))).asScalar());
  }

  /** What the layers add to the loss. A model answers for its own layers only, not for those of models inside it. */
  #regularizers(): readonly LossTerm[] {
    const losses = [...new Set(leafLayers(this.model))].flatMap((layer) => layer.calculateLosses());
    if (losses.length === 0) return [];
    return [{ name: regularizers, value: losses.reduce((sum, loss) => tf.add(sum, loss)) }];
  }

  /**
   * Remembers where the network stands. Nothing is copied: tensors never change, so their handles are enough.
   */
  hold(): Held {
    const weights = this.weights.map((weight) => weight.read().clone());
    const optimizer = this.optimizer.hold();
    const parts = this.parts.map(holdPart);
    return {
      revert: (): void => {
        this.weights.forEach((weight, index) => weight.restore(weights[index] as tf.Tensor));
        optimizer.revert();
        for (const part of parts) part.revert();
      },
      release: (): void => {
        tf.dispose(weights);
        optimizer.release();
        for (const part of parts) part.release();
      },
    };
  }

  dispose(): void {
    this.optimizer.dispose();
    this.penalties.dispose();
    this.constraints.dispose();
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
    const said = messageOf(error);
    if (said.includes('Cannot find a connection')) {
      return (
        `Cannot train: the ${this.name} loss must depend on the ${this.name}'s weights, got one that does not. ` +
        'Compute it with TensorFlow.js operations from the logits the loss is given'
      );
    }
    const { names } = this.penalties;
    // A penalty that takes a gradient asks of every operation that its gradient can be differentiated too.
    const cure =
      names.length === 0
        ? ''
        : `${said.endsWith('.') ? '' : '.'} Its penalties are ${names.map(formatValue).join(', ')}: ` +
          'checkGradientPenalty(discriminator) names the operation';
    return `Cannot train: the gradient of the ${this.name} loss must be computable, got the error: ${said}${cure}`;
  }
}

/** A weight as it stands. */
function learned(weight: ModelWeight): LearnedWeight {
  return {
    key: weight.key,
    value: weight.read(),
    filterAxis: isTransposed(weight) ? -2 : -1,
  };
}

/** tfjs keeps what it saved for the way back if that way fails; nothing else would ever free it. */
function freeTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const node of state.activeTape ?? []) tf.dispose(node.saved ?? []);
  state.activeTape = [];
}

/** Euclidean length of all gradients together. */
function norm(gradients: readonly (tf.Tensor | undefined)[]): tf.Scalar {
  const squares = gradients
    .filter((gradient) => gradient !== undefined)
    .map((gradient) => tf.sum(tf.square(gradient)));
  return tf.sqrt(addAll(squares)).asScalar();
}

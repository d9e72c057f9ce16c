import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../core/add-all.ts';
import type { Network } from '../../models/network.ts';
import { isTransposed } from '../../models/kernel-matrix.ts';
import { applyModel, columnFor, leafLayers } from '../../models/layers-model.ts';
import { type ModelWeight, modelWeights, withStatisticsHeld } from '../../models/model-weights.ts';
import { warnAboutUnlisted } from '../../models/unlisted-weights.ts';
import type { PassPlanner } from '../../backends/training-pass.ts';
import { LiveOptimizer } from '../../optimizers/live-optimizer.ts';
import type { OptimizerSpec } from '../../optimizers/optimizer.ts';
import { isRecording } from '../../tfjs-internals/tape.ts';
import { handleOf } from '../../tfjs-internals/tensor-handle.ts';
import { type Held, holdPart, type StatefulPart } from '../state/stateful-part.ts';
import type { NetworkEma } from './ema.ts';
import type { NetworkConstraints } from './network-constraints.ts';
import { NetworkTaps } from './network-taps.ts';

/** A weight as it is trained: before a constraint replaces it for a pass. @internal */
export interface LearnedWeight {
  readonly key: string;
  readonly value: tf.Tensor;
  readonly filterAxis: -1 | -2;
}

/** The parts of a {@link LiveNetwork}. @internal */
export interface LiveNetworkParts {
  readonly name: string;
  readonly network: Network;
  /** Without an optimizer the network is frozen. */
  readonly optimizer: OptimizerSpec | undefined;
  /** The constraints on its weights; the network owns them. */
  readonly constraints: NetworkConstraints;
}

/**
 * A network in training: its model, its weights by name, its optimizer's state, its constraints,
 * its average.
 *
 * @internal
 */
export class LiveNetwork {
  readonly name: string;
  readonly network: Network;
  readonly weights: readonly ModelWeight[];
  readonly optimizer: LiveOptimizer | undefined;
  readonly constraints: NetworkConstraints;
  /** The average of its weights, if there is one. */
  ema: NetworkEma | undefined;
  /** Reads the outputs of its layers. */
  readonly taps: NetworkTaps;
  /** State that passes may change besides the optimizer's. */
  readonly #statistics: readonly ModelWeight[];
  /** Names of the weights, also while they are replaced. */
  readonly #variables: readonly tf.Variable[];
  #isWatched = false;

  constructor(parts: LiveNetworkParts) {
    const { name, network, optimizer } = parts;
    this.name = name;
    this.network = network;
    this.weights = modelWeights(network.model);
    this.#variables = this.weights.map((weight) => weight.read());
    this.#statistics = this.weights.filter((weight) => !weight.trainable);
    this.constraints = parts.constraints;
    this.taps = new NetworkTaps(name, network.model);
    this.optimizer = optimizer && new LiveOptimizer(optimizer, this.trained('create a Trainer'));
  }

  /** The weights that the optimizer updates; at least one. */
  trained(action: string): readonly ModelWeight[] {
    const trained = this.weights.filter((weight) => weight.trainable);
    if (trained.length > 0) return trained;
    throw new RangeError(
      `Cannot ${action}: the ${this.name} must have weights to train, got a model with none. ` +
        'Are all its layers set to trainable = false?',
    );
  }

  /** Its trainable weights, also while a constraint replaces them. */
  learned(): readonly LearnedWeight[] {
    return this.weights.flatMap((weight, i) => {
      const filterAxis = isTransposed(weight) ? -2 : -1;
      const { key, trainable } = weight;
      return trainable ? [{ key, value: this.#variables[i]!, filterAxis }] : [];
    });
  }

  /** The parts that a snapshot saves besides weights and optimizer. */
  get parts(): readonly StatefulPart[] {
    return [...this.constraints.parts, ...(this.ema === undefined ? [] : [this.ema])];
  }

  /**
   * One forward pass: in training mode, or, if the network is frozen, in inference mode.
   *
   * @param inputs - In the model's order.
   * @param moves - Whether the pass updates batch norm's statistics.
   * @returns The outputs in the model's order.
   */
  run(inputs: readonly tf.Tensor[], moves: boolean): readonly tf.Tensor[] {
    const { model } = this.network;
    const training = this.optimizer !== undefined;
    const plan = training ? (tf.backend() as PassPlanner).trainingPass?.(model) : undefined;
    const given = inputs.map((input, i) => columnFor(model.inputs[i]!, input));
    const planned = plan?.canRun(given) === true ? plan : undefined;
    const pass = (): readonly tf.Tensor[] =>
      planned === undefined ? applyModel(model, given, { training }) : planned.run(given, moves);
    const watched = (): readonly tf.Tensor[] => {
      // Only what is differentiated is recorded; the first update determines what that is.
      if (!training || this.#isWatched || !isRecording()) return pass();
      this.#isWatched = true;
      return warnAboutUnlisted(this.name, model, this.#variables, pass);
    };
    const needsNoHold = moves || !training || planned?.keepsStatistics === true;
    return needsNoHold ? watched() : withStatisticsHeld(this.#statistics, watched);
  }

  /**
   * The regularization terms of its layers. A model knows only its own layers, not those of nested
   * models.
   */
  regularizers(): readonly tf.Scalar[] {
    return [...new Set(leafLayers(this.network.model))].flatMap((layer) => layer.calculateLosses());
  }

  /** The sum of its trainable weights, which is cheap; the caller owns it. */
  weightSum(): tf.Scalar {
    const trained = this.weights.filter((weight) => weight.trainable);
    return addAll(trained.map((weight) => tf.sum(weight.read()))).asScalar();
  }

  /** Saves its state without copies: tensors are immutable, so handles are enough. */
  hold(): Held {
    if (this.optimizer === undefined) return { revert: nothing, release: nothing };
    const weights = this.weights.map((weight) => handleOf(weight.read()));
    const optimizer = this.optimizer.hold();
    const parts = this.parts.map(holdPart);
    return {
      revert: (): void => {
        this.weights.forEach((weight, index) => weight.restore(weights[index]!));
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
    this.optimizer?.dispose();
    this.constraints.dispose();
    this.ema?.dispose();
  }
}

function nothing(): void {
  // A frozen network does not change.
}

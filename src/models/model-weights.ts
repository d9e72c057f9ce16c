import * as tf from '@tensorflow/tfjs';
import { leafLayers } from './layers-model.ts';

/**
 * One weight of a model under a name that the same program gives it each time it runs.
 *
 * @internal
 */
export class ModelWeight {
  /** `3.conv2d/kernel`: the place of its layer in the model, the kind of layer, the role of the weight. */
  readonly key: string;
  /** Whether the optimizer moves it. The others are statistics, such as batch norm's. */
  readonly trainable: boolean;
  readonly #variable: tf.LayerVariable;

  constructor(key: string, variable: tf.LayerVariable, trainable: boolean) {
    this.key = key;
    this.trainable = trainable;
    this.#variable = variable;
  }

  /** The weight as it stands; not the caller's to dispose. */
  read(): tf.Variable {
    const value: unknown = this.#variable.read();
    return value as tf.Variable;
  }

  /** Replaces the weight, under the constraint its layer gave it; the tensor stays the caller's. */
  write(value: tf.Tensor): void {
    this.#variable.write(value);
  }

  /** Puts back a value that the weight had before, as it was. */
  restore(value: tf.Tensor): void {
    this.read().assign(value);
  }
}

/**
 * Every weight of a model, in order.
 *
 * TensorFlow.js numbers the names of layers as a process makes them, so they differ from one run to the next; these
 * keys go by place instead.
 *
 * @internal
 */
export function modelWeights(model: tf.LayersModel): readonly ModelWeight[] {
  const trainable = new Set(model.trainableWeights);
  const seen = new Set<tf.LayerVariable>();
  const weights: ModelWeight[] = [];
  leafLayers(model).forEach((layer, place) => {
    const roles = new Map<string, number>();
    for (const variable of layer.weights) {
      // A layer used twice holds its weights once.
      if (seen.has(variable)) continue;
      seen.add(variable);
      const role = variable.originalName.split('/').at(-1) ?? 'weight';
      const count = (roles.get(role) ?? 0) + 1;
      roles.set(role, count);
      const suffix = count === 1 ? '' : `_${count}`;
      const key = `${place}.${layerKind(layer)}/${role}${suffix}`;
      weights.push(new ModelWeight(key, variable, trainable.has(variable)));
    }
  });
  return weights;
}

function layerKind(layer: tf.layers.Layer): string {
  const name = layer.getClassName();
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/**
 * Runs a function and puts the model's statistics back to what they were before it.
 *
 * Batch norm moves its statistics on every pass in training mode; a pass that is not the player's own update must not.
 *
 * @internal
 */
export function withStatisticsHeld<T>(weights: readonly ModelWeight[], run: () => T): T {
  const statistics = weights.filter((weight) => !weight.trainable);
  const before = statistics.map((weight) => weight.read().clone());
  try {
    return run();
  } finally {
    statistics.forEach((weight, index) => weight.restore(before[index] as tf.Tensor));
    tf.dispose(before);
  }
}

import type * as tf from '@tensorflow/tfjs';

/**
 * An object with tensors that affect further training: a bound constraint, the slots of a penalty,
 * an average of weights. Its tensors are replaced, never changed in place, so a handle is enough to
 * restore them.
 *
 * @internal
 */
export interface StatefulPart {
  /** Its name in a snapshot, such as `constraints/spectralNorm/discriminator`. */
  readonly key: string;
  /** Its tensors, by name; it keeps owning them. */
  readonly state: ReadonlyMap<string, tf.Tensor>;
  /** Replaces one of its tensors; the caller keeps owning the given one. */
  setState(name: string, value: tf.Tensor): void;
  /** Drops one of its tensors, if it can initialize it again. */
  removeState?(name: string): void;
}

/** A saved state that can be restored. @internal */
export interface Held {
  /** Restores it. */
  revert(): void;
  /** Drops it. */
  release(): void;
}

/** Saves the state of a part. @internal */
export function holdPart(part: StatefulPart): Held {
  const before = [...part.state].map(([name, tensor]) => [name, tensor.clone()] as const);
  return {
    revert: (): void => {
      const names = new Set(before.map(([name]) => name));
      for (const name of [...part.state.keys()]) if (!names.has(name)) part.removeState?.(name);
      for (const [name, tensor] of before) part.setState(name, tensor);
    },
    release: (): void => {
      for (const [, tensor] of before) tensor.dispose();
    },
  };
}

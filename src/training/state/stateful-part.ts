import type * as tf from '@tensorflow/tfjs';

/**
 * Something with tensors that decide how training goes on: a live constraint, the slots of a penalty, an average of
 * weights. Its tensors are replaced, never changed in place, so a handle is enough to come back to them.
 *
 * @internal
 */
export interface StatefulPart {
  /** What it is called in a snapshot, such as `constraints/spectralNorm/discriminator`. */
  readonly key: string;
  /** Its tensors, by name; they stay its own. */
  readonly state: ReadonlyMap<string, tf.Tensor>;
  /** Replaces one of its tensors; the given one stays the caller's. */
  setState(name: string, value: tf.Tensor): void;
  /** Forgets one of its tensors, if it can begin it anew. */
  removeState?(name: string): void;
}

/** A place to which something can go back. @internal */
export interface Held {
  /** Goes back. */
  revert(): void;
  /** Forgets the place. */
  release(): void;
}

/** Remembers where a part stands. @internal */
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

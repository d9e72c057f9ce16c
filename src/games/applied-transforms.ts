import type * as tf from '@tensorflow/tfjs';
import { uniqueNames } from '../core/unique-part-names.ts';
import type { Transform, TransformContext, TransformFeedback } from '../transforms/transform.ts';
import type { Pass, PenaltyInputs, Tensors } from './game.ts';

/** Transforms with the names that no two of a trainer share. */
type Named = readonly (readonly [name: string, transform: Transform])[];

/**
 * The transforms of a game between samples and the discriminator.
 *
 * @internal
 */
export class AppliedTransforms {
  readonly #all: Named;

  constructor(transforms: readonly Transform[]) {
    this.#all = uniqueNames(transforms);
  }

  /** The inputs of the discriminator as it receives them. */
  seen(pass: Pass, inputs: Tensors<string>): Tensors<string> {
    if (this.#all.length === 0) return inputs;
    return { ...inputs, samples: applied(pass, inputs['samples']!, this.#all) };
  }

  /**
   * What a penalty is about, rows as they are packed, and the way from there to the discriminator.
   */
  penalized(
    pass: Pass,
    real: Tensors<string>,
    fake: Tensors<string>,
  ): PenaltyInputs<Tensors<string>> {
    if (this.#all.length === 0) return { real, fake };
    const packs = this.#ofStage('pack');
    const packed = (inputs: Tensors<string>): Tensors<string> => ({
      ...inputs,
      samples: applied(pass, inputs['samples']!, packs),
    });
    const transform = (inputs: Tensors<string>): Tensors<string> => {
      const rows = inputs['samples']!;
      if (this.#ofStage('augment').length === 0) {
        return { ...inputs, samples: applied(pass, rows, this.#ofStage('noise')) };
      }
      const apart = packs.reduceRight((some, [, pack]) => pack.undo!(some), rows);
      return { ...inputs, samples: applied(pass, apart, this.#all) };
    };
    return { real: packed(real), fake: packed(fake), transform };
  }

  /**
   * Lets the transforms know what the discriminator returned, and shows their numbers.
   *
   * @param pass - Of the discriminator's turn.
   * @param feedback - Computed outside the tape, if a transform wants it.
   */
  observe(pass: Pass, feedback: () => TransformFeedback): void {
    for (const [name, transform] of this.#all) {
      if (transform.observe === undefined) continue;
      pass.metric(name, () => transform.observe!(feedback(), contextOf(pass, name)));
    }
  }

  #ofStage(stage: Transform['stage']): Named {
    return this.#all.filter(([, transform]) => transform.stage === stage);
  }
}

function applied(pass: Pass, samples: tf.Tensor, transforms: Named): tf.Tensor {
  return transforms.reduce(
    (rows, [name, transform]) => transform.apply(rows, contextOf(pass, name)),
    samples,
  );
}

function contextOf(pass: Pass, name: string): TransformContext {
  return {
    random: pass.random(`transforms/${name}`),
    progress: pass.progress,
    slot: (slot, initial) => pass.slot(`transforms/${name}/${slot}`, initial),
  };
}

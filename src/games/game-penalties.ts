import type * as tf from '@tensorflow/tfjs';
import { describeScheduled } from '../core/schedules/scheduled-number.ts';
import { uniqueNames } from '../core/unique-part-names.ts';
import type { Penalty } from '../losses/penalties/penalty.ts';
import type { Network } from '../models/network.ts';
import { describeParts, partOrders } from './describe-parts.ts';
import type { Pass, PenaltyInputs, Settings, Tensors } from './game.ts';

/** The penalties of a game with a generator and a discriminator. @internal */
export class GamePenalties {
  readonly #all: readonly Penalty[];
  readonly #named: readonly (readonly [name: string, penalty: Penalty])[];

  /**
   * @param penalties - All of them; those of weight 0 add no term.
   * @param taken - Names of other terms.
   * @param networks - What the penalties act on.
   * @throws RangeError if a penalty does not fit the networks.
   */
  constructor(
    penalties: readonly Penalty[],
    taken: readonly string[],
    networks: Readonly<Record<'generator' | 'discriminator', Network>>,
  ) {
    this.#all = penalties;
    this.#named = uniqueNames(
      penalties.filter(({ weight }) => weight !== 0),
      taken,
    );
    const { generator, discriminator } = networks;
    const models = { generator: generator.model, discriminator: discriminator.model };
    for (const [, penalty] of this.#named) penalty.check?.(models);
  }

  /** Settings of the penalties, and their order if several have one target. */
  get settings(): Settings {
    return {
      ...describeParts('penalties', this.#all, ({ target, weight, every = 1, settings }) => ({
        target,
        ...describeScheduled('weight', weight),
        every,
        ...settings,
      })),
      ...partOrders('penalties', this.#all, ['generator', 'discriminator']),
    };
  }

  /** The terms in the loss of a network, by name. `on` is called if there are any. */
  terms(
    pass: Pass,
    target: Penalty['target'],
    on: () => PenaltyInputs<Tensors<string>>,
  ): Record<string, tf.Tensor | undefined> {
    const due = this.#named.filter(([, penalty]) => penalty.target === target);
    if (due.length === 0) return {};
    const inputs = on();
    return Object.fromEntries(
      due.map(([name, penalty]) => [name, pass.penalty(penalty, 'discriminator', inputs)]),
    );
  }
}

import { checkNonNegative, checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkScheduled, type NumberKind } from '../../core/schedules/scheduled-number.ts';

/**
 * Settings that every penalty has.
 *
 * @example Two penalties in every fourth step, with four times the weight
 * ```ts
 * const lazily: PenaltyOptions = { weight: 1, every: 4 };
 * const penalties = [new R1Penalty(lazily), new R2Penalty(lazily)];
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties });
 * const { steps } = await trainer.fit(ring8({ size: 256 }), { steps: 4, batchSize: 32 });
 * console.log(steps.map(({ terms }) => Object.keys(terms.discriminator).length)); // [ 1, 1, 1, 3 ]
 * ```
 */
export interface PenaltyOptions {
  /** Factor of the term: a number of at least 0, or a schedule; 0 disables it. */
  readonly weight?: number | Schedule | undefined;
  /**
   * Adds the term only in every n-th step, with n times the weight: nearly the same effect for a
   * fraction of the time. StyleGAN2 uses 16 for R1.
   *
   * @defaultValue `1`
   */
  readonly every?: number | undefined;
}

/** Valid weights of penalties. @internal */
export const penaltyWeights: NumberKind = {
  wanted: 'a number of at least 0',
  check: checkNonNegative,
  checkScheduled: checkNonNegative,
};

/**
 * The checked shared settings with defaults.
 *
 * @param own - Names of further settings of this penalty.
 * @internal
 */
export function checkPenaltyOptions(
  action: string,
  options: PenaltyOptions,
  defaultWeight: number,
  own: readonly string[] = [],
): { readonly weight: number | Schedule; readonly every: number } {
  checkOptions(action, options, ['weight', 'every', ...own]);
  const { weight = defaultWeight, every = 1 } = options;
  checkScheduled(action, 'weight', weight, penaltyWeights);
  checkPositiveInteger(action, 'every', every);
  return { weight, every };
}

import { checkNonNegative, checkOptions, checkPositiveInteger } from '../../core/checks.ts';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { checkScheduled, type NumberKind } from '../../core/schedules/scheduled-number.ts';

/**
 * Settings that every penalty has.
 *
 * @example Two penalties in every fourth step, then four times as strong
 * ```ts
 * const lazily: PenaltyOptions = { weight: 1, every: 4 };
 * const penalties = [new R1Penalty(lazily), new R2Penalty(lazily)];
 * const { trainer } = createMlpGan({ sampleShape: [2], penalties });
 * const { steps } = await trainer.fit(ring8({ size: 256 }), { steps: 4, batchSize: 32 });
 * console.log(steps.map(({ terms }) => Object.keys(terms.discriminator).length)); // [ 1, 1, 1, 3 ]
 * ```
 */
export interface PenaltyOptions {
  /** What the term is multiplied by: a number of at least 0, or a schedule; 0 switches it off. */
  readonly weight?: number | Schedule | undefined;
  /**
   * Add it in every so many steps only, then as many times stronger: nearly the same effect for a fraction of the
   * time. StyleGAN2 has 16 for R1.
   *
   * @defaultValue `1`
   */
  readonly every?: number | undefined;
}

/** What weights of penalties may be. @internal */
export const penaltyWeights: NumberKind = {
  wanted: 'a number of at least 0',
  check: checkNonNegative,
  checkScheduled: checkNonNegative,
};

/**
 * The shared settings, checked, with their defaults.
 *
 * @param own - Names of the settings that this penalty has besides.
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

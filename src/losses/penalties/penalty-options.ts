import { checkNonNegative, checkPositiveInteger } from '../../core/checks.ts';

/** Settings that every penalty has. */
export interface PenaltyOptions {
  /** What the term is multiplied by; at least 0, and 0 switches it off. */
  readonly weight?: number | undefined;
  /**
   * Add it in every so many steps only, then as many times stronger: nearly the same effect for a fraction of the
   * time. StyleGAN2 has 16 for R1.
   *
   * @defaultValue `1`
   */
  readonly every?: number | undefined;
}

/** The shared settings, checked, with their defaults. @internal */
export function checkPenaltyOptions(
  asked: string,
  { weight, every = 1 }: PenaltyOptions,
  defaultWeight: number,
): { readonly weight: number; readonly every: number } {
  const checked = { weight: weight ?? defaultWeight, every };
  checkNonNegative(asked, 'weight', checked.weight);
  checkPositiveInteger(asked, 'every', checked.every);
  return checked;
}

import type { Random } from '../../core/random.ts';

/**
 * One number of Gumbel's distribution, −log(−log u): the greatest of logits to which such numbers
 * were added is a sample of their softmax.
 *
 * @internal
 */
export function gumbel(random: Random): number {
  return -Math.log(-Math.log(Math.max(random.uniform(), Number.EPSILON)));
}

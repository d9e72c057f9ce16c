import { checkPart } from '../core/check-part.ts';
import { formatValue } from '../core/format.ts';
import type { Loss } from './loss.ts';

/** Refuses what is no loss: a part with two functions. @internal */
export function checkLoss(action: string, loss: Loss): void {
  const candidate = loss as Partial<Loss> | null | undefined;
  if (typeof candidate?.generator !== 'function' || typeof candidate.discriminator !== 'function') {
    throw new TypeError(
      `Cannot ${action}: loss must be a Loss with the functions discriminator(real, fake) and generator(fake), ` +
        `got ${formatValue(loss)}`,
    );
  }
  checkPart(action, 'loss', loss);
}

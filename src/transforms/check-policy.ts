import { checkOneOf } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';

/**
 * Refuses a policy that is no list of different names among those there are.
 *
 * @internal
 */
export function checkPolicy<T extends string>(
  action: string,
  policy: readonly T[],
  all: readonly T[],
): readonly T[] {
  const given: unknown = policy;
  if (!Array.isArray(given)) {
    throw new TypeError(
      `Cannot ${action}: policy must be a list such as ['${all[0]}'], got ${formatValue(given)}`,
    );
  }
  for (const name of policy) checkOneOf(action, 'each entry of policy', name, all);
  if (policy.length > 0 && new Set(policy).size === policy.length) return [...policy];
  throw new RangeError(
    `Cannot ${action}: policy must have at least one entry and none twice, got ${formatValue(policy)}. ` +
      'To augment nothing, leave the transform out',
  );
}

import { checkHooks, checkPart } from '../core/check-part.ts';
import { checkOneOf, checkPositiveInteger } from '../core/checks.ts';
import { formatValue } from '../core/format.ts';
import type { Transform } from './transform.ts';

const stages: readonly Transform['stage'][] = ['augment', 'pack', 'noise'];

/** Checks the transforms, and that they are in the order of their stages. @internal */
export function checkTransforms(
  action: string,
  transforms: readonly Transform[] = [],
): readonly Transform[] {
  const given: unknown = transforms;
  if (!Array.isArray(given)) {
    throw new TypeError(
      `Cannot ${action}: transforms must be an array, got ${formatValue(transforms)}`,
    );
  }
  transforms.forEach((transform, i) => {
    const path = `transforms[${i}]`;
    const candidate = transform as Partial<Transform> | null | undefined;
    if (typeof candidate?.apply !== 'function' || typeof candidate.name !== 'string') {
      throw new TypeError(
        `Cannot ${action}: ${path} must be a Transform with a name, a stage and the function apply(samples, context), ` +
          `got ${formatValue(transform)}`,
      );
    }
    checkPart(action, path, transform);
    checkHooks(action, path, transform, ['outputShape', 'undo', 'observe']);
    checkOneOf(action, `stage of ${path} ('${transform.name}')`, transform.stage, stages);
    checkPositiveInteger(action, `rows of ${path} ('${transform.name}')`, transform.rows ?? 1);
  });
  const order = transforms.map(({ stage }) => stages.indexOf(stage));
  const wrong = order.findIndex((stage, i) => i > 0 && stage < order[i - 1]!);
  if (wrong < 0) return [...transforms];
  throw new RangeError(
    `Cannot ${action}: transforms must be in the order ${stages.join(', ')}, got '${transforms[wrong]!.name}' ` +
      `(${transforms[wrong]!.stage}) after '${transforms[wrong - 1]!.name}' (${transforms[wrong - 1]!.stage})`,
  );
}

/** Shape of one row of a discriminator's input. @internal */
export function transformedShape(
  transforms: readonly Transform[],
  shape: readonly number[],
): readonly number[] {
  return transforms.reduce((now, transform) => transform.outputShape?.(now) ?? now, shape);
}

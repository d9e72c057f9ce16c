import { checkOptions } from '../core/checks.ts';
import { presetConditions } from '../models/conditions.ts';
import type { Generator } from '../models/generator.ts';

/**
 * The options of a call that are conditions of its generator, which checks their values. For one of
 * the presets that it does not take, its own error names the cure.
 *
 * @param own - Names of the call's settings.
 * @throws TypeError if an option is neither.
 *
 * @internal
 */
export function conditionOptions(
  action: string,
  { inputs }: Pick<Generator, 'inputs'>,
  options: object,
  own: readonly string[],
): Readonly<Record<string, unknown>> {
  const conditions = Object.entries(inputs)
    .filter(([, { kind }]) => kind === 'condition')
    .map(([name]) => name);
  const isPresets = (name: string): boolean => presetConditions.includes(name);
  checkOptions(action, options);
  checkOptions(
    action,
    Object.fromEntries(Object.entries(options).filter(([name]) => !isPresets(name))),
    [...own, ...conditions],
  );
  return Object.fromEntries(
    Object.entries(options as Record<string, unknown>).filter(
      ([name]) => conditions.includes(name) || isPresets(name),
    ),
  );
}

/** Name of the generator's input for latents. @internal */
export function latentInput(action: string, { inputs }: Pick<Generator, 'inputs'>): string {
  const names = Object.keys(inputs).filter((name) => inputs[name]!.kind === 'latents');
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new RangeError(
    `Cannot ${action}: the generator must have one input for latents, got ${names.join(', ') || 'none'}`,
  );
}

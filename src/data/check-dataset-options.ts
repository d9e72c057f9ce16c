import { checkOptions, isRecord } from '../core/checks.ts';
import type { DatasetOptions } from './dataset-options.ts';

const names: readonly (keyof DatasetOptions)[] = [
  ...(['name', 'sampleShape', 'labels', 'classes'] as const),
  ...(['valueRange', 'inputRange'] as const),
];

/**
 * Refuses settings of a dataset that are none.
 *
 * @param defaultName - What the dataset is called if nothing is said.
 * @param without - Names that this dataset does not have.
 * @param others - Names that it has besides.
 * @returns Its name, and what is made of it, for errors.
 *
 * @internal
 */
export function checkDatasetOptions(
  options: unknown,
  defaultName: string,
  without: readonly (keyof DatasetOptions)[] = [],
  others: readonly string[] = [],
): { readonly name: string; readonly action: string } {
  const given = isRecord(options) ? options['name'] : undefined;
  const name = typeof given === 'string' ? given : defaultName;
  const action = `create the dataset '${name}'`;
  checkOptions(action, options, [...names.filter((known) => !without.includes(known)), ...others]);
  return { name, action };
}

import { isCondition } from '../../models/conditions.ts';
import type { Generator } from '../../models/generator.ts';
import type { NetworkInput } from '../../models/network.ts';
import { UsageError } from '../usage-error.ts';

/** The input for the classes of a generator. */
interface ClassInput {
  readonly name: string;
  readonly classes: number;
}

/** The input of a generator that takes classes; undefined if there is none. */
export function classInputOf(generator: Generator): ClassInput | undefined {
  const inputs: Readonly<Record<string, NetworkInput>> = generator.inputs;
  for (const [name, input] of Object.entries(inputs)) {
    if (isCondition(input) && input.classes !== undefined) return { name, classes: input.classes };
  }
  return undefined;
}

/**
 * Parses `--labels`: classes by number or by name, separated by commas, repeated until there are as
 * many as samples.
 * @throws UsageError for a generator without classes, and for an unknown class.
 */
export function parseLabels(
  action: string,
  text: string,
  generator: Generator,
  classNames: readonly string[] = [],
): readonly number[] {
  const input = classInputOf(generator);
  if (input === undefined) {
    throw new UsageError(
      `Cannot ${action}: --labels must be used with a generator that has classes, got one without`,
    );
  }
  return text.split(',').map((part) => {
    const word = part.trim();
    const byName = classNames.indexOf(word);
    const label = byName >= 0 ? byName : /^\d+$/.test(word) ? Number(word) : -1;
    if (label >= 0 && label < input.classes) return label;
    const names = classNames.length === 0 ? '' : `, or ${classNames.slice(0, 10).join(', ')}`;
    throw new UsageError(
      `Cannot ${action}: --labels must be classes from 0 to ${input.classes - 1}${names}, got '${word.slice(0, 80)}'`,
    );
  });
}

/** Labels for so many samples, repeated. */
export function repeated(labels: readonly number[], count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => labels[i % labels.length]!);
}

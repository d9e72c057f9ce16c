import { isRecord } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';
import { deriveSeed, Random } from '../../core/random.ts';
import type { Refuse } from '../config/read-config.ts';
import type { Flags } from '../flags.ts';
import { checkNames, integerIn, recordIn } from './sweep-values.ts';

/** Values of the settings that a sweep varies. */
export type Choice = Readonly<Record<string, string | number | boolean>>;

type Given = Readonly<Record<string, unknown>>;

/**
 * The settings of the runs of a sweep, in its order: every combination of `grid`, draws of
 * `random`, or those of `list`.
 */
export function chosenSettings(given: Given, flags: Flags, refuse: Refuse): readonly Choice[] {
  const ways = ['grid', 'random', 'list'].filter((name) => given[name] !== undefined);
  if (ways.length > 1) throw refuse('one of grid, random and list must be given', ways.join(', '));
  const { list } = given;
  if (list !== undefined) return listed(list, refuse);
  const random = recordIn(given, 'random', refuse);
  if (random !== undefined) return drawn(random, flags, refuse);
  return combined(recordIn(given, 'grid', refuse) ?? {}, refuse);
}

function listed(list: unknown, refuse: Refuse): readonly Choice[] {
  if (Array.isArray(list) && list.length > 0 && list.every(isRecord)) {
    return list.map((one) => choiceOf(Object.entries(one), refuse));
  }
  throw refuse('list must be a list of objects with settings', formatValue(list));
}

/** The first setting changes slowest. */
function combined(grid: Given, refuse: Refuse): readonly Choice[] {
  let choices: readonly Choice[] = [{}];
  for (const [name, values] of Object.entries(grid)) {
    const options = valuesOf(name, values, refuse);
    choices = choices.flatMap((choice) => options.map((value) => ({ ...choice, [name]: value })));
  }
  return choices;
}

/** Attempts for each draw that is wanted, because the same settings may be drawn again. */
const attempts = 100;

function drawn(random: Given, flags: Flags, refuse: Refuse): readonly Choice[] {
  checkNames(' of random', random, ['count', 'seed', 'settings'], refuse);
  const count = integerIn(random, 'count', { usual: 0, least: 1 }, refuse);
  const seed = integerIn(random, 'seed', { usual: 0, least: 0 }, refuse);
  const settings = Object.entries(recordIn(random, 'settings', refuse) ?? {});
  const choices = new Map<string, Choice>();
  for (let i = 0; i < attempts * count && choices.size < count; i += 1) {
    const entries = settings.map(([name, range]) => {
      // A source for each draw of each setting: more runs or settings leave the others as they are.
      const source = new Random(deriveSeed(seed, 'sweep', name, i));
      return [
        name,
        draw(name, range, flags[name]?.schema.type === 'integer', source, refuse),
      ] as const;
    });
    choices.set(JSON.stringify(entries), Object.fromEntries(entries));
  }
  if (choices.size === count) return [...choices.values()];
  throw refuse(`settings of random must allow ${count} different runs`, String(choices.size));
}

function draw(
  name: string,
  range: unknown,
  isInteger: boolean,
  source: Random,
  refuse: Refuse,
): string | number | boolean {
  if (!isRecord(range)) {
    const options = valuesOf(name, range, refuse);
    return options[source.integer(options.length)]!;
  }
  checkNames(` of ${name}`, range, ['min', 'max', 'scale'], refuse);
  const { min, max, scale = 'linear' } = range as Readonly<Record<string, number | string>>;
  const isRange = typeof min === 'number' && typeof max === 'number' && min < max;
  if (!isRange || !['linear', 'log'].includes(scale as string) || (scale === 'log' && min <= 0)) {
    throw refuse(
      `${name} must be a list, or { min, max, scale } with min < max, scale linear or log, and min > 0 for log`,
      formatValue(range),
    );
  }
  const u = source.uniform();
  const value = scale === 'log' ? min * (max / min) ** u : min + (max - min) * u;
  // Three digits can be read and typed again.
  const rounded = isInteger ? Math.round(value) : Number(value.toPrecision(3));
  return Math.min(Math.max(rounded, min), max);
}

function valuesOf(name: string, values: unknown, refuse: Refuse): readonly Choice[string][] {
  if (Array.isArray(values) && values.length > 0) {
    return values.map((value) => choiceOf([[name, value]], refuse)[name]!);
  }
  throw refuse(`${name} must be a list of values`, formatValue(values));
}

function choiceOf(entries: readonly (readonly [string, unknown])[], refuse: Refuse): Choice {
  for (const [name, value] of entries) {
    if (['string', 'number', 'boolean'].includes(typeof value)) continue;
    throw refuse(`${name} must be a text, a number, true or false`, formatValue(value));
  }
  return Object.fromEntries(entries) as Choice;
}

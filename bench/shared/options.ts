import { parseArgs } from 'node:util';

/** What options are unless the command line sets them: numbers, texts, and switches that are off. */
type Defaults = Readonly<Record<string, number | string | false>>;

/** Options as they are read, by name. */
type OptionsOf<T extends Defaults> = {
  readonly [K in keyof T]: T[K] extends number ? number : T[K] extends string ? string : boolean;
};

/** Reads the command line: `--steps 9` sets `steps`, as a number if its default is one. */
export function readOptions<T extends Defaults>(defaults: T): OptionsOf<T> {
  const { values } = parseArgs({
    options: Object.fromEntries(
      Object.entries(defaults).map(([name, value]) => [
        name,
        { type: value === false ? 'boolean' : 'string' } as const,
      ]),
    ),
  });
  const entries = Object.entries(defaults).map(([name, value]) => {
    const given = values[name] ?? value;
    const read = typeof value === 'number' ? Number(given) : given;
    if (!Number.isNaN(read)) return [name, read];
    throw new RangeError(`Cannot start: --${name} must be a number, got '${String(given)}'`);
  });
  return Object.fromEntries(entries) as OptionsOf<T>;
}

import { identity } from './identity.ts';
import type { Random } from '../../core/random.ts';
import type { ColumnCodec, ColumnJson, EncodedColumn, IsWanted } from './column-codec.ts';
import type { ColumnData, ColumnKind, ColumnValues, TableValue } from './table-row.ts';
import { valueFromJson, type ValueJson, valueToJson } from './value-json.ts';

/** Most values that are kept of those that share a choice. */
const keptRareValues = 10_000;

interface Level {
  readonly value: TableValue;
  readonly count: number;
}

/**
 * A column of categories: a choice for each value, the most frequent first. If there are too many,
 * the rarest share the last one, and a value is drawn from them by its frequency.
 *
 * @internal
 */
export class CategoryCodec implements ColumnCodec {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly hasNumber = false;
  readonly choices: number;
  readonly counts: readonly number[];
  readonly values: readonly TableValue[];
  readonly isCondition = true;
  readonly #levels: readonly Level[];
  readonly #rare: readonly Level[];

  /** @param parts - Its values with how often each comes; those that share a choice apart. */
  constructor(parts: {
    readonly name: string;
    readonly kind: ColumnKind;
    readonly levels: readonly Level[];
    readonly rare: readonly Level[];
    /** Rows with values that share a choice, those that are not kept too. */
    readonly rareRows: number;
  }) {
    const { name, kind, levels, rare, rareRows } = parts;
    this.name = name;
    this.kind = kind;
    this.#levels = levels;
    this.#rare = rare;
    this.values = [...levels, ...rare].map(({ value }) => value);
    const ofRare = rare.length > 0 ? [rareRows] : [];
    this.counts = [...levels.map(({ count }) => count), ...ofRare];
    this.choices = this.counts.length;
  }

  /** Of the values of a column. */
  static fit({ name, kind, values, missing, maxCategories }: ColumnData): CategoryCodec {
    const { levels, codes } = levelsOf(values);
    const counts = new Array<number>(levels.length).fill(0);
    for (const code of codes) if (code >= 0) counts[code]! += 1;
    const all: Level[] = levels.map((value, i) => ({ value, count: counts[i]! }));
    if (missing > 0) all.push({ value: null, count: missing });
    // A stable sort: equally frequent values stay in the order in which they came.
    all.sort((a, b) => b.count - a.count);
    if (all.length <= maxCategories) {
      return new CategoryCodec({ name, kind, levels: all, rare: [], rareRows: 0 });
    }
    const [levelsKept, rest] = [all.slice(0, maxCategories - 1), all.slice(maxCategories - 1)];
    const rare = rest.slice(0, keptRareValues);
    return new CategoryCodec({ name, kind, levels: levelsKept, rare, rareRows: sumOf(rest) });
  }

  static fromJSON(json: ColumnJson): CategoryCodec {
    const { name, kind } = json;
    const read = (list: unknown): readonly Level[] =>
      (list as readonly (readonly [ValueJson, number])[]).map(([value, count]) => ({
        value: valueFromJson(value),
        count,
      }));
    const rareRows = json['rareRows'] as number;
    return new CategoryCodec({
      name,
      kind,
      levels: read(json['levels']),
      rare: read(json['rare']),
      rareRows,
    });
  }

  encode(values: ColumnValues): EncodedColumn {
    const { levels, codes } = levelsOf(values);
    const places = new Map(this.#levels.map(({ value }, i) => [identity(value), i]));
    const last = this.choices - 1;
    const ofCode = levels.map((value) => places.get(identity(value)) ?? last);
    const ofMissing = places.get(identity(null)) ?? last;
    return {
      choices: Int32Array.from(codes, (code) => (code < 0 ? ofMissing : ofCode[code]!)),
    };
  }

  decode(_number: number, choice: number, random: Random, isWanted?: IsWanted): TableValue {
    if (choice < this.#levels.length) return this.#levels[choice]!.value;
    const wanted = isWanted && this.#rare.filter(({ value }) => isWanted(value));
    const among = wanted === undefined || wanted.length === 0 ? this.#rare : wanted;
    let at = random.uniform() * sumOf(among);
    const found = among.find(({ count }) => (at -= count) < 0);
    return (found ?? among.at(-1)!).value;
  }

  wanted(isWanted: IsWanted): readonly number[] {
    const of = ({ value, count }: Level): number => (isWanted(value) ? count : 0);
    const ofRare =
      this.#rare.length > 0 ? [sumOf(this.#rare.filter(({ value }) => isWanted(value)))] : [];
    return [...this.#levels.map(of), ...ofRare];
  }

  rank(value: TableValue): number | undefined {
    return typeof value === 'number' || value instanceof Date ? Number(value) : undefined;
  }

  toJSON(): ColumnJson {
    const write = (list: readonly Level[]): readonly (readonly [ValueJson, number])[] =>
      list.map(({ value, count }) => [valueToJson(value), count]);
    const { name, kind } = this;
    const [levels, rare] = [write(this.#levels), write(this.#rare)];
    const rareRows = rare.length > 0 ? this.counts.at(-1) : 0;
    return { type: 'category', name, kind, levels, rare, rareRows };
  }
}

function sumOf(levels: readonly Level[]): number {
  return levels.reduce((sum, { count }) => sum + count, 0);
}

function levelsOf(values: ColumnValues): Extract<ColumnValues, { readonly codes: Int32Array }> {
  if ('codes' in values) return values;
  throw new Error('a column of categories has levels');
}

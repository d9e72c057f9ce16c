import type { ColumnCodec, ColumnJson, EncodedColumn, IsWanted } from './column-codec.ts';
import type { ColumnData, ColumnKind, TableValue } from './table-row.ts';
import { valueFromJson, type ValueJson, valueToJson } from './value-json.ts';

/** What columns have in common of which networks see nothing. */
const unseen = {
  hasNumber: false,
  choices: 0,
  counts: [],
  isCondition: false,
  encode: (): EncodedColumn => ({ choices: new Int32Array(0) }),
} as const;

function rankOfNumber(value: TableValue): number | undefined {
  return typeof value === 'number' || value instanceof Date ? Number(value) : undefined;
}

/** A column with one value. @internal */
export function constantCodec(name: string, value: TableValue): ColumnCodec {
  return {
    ...unseen,
    name,
    kind: 'constant',
    values: [value],
    decode: () => value,
    wanted: () => [],
    rank: rankOfNumber,
    toJSON: () => ({ type: 'constant', name, kind: 'constant', value: valueToJson(value) }),
  };
}

/** A column that is computed from others. @internal */
export function totalCodec(name: string): ColumnCodec {
  return {
    ...unseen,
    name,
    kind: 'real',
    values: [null],
    range: [-Number.MAX_VALUE, Number.MAX_VALUE],
    decode: () => null,
    wanted: () => [],
    rank: rankOfNumber,
    toJSON: () => ({ type: 'total', name, kind: 'real' }),
  };
}

/** @internal */
export function constantFromJson(json: ColumnJson): ColumnCodec {
  return constantCodec(json.name, valueFromJson(json['value'] as ValueJson));
}

/** What new ids begin with, and the number that the next one has. @internal */
export interface IdRule {
  readonly prefix: string;
  /** Digits that numbers are padded to. */
  readonly digits: number;
  readonly next: number;
  readonly isNumber: boolean;
}

/**
 * A column of ids: each row gets the next number after those of the data, behind the letters that
 * all of them begin with. If they are no numbers, ids are called after the column.
 *
 * @internal
 */
export class IdCodec implements ColumnCodec {
  readonly name: string;
  readonly kind: ColumnKind = 'id';
  readonly hasNumber: boolean = unseen.hasNumber;
  readonly choices: number = unseen.choices;
  readonly counts: readonly number[] = unseen.counts;
  readonly values: readonly TableValue[] = [];
  readonly isCondition: boolean = unseen.isCondition;
  readonly #rule: IdRule;

  /**
   * @param name - Of the column.
   * @param rule - How ids are created.
   */
  constructor(name: string, rule: IdRule) {
    this.name = name;
    this.#rule = rule;
  }

  /** Of the values of a column. */
  static fit({ name, values }: ColumnData): IdCodec {
    const ids = 'codes' in values ? values.levels.map(String) : [];
    const [first = ''] = ids;
    const isNumber = 'codes' in values && values.levels.every((id) => typeof id === 'number');
    const prefix = /^(.*?)\d*$/s.exec(first)![1]!;
    const tails = ids.map((id) => (id.startsWith(prefix) ? id.slice(prefix.length) : ''));
    if (ids.length === 0 || !tails.every((tail) => /^\d{1,15}$/.test(tail))) {
      return new IdCodec(name, { prefix: `${name}-new-`, digits: 1, next: 1, isNumber: false });
    }
    const next = tails.reduce((most, tail) => Math.max(most, Number(tail)), 0) + 1;
    const digits = tails.reduce((least, tail) => Math.min(least, tail.length), Infinity);
    return new IdCodec(name, { prefix, digits, next, isNumber });
  }

  static fromJSON(json: ColumnJson): IdCodec {
    return new IdCodec(json.name, json['rule'] as IdRule);
  }

  encode(): EncodedColumn {
    return unseen.encode();
  }

  /** Ids are given when all rows are there. */
  decode(): TableValue {
    return null;
  }

  /** The id of a generated row. */
  idOf(row: number): TableValue {
    const { prefix, digits, next, isNumber } = this.#rule;
    const number = next + row;
    return isNumber ? number : `${prefix}${String(number).padStart(digits, '0')}`;
  }

  wanted(_isWanted: IsWanted): readonly number[] {
    return [];
  }

  rank(value: TableValue): number | undefined {
    return rankOfNumber(value);
  }

  toJSON(): ColumnJson {
    return { type: 'id', name: this.name, kind: this.kind, rule: this.#rule };
  }
}

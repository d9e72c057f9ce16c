import type { IsWanted } from '../../codecs/table/column-codec.ts';
import type { TableCodec } from '../../codecs/table/table-codec.ts';
import { TakenRows } from '../../codecs/table/table-constraint.ts';
import type { TableRow } from '../../codecs/table/table-row.ts';
import type { WantedColumns } from './table-where.ts';

/** Most rows that are drawn at once. */
const rowsAtOnce = 1024;

/** Counts what fits of the rows that are drawn. @internal */
export class RowTally {
  readonly rows: TableRow[] = [];
  drawn = 0;
  readonly #codec: TableCodec;
  readonly #wanted: readonly (readonly [name: string, isWanted: IsWanted])[];
  readonly #fitting: Map<string, number>;
  readonly #taken: TakenRows;
  #keeping = 0;

  constructor(codec: TableCodec, wanted: WantedColumns) {
    this.#codec = codec;
    this.#taken = new TakenRows(codec.constraints);
    this.#wanted = Object.entries(wanted);
    this.#fitting = new Map(this.#wanted.map(([name]) => [name, 0]));
  }

  get shares(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      [...this.#fitting].map(([name, count]) => [name, count / this.drawn]),
    );
  }

  get constraintShare(): number {
    return this.#keeping / this.drawn;
  }

  /** So many rows as should fill up what is missing. */
  nextSize(count: number): number {
    const missing = count - this.rows.length;
    if (this.drawn === 0) return Math.min(rowsAtOnce, missing);
    const share = this.rows.length / this.drawn;
    return Math.min(rowsAtOnce, Math.ceil((1.1 * missing) / share));
  }

  add(rows: readonly TableRow[], count: number): void {
    for (const row of rows) {
      this.drawn += 1;
      const fits = this.#wanted.map(([name, isWanted]) => {
        const isFit = isWanted(row[name] ?? null);
        if (isFit) this.#fitting.set(name, this.#fitting.get(name)! + 1);
        return isFit;
      });
      const holds = this.#codec.holds(row) && !this.#taken.repeats(row);
      if (holds) this.#keeping += 1;
      if (!holds || !fits.every(Boolean) || this.rows.length >= count) continue;
      this.#taken.take(row);
      this.rows.push(row);
    }
  }

  /** The error if no more rows may be drawn. */
  tooFew(action: string, count: number): RangeError {
    const { rows, drawn, shares, constraintShare } = this;
    const fitting = Object.entries(shares).map(([name, share]) => `${name} ${percent(share)}`);
    const found = [...fitting, `constraints ${percent(constraintShare)}`].join(', ');
    return new RangeError(
      `Cannot ${action}: ${count} rows must fit, got ${rows.length} among ${drawn} that were drawn (share of rows that fit: ` +
        `${found}). Request less at once, raise maxDraws, or train longer`,
    );
  }
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

import { copyOfText } from '../../core/text.ts';

/** Cells that are kept in one array. */
const blockCells = 4096;
/** In place of a number of decimals: the cell is text. */
const isText = 255;
/** Most decimals that `toFixed` writes. */
const mostDecimals = 100;

/**
 * The cells of a column of CSV in 9 bytes each: a number if `toFixed` writes it in the same way, and
 * otherwise the place of its text among the different texts of the column.
 *
 * @internal
 */
export class TextColumn {
  readonly #blocks: { readonly values: Float64Array; readonly decimals: Uint8Array }[] = [];
  readonly #places = new Map<string, number>();
  readonly #texts: string[] = [];
  #size = 0;

  /** @param cell - The next cell; the column keeps no part of the text that it is from. */
  add(cell: string): void {
    const i = this.#size % blockCells;
    if (i === 0) {
      const values = new Float64Array(blockCells);
      this.#blocks.push({ values, decimals: new Uint8Array(blockCells) });
    }
    const { values, decimals } = this.#blocks.at(-1);
    const point = cell.indexOf('.');
    const places = point < 0 ? 0 : cell.length - point - 1;
    const value = Number(cell);
    const isNumber = places <= mostDecimals && value.toFixed(places) === cell;
    values[i] = isNumber ? value : this.#placeOf(cell);
    decimals[i] = isNumber ? places : isText;
    this.#size += 1;
  }

  /** All cells as they were added. */
  cells(): string[] {
    return Array.from({ length: this.#size }, (_, row) => {
      const { values, decimals } = this.#blocks[Math.floor(row / blockCells)]!;
      const value = values[row % blockCells]!;
      const places = decimals[row % blockCells]!;
      return places === isText ? this.#texts[value]! : value.toFixed(places);
    });
  }

  #placeOf(text: string): number {
    let place = this.#places.get(text);
    if (place === undefined) {
      const kept = copyOfText(text);
      place = this.#texts.push(kept) - 1;
      this.#places.set(kept, place);
    }
    return place;
  }
}

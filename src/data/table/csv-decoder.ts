import { DataFormatError } from '../../core/errors.ts';
import { formatValue } from '../../core/format.ts';
import { textDecoder } from '../../core/text.ts';

/**
 * Decodes a CSV file that arrives in parts: in a given encoding; else as UTF-16 if it begins with
 * its byte-order mark, or as UTF-8.
 *
 * @internal
 */
export class CsvDecoder {
  readonly #action: string;
  #encoding: string | undefined;
  #decode: ((bytes?: Uint8Array) => string) | undefined;
  /** The first byte, if it came alone. */
  #first: Uint8Array = new Uint8Array();

  /** @throws RangeError if the encoding is unknown. */
  constructor(action: string, encoding: string | undefined) {
    this.#action = action;
    if (encoding === undefined) return;
    try {
      this.#use(encoding);
    } catch {
      throw new RangeError(
        `Cannot ${action}: encoding must be a label of TextDecoder, such as 'windows-1252', got ${formatValue(encoding)}`,
      );
    }
  }

  /**
   * @param bytes - Bytes that follow; none at the end of the file.
   * @returns Their text, as far as its characters are complete.
   * @throws DataFormatError if they are not in the encoding.
   */
  decode(bytes?: Uint8Array): string {
    try {
      if (this.#decode !== undefined) return this.#decode(bytes);
      const [first, second] = [...this.#first, ...(bytes?.subarray(0, 2) ?? [])];
      if (bytes !== undefined && second === undefined) {
        this.#first = Uint8Array.from(first === undefined ? [] : [first]);
        return '';
      }
      const decode = this.#use(
        first === 0xff && second === 0xfe
          ? 'utf-16le'
          : first === 0xfe && second === 0xff
            ? 'utf-16be'
            : 'utf-8',
      );
      return decode(this.#first) + decode(bytes);
    } catch {
      throw new DataFormatError(
        'CSV',
        `Cannot ${this.#action}: a CSV file must be text in ${this.#encoding}, got other bytes. ` +
          "Pass its encoding, tableDataset(bytes, { encoding: 'windows-1252' }), or save it as UTF-8",
      );
    }
  }

  #use(encoding: string): (bytes?: Uint8Array) => string {
    this.#encoding = encoding;
    this.#decode = textDecoder(encoding);
    return this.#decode;
  }
}

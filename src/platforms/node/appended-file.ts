import { appendFile, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, makeFolder, reasonOf } from './write-file.ts';

/**
 * A file of records, one after another. A record that does not fit on the disk is taken out again, so that those after it can be
 * read.
 *
 * @internal
 */
export class AppendedFile {
  readonly #action: string;
  readonly #path: string;

  /**
   * @param action - What the caller asked for, as errors tell it.
   * @param path - The file; made where it is missing.
   */
  constructor(action: string, path: string) {
    this.#action = action;
    this.#path = path;
  }

  /** Makes the folder and the file, where they are missing. */
  async open(): Promise<void> {
    await this.#orExplain(async () => {
      await makeFolder(dirname(this.#path));
      await appendFile(this.#path, '');
    });
  }

  /** Adds a record. */
  async append(record: string | Uint8Array): Promise<void> {
    await this.#orExplain(async () => {
      const before = await this.#length();
      try {
        await appendFile(this.#path, record);
      } catch (error) {
        // Of a record that did not fit a part may be there.
        if (before !== undefined) await truncate(this.#path, before).catch(() => undefined);
        throw error;
      }
    });
  }

  /** In bytes; undefined of what is no file, such as /dev/stdout. */
  async #length(): Promise<number | undefined> {
    try {
      const found = await stat(this.#path);
      return found.isFile() ? found.size : undefined;
    } catch (error) {
      // One that was moved away, as logs are, is begun anew.
      if (isMissing(error)) return 0;
      throw error;
    }
  }

  async #orExplain(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      throw new Error(
        `Cannot ${this.#action}: '${this.#path}' must be a writable file, got ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }
}

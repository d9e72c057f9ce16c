import { appendFile, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, orExplain, unlessMissing } from './write-file.ts';

/**
 * A file of records that are appended. A record that does not fit on the disk is removed again, so
 * that later ones can be read.
 *
 * @internal
 */
export class AppendedFile {
  readonly #action: string;
  readonly #path: string;

  /**
   * @param action - The caller's action, for errors.
   * @param path - The file; created if it does not exist.
   */
  constructor(action: string, path: string) {
    this.#action = action;
    this.#path = path;
  }

  /** Creates the folder and the file if they do not exist. */
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
        // A record that did not fit may be written in part.
        if (before !== undefined) await truncate(this.#path, before).catch(() => undefined);
        throw error;
      }
    });
  }

  /** Size in bytes; undefined if this is not a regular file, such as /dev/stdout. */
  async #length(): Promise<number | undefined> {
    const found = await unlessMissing(stat(this.#path));
    // A file that was moved away, as log rotation does, is created again.
    if (found === undefined) return 0;
    return found.isFile() ? found.size : undefined;
  }

  async #orExplain(write: () => Promise<void>): Promise<void> {
    await orExplain(`${this.#action}: '${this.#path}' must be a writable file`, write);
  }
}

import { readFile } from 'node:fs/promises';
import { readReportMemory, type ReportMemory } from '../../../report/draw-report.ts';
import { isMissing, reasonOf } from '../write-file.ts';

/**
 * The stored data of the report at `path`; undefined if there is none, or it is damaged.
 *
 * @internal
 */
export async function formerReport(path: string): Promise<ReportMemory | undefined> {
  try {
    return readReportMemory(await readFile(path, 'utf8'));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new Error(
      `Cannot write the report: '${path}' must be a readable file, got ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

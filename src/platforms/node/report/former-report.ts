import { readFile } from 'node:fs/promises';
import { readReportMemory, type ReportMemory } from '../../../report/draw-report.ts';
import { orExplain, unlessMissing } from '../write-file.ts';

/**
 * The stored data of the report at `path`; undefined if there is none, or it is damaged.
 *
 * @internal
 */
export async function formerReport(path: string): Promise<ReportMemory | undefined> {
  const html = await orExplain(`write the report: '${path}' must be a readable file`, () =>
    unlessMissing(readFile(path, 'utf8')),
  );
  return html === undefined ? undefined : readReportMemory(html);
}

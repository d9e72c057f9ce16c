import { writeReport } from '../../platforms/node/report/write-report.ts';
import type { Output } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { readSettings } from './run-folder.ts';

/** `npx tfjs-gan report RUN…`: the page of a run, or a comparison of several. */
export async function writeReports({
  operands: folders,
  settings: { title, out },
  output,
}: {
  readonly operands: readonly string[];
  readonly settings: { readonly title: string | undefined; readonly out: string | undefined };
  readonly output: Output;
}): Promise<undefined> {
  for (const folder of folders) await readSettings('report', folder);
  if (out !== undefined && folders.length < 2) {
    throw new UsageError(
      'Cannot report: --out must be used with several runs, got one. Its page is report.html in its folder',
    );
  }
  const [first = ''] = folders;
  const file =
    folders.length === 1
      ? await writeReport(first, { title })
      : await writeReport(folders, { title, path: out });
  output.result({ event: 'done', file }, `${file}: open it in a browser`);
}

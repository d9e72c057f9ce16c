import { encodeText } from '../core/text.ts';
import { encodeCsv } from '../data/table/encode-csv.ts';
import type { TableGenerator, TableSampleOptions } from '../models/table/table-generator.ts';
import { computeEach } from './refusal.ts';
import type { Job, JobResult, RowsJob, ServedModel, TableAbout } from './served-model.ts';

/** A generator of the rows of a table that computes jobs in this thread. @internal */
export class TableModel implements ServedModel {
  readonly about: TableAbout;
  readonly #generator: TableGenerator;

  /** @param generator - The generator; the caller keeps owning it. */
  constructor(generator: TableGenerator) {
    this.about = { kind: 'table', columns: generator.columns };
    this.#generator = generator;
  }

  run(jobs: readonly Job[]): Promise<readonly JobResult[]> {
    return computeEach(jobs, async (job) => {
      // Routes of a table have no others.
      const { count, seed, where, format } = job as RowsJob;
      // Checked by the generator, as it comes from a request.
      const options = { seed, where: where as TableSampleOptions['where'] };
      const rows = await this.#generator.sample(count, options);
      return { body: encodeText(format === 'csv' ? encodeCsv(rows) : JSON.stringify(rows)) };
    });
  }
}

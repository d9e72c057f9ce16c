/**
 * Synthetic tables: CSV or JSON rows as a dataset, CTGAN or TVAE to learn them, and a report on the
 * quality of generated rows.
 *
 * @module tfjs-gan/tabular
 *
 * @experimental
 */

// Data
export type {
  ColumnKind,
  TableColumn,
  TableRow,
  TableValue,
} from '../../codecs/table/table-row.ts';
export type { TableConstraint } from '../../codecs/table/table-constraint.ts';
export {
  type ColumnSetting,
  tableDataset,
  type TableDatasetOptions,
} from '../../data/table/read-table.ts';
export { TableDataset } from '../../data/table/table-dataset.ts';
export { encodeCsv } from '../../data/table/encode-csv.ts';

// CTGAN and TVAE
export { createCtgan, type CreateCtganOptions } from './ctgan.ts';
export { TableGan } from './table-gan.ts';
export { createTvae, type CreateTvaeOptions } from './tvae.ts';
export { TableVae } from './table-vae.ts';
export {
  TableGenerator,
  type TableSample,
  type TableSampleOptions,
} from '../../models/table/table-generator.ts';
export type { ColumnRequest } from '../../models/table/table-where.ts';

// Quality of rows
export {
  tableReport,
  type TableReport,
  type TableReportOptions,
} from '../../metrics/table/table-report.ts';
export type { ColumnShape } from '../../metrics/table/column-shapes.ts';
export type { PairTrend } from '../../metrics/table/pair-trends.ts';

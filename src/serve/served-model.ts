import type { ColumnKind } from '../codecs/table/table-row.ts';
import type { ValueRange } from '../core/value-range.ts';
import type { NetworkInputs } from '../models/network.ts';
import type { Encoding } from './encode-samples.ts';

/**
 * A model that computes jobs: in this thread, or in another one. Jobs, results and the description
 * are plain data, so that they can be sent to a thread.
 *
 * @internal
 */
export interface ServedModel {
  readonly about: ModelAbout;
  /**
   * Computes several jobs, together if they can share a pass of the network. The result of a job
   * does not depend on the others.
   *
   * @returns A result for each job, in their order.
   * @throws Error if the model itself failed; an invalid job has a failed result instead.
   */
  run(jobs: readonly Job[]): Promise<readonly JobResult[]>;
}

/** What requests are checked against. @internal */
export type ModelAbout = GeneratorAbout | TableAbout;

/** A network with tensors as inputs, and samples as its output. @internal */
export interface GeneratorAbout {
  /** A translator has pictures as its one input, and may be given pictures of any size. */
  readonly kind: 'generator' | 'translator';
  /** The kind of each input by name, in the model's order. */
  readonly inputs: NetworkInputs;
  /** Shape of one row of each input; labels have none: `[]`. */
  readonly inputShapes: Readonly<Record<string, readonly number[]>>;
  readonly outputShape: readonly number[];
  readonly valueRange: ValueRange | undefined;
}

/** A generator of the rows of a table. @internal */
export interface TableAbout {
  readonly kind: 'table';
  readonly columns: readonly { readonly name: string; readonly kind: ColumnKind }[];
}

/** @internal */
export type Job = SampleJob | PathJob | TranslationJob | RowsJob;

/** Samples of a seed, or of given inputs. @internal */
export interface SampleJob {
  readonly kind: 'sample';
  readonly count: number;
  /** Decides what is not given. */
  readonly seed: number;
  /** Values for conditions as `Generator.sample` takes them, checked by the generator. */
  readonly conditions: Readonly<Record<string, unknown>>;
  /** Whole inputs of the network, checked: `[count, …]` values each. */
  readonly given: Readonly<Record<string, Float32Array | Int32Array>>;
  readonly encoding: Encoding;
}

/** Samples between two seeds. @internal */
export interface PathJob {
  readonly kind: 'path';
  readonly from: number;
  readonly to: number;
  readonly steps: number;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly encoding: Encoding;
}

/** Translations of pictures of any size. @internal */
export interface TranslationJob {
  readonly kind: 'translation';
  /** A PNG file, or checked numbers of the shape `[count, height, width, channels]`. */
  readonly pictures:
    | { readonly png: Uint8Array }
    | { readonly values: Float32Array; readonly shape: readonly number[] };
  readonly encoding: Encoding;
}

/** Rows of a table. @internal */
export interface RowsJob {
  readonly kind: 'rows';
  readonly count: number;
  readonly seed: number;
  /** What is requested of columns, checked by the generator. */
  readonly where: unknown;
  readonly format: 'json' | 'csv';
}

/** The body of a response, or why there is none. @internal */
export type JobResult =
  { readonly body: Uint8Array } | { readonly status: number; readonly message: string };

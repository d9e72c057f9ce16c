// The third tab, in the worker: reads a table, learns it, generates rows of it.

import * as tf from '@tensorflow/tfjs';
import { adam, type StepInfo, useBackend } from 'tfjs-gan';
import {
  createCtgan,
  encodeCsv,
  TableGenerator,
  type TableGan,
  type TableRow,
} from 'tfjs-gan/tabular';
import { compare } from './table-comparison.ts';
import { type OpenTable, readTable } from './read-table.ts';
import type { FoundTable, Kind, RowsRequest, TrainingNews } from './table-types.ts';

/** Where the browser keeps the generator. */
const KEPT = 'indexeddb://tfjs-gan browser-demo table';
/** A quarter of the library's default, so that steps are short. */
const UNITS = [64, 64];
/** Generated rows that are compared with real ones. */
const COMPARED_ROWS = 500;
/** Milliseconds between two messages to the page, and between two comparisons. */
const [NEWS_EVERY, COMPARED_EVERY] = [100, 3000];

/** What the page calls in the worker. */
export class TableStudio {
  #open: OpenTable | undefined;
  #gan: TableGan | undefined;
  /** The generator of the page before this one. */
  #kept: TableGenerator | undefined;
  #stopAsked = false;

  /** Reads a file in place of the one before. An error leaves that as it is. */
  async open(file: File, kinds: Readonly<Record<string, Kind>>): Promise<FoundTable> {
    const open = await readTable(file, kinds);
    this.#gan?.dispose();
    this.#gan = undefined;
    this.#open = open;
    return open.found;
  }

  /** Trains for some more steps, until {@link TableStudio.stop} at the latest. */
  async train(steps: number, tell: (news: TrainingNews) => void): Promise<void> {
    const { table } = this.#opened;
    this.#stopAsked = false;
    this.#gan ??= await this.#create();
    const { trainer } = this.#gan;
    let unsent: StepInfo[] = [];
    let [told, compared] = [performance.now(), performance.now()];
    const send = (comparison?: TrainingNews['comparison']): void => {
      tell({
        steps: unsent.map(({ number, losses }) => ({ number, losses })),
        stepsPerSecond: (1000 * unsent.length) / Math.max(1, performance.now() - told),
        followed: unsent.at(-1)?.metrics['condition/fake'],
        ...(comparison && { comparison }),
      });
      unsent = [];
      told = performance.now();
    };
    await trainer.fit(table, {
      steps,
      batchSize: batchSizeOf(table.size),
      callbacks: [
        {
          onStepEnd: async (step, run) => {
            unsent.push(step);
            if (this.#stopAsked) run.stop();
            const now = performance.now();
            if (now - compared > COMPARED_EVERY) {
              send(await this.#compare());
              compared = told = performance.now();
            } else if (now - told > NEWS_EVERY) send();
          },
        },
      ],
    });
    send(await this.#compare());
  }

  /** Ends the training after its step. */
  stop(): void {
    this.#stopAsked = true;
  }

  /** Generates rows, and says which share had the requested value by itself. */
  async sample({ count, ...options }: RowsRequest): Promise<{ rows: TableRow[]; share?: number }> {
    const { rows, shares } = await this.#generator.draw(count, options);
    const [share] = Object.values(shares);
    return { rows, ...(share !== undefined && { share }) };
  }

  /** The same as the bytes of a CSV file. */
  async csv(request: RowsRequest): Promise<Uint8Array> {
    const { rows } = await this.sample(request);
    return new TextEncoder().encode(encodeCsv(rows));
  }

  /** Loads the generator that the browser keeps. */
  async load(): Promise<void> {
    await chooseBackend();
    this.#kept = await TableGenerator.load(KEPT);
  }

  /** Makes the browser forget it. */
  async forget(): Promise<void> {
    await tf.io.removeModel(KEPT);
    this.#kept?.dispose();
    this.#kept = undefined;
  }

  get #opened(): OpenTable {
    if (this.#open === undefined) throw new Error('Cannot train: open a table first');
    return this.#open;
  }

  get #generator(): TableGenerator {
    const generator = this.#gan?.generator ?? this.#kept;
    if (generator === undefined) throw new Error('Cannot generate rows: train first');
    return generator;
  }

  async #create(): Promise<TableGan> {
    await chooseBackend();
    // Five times the rate of the paper, and averaged weights: as good after half of the steps.
    const rate = { learningRate: 1e-3, beta1: 0.5, beta2: 0.9 };
    return createCtgan({
      table: this.#opened.table,
      generatorUnits: UNITS,
      discriminatorUnits: UNITS,
      optimizers: { discriminator: adam(rate), generator: adam(rate) },
      ema: { decay: 0.99 },
      seed: 7,
    });
  }

  /** Compares rows with real ones, and keeps the generator as it is. */
  async #compare(): Promise<TrainingNews['comparison']> {
    const { table, rows } = this.#opened;
    const made = await this.#generator.sample(COMPARED_ROWS, { seed: 1 });
    await this.#generator.save(KEPT);
    return compare(table, rows, made);
  }
}

/** Networks this small gain nothing from a graphics card. */
async function chooseBackend(): Promise<void> {
  await useBackend(['wasm-train', 'cpu']);
}

/** A third of the rows of a small table, for several steps an epoch; packs of ten rows fill it. */
function batchSizeOf(rows: number): number {
  return Math.max(10, Math.min(200, 10 * Math.floor(rows / 30)));
}

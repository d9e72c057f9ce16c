/**
 * Reads a CSV file of 40 columns, ten of them categories, and trains CTGAN on it: seconds, and the most memory that the process had.
 *
 *     npm run bench -- large-table
 *     npm run bench -- large-table --rows 1000000
 *     npm run bench -- large-table --rows 1000000 --train 20    some steps of 500 rows, too
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Batch, Random, useBackend } from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { createCtgan, type TableDataset, tableDataset } from 'tfjs-gan/tabular';
import { cpuMs } from './shared/cpu-ms.ts';
import { readOptions } from './shared/options.ts';

const { rows, train: steps, threads } = readOptions({ rows: 100_000, train: 0, threads: 1 });
const columns = Array.from({ length: 40 }, (_, i) => i);
const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-large-table-'));
try {
  const file = join(folder, 'large.csv');
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const begin = performance.now();
  const table = await tableDataset(createReadStream(file, { highWaterMark: 2 ** 18 }));
  console.log({
    rows: table.size,
    megabytes: Math.round((await stat(file)).size / 1e6),
    seconds: Number(((performance.now() - begin) / 1000).toFixed(1)),
    peakMib: peakMib(),
  });
  if (steps > 0) console.log(await train(table));
} finally {
  await rm(folder, { recursive: true });
}

/**
 * Fits the encoding, encodes the rows with the first batch, and trains for some steps. Times are those of the
 * processor.
 */
async function train(table: TableDataset): Promise<Readonly<Record<string, number>>> {
  await useBackend(wasmTrain({ threads }));
  let begin = cpuMs();
  const [width = 0] = table.sampleShape;
  const fitSeconds = secondsSince(begin);
  const gan = createCtgan({ table, seed: 1 });
  const before = arrayMib();
  begin = cpuMs();
  const pass = table.batches({ batchSize: 500, seed: 1 })[Symbol.asyncIterator]();
  const { samples, ...others } = ((await pass.next()) as IteratorYieldResult<Batch>).value;
  const encodeSeconds = secondsSince(begin);
  const encodedMib = arrayMib() - before;
  for (const tensor of [samples, ...Object.values(others)]) tensor?.dispose();
  const ends: number[] = [];
  await gan.trainer.fit(table, {
    steps,
    batchSize: 500,
    callbacks: [{ onStepEnd: () => void ends.push(cpuMs()) }],
  });
  gan.dispose();
  // With the drawing of its rows.
  const times = ends.slice(1).map((end, i) => end - ends[i]!);
  const [stepMs = 0] = times.sort((a, b) => a - b).slice(times.length >> 1);
  return {
    width,
    fitSeconds,
    encodeSeconds,
    encodedMib,
    stepMs: Math.round(stepMs),
    peakMib: peakMib(),
  };
}

function secondsSince(begin: number): number {
  return Number(((cpuMs() - begin) / 1000).toFixed(1));
}

/** The most that the whole process had. */
function peakMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** Typed arrays that are in use. */
function arrayMib(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return Math.round(process.memoryUsage().arrayBuffers / 2 ** 20);
}

function* lines(): Generator<string> {
  const random = new Random(1);
  yield `${columns.map((column) => `column${column}`).join()}\n`;
  for (let row = 0; row < rows; row += 1) {
    yield `${columns
      .map((column) =>
        column % 4 === 3 ? 'abcdefgh'[random.integer(8)] : (random.uniform() * 1000).toFixed(3),
      )
      .join()}\n`;
  }
}

/**
 * Reads a CSV file of 40 columns, ten of them categories: seconds, and the most memory that the process had.
 *
 *     npm run bench -- large-table
 *     npm run bench -- large-table --rows 1000000
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Random } from 'tfjs-gan';
import { tableDataset } from 'tfjs-gan/tabular';
import { readOptions } from './shared/options.ts';

const { rows } = readOptions({ rows: 100_000 });
const columns = Array.from({ length: 40 }, (_, i) => i);
const folder = await mkdtemp(join(tmpdir(), 'tfjs-gan-large-table-'));
try {
  const file = join(folder, 'large.csv');
  await pipeline(Readable.from(lines()), createWriteStream(file));
  const begin = performance.now();
  const table = await tableDataset(createReadStream(file, { highWaterMark: 2 ** 18 }));
  const seconds = (performance.now() - begin) / 1000;
  console.log({
    rows: table.size,
    megabytes: Math.round((await stat(file)).size / 1e6),
    seconds: Number(seconds.toFixed(1)),
    // Of the whole process, in KiB.
    peakMib: Math.round(process.resourceUsage().maxRSS / 1024),
  });
} finally {
  await rm(folder, { recursive: true });
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

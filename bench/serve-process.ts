/**
 * The server of `npm run bench -- serve`, in a process of its own: prints its address, and ends when its input does.
 *
 *     node --import tsx bench/serve-process.ts --path model --threads 2 --batch 8
 */
import { serveModel } from '../src/platforms/node/serve/serve-model.ts';
import { modelThread } from '../test/support/model-thread.ts';
import { readOptions } from './shared/options.ts';

const { path, threads, batch } = readOptions({ path: '', threads: 2, batch: 8 });
const server = await serveModel(modelThread({ path, threads, batchSize: batch }), {
  host: '127.0.0.1',
  port: 0,
  batchSize: batch,
});
console.log(server.url);
process.stdin.resume().on('end', () => void server.drain(10_000));

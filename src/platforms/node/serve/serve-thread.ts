import { deflateSync } from 'node:zlib';
import { parentPort, workerData } from 'node:worker_threads';
import { useBackend } from '../../../backends/select-backend.ts';
import { wasmTrain } from '../../../backends/wasm-train/wasm-train.ts';
import { writePng } from '../../../io/png.ts';
import type { PngWriter } from '../../../serve/encode-samples.ts';
import { loadServedModel } from '../../../serve/load-served-model.ts';
import type { JobResult } from '../../../serve/served-model.ts';
import { fileHandler } from '../file-handler.ts';
import type { DoneMessage, StartMessage, ThreadSettings, WorkMessage } from './thread-messages.ts';

// The file of a thread that computes what a server responds, so that the server can respond to
// other requests meanwhile.

/** Several times as fast as a compressor in JavaScript. */
const png: PngWriter = (picture) => writePng(picture, (rows) => deflateSync(rows));

const port = parentPort!;
const { path, threads, batchSize } = workerData as ThreadSettings;

try {
  const { name, detail } = await useBackend(wasmTrain(threads === undefined ? {} : { threads }));
  const model = await loadServedModel(fileHandler(path), batchSize, png);
  port.on('message', ({ jobs }: WorkMessage) => {
    model.run(jobs).then(
      (results) => {
        const done: DoneMessage = { results };
        port.postMessage(done, results.flatMap(buffersOf));
      },
      (problem: unknown) => {
        const done: DoneMessage = { problem: problem as Error };
        port.postMessage(done);
      },
    );
  });
  const started: StartMessage = {
    about: model.about,
    backend: detail === '' ? name : `${name}: ${detail}`,
  };
  port.postMessage(started);
} catch (problem) {
  const started: StartMessage = { problem: problem as Error };
  port.postMessage(started);
}

function buffersOf(result: JobResult): ArrayBuffer[] {
  return 'body' in result ? [result.body.buffer as ArrayBuffer] : [];
}

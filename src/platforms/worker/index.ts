/**
 * Training off the main thread: `serveTrainer` in a worker's file, `connectTrainer` outside; in
 * pages and in Node.
 *
 * @module tfjs-gan/worker
 */

// In the worker
export { serveTrainer } from './serve-trainer.ts';
export type { ServedTrainer } from './served-trainer.ts';

// Outside
export { connectTrainer } from './connect-trainer.ts';
export type { NodeWorker, PageWorker } from './endpoints.ts';
export type {
  DrawnPicture,
  DrawOptions,
  DrawPointsOptions,
  RemoteData,
  RemoteDirectionsOptions,
  RemoteDataset,
  RemoteFitOptions,
  RemoteGenerateOptions,
  RemoteGeneratorOptions,
  RemoteInput,
  RemoteInputs,
  RemoteInterpolateOptions,
  RemoteSampleOptions,
} from './remote-options.ts';
export { RemoteTrainer } from './remote-trainer.ts';
export type { RemoteGenerator, RemoteStatus, RunEnd } from './trainer-service.ts';
export { WorkerEndedError } from './worker-ended-error.ts';

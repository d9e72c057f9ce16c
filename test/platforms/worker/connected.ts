import { connectTrainer, type RemoteTrainer } from 'tfjs-gan/worker';
import { onTestFinished } from 'vitest';
import { serveHere, type Stand } from './in-process.ts';

export type Make = Parameters<typeof serveHere>[0];

/** A connection that the end of the test disposes. */
export async function connected(make: Make): Promise<{ trainer: RemoteTrainer; worker: Stand }> {
  const worker = serveHere(make);
  const trainer = await connectTrainer(worker);
  onTestFinished(async () => {
    await trainer.dispose().catch(() => undefined);
    worker.terminate();
  });
  return { trainer, worker };
}

import { type Endpoint, expose, finalizer } from 'comlink';
import type { Made } from './served-trainer.ts';
import { TrainerHost } from './trainer-host.ts';

/** Serves a trainer at an endpoint. @internal */
export function exposeTrainer(
  make: (settings: never) => Made | Promise<Made>,
  outside: Endpoint,
): void {
  const { service } = new TrainerHost(make);
  const serve = (): void => {
    expose(service, outside);
  };
  // Keeps the connection alive: when it is garbage-collected, it closes the endpoint for all other
  // and later connections.
  Object.assign(service, { [finalizer]: serve });
  serve();
}

import type { BackendReport } from '../../backends/backend-report.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Callback } from '../../training/callback.ts';
import type { Gan } from '../../training/gan.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * What a worker serves: a GAN, and what cannot cross threads.
 *
 * @example With data and an alarm of the worker's own
 * ```ts no-run
 * serveTrainer((): ServedTrainer => ({
 *   gan: createMlpGan({ sampleShape: [2] }),
 *   data: ring8({ size: 10_000 }),
 *   callbacks: [collapseAlarm()],
 * }));
 * ```
 */
export interface ServedTrainer {
  /**
   * What is trained, or the trainer of a game of one's own. The worker disposes it, and the networks, when the last connection
   * is disposed.
   */
  readonly gan: Gan | Trainer;
  /**
   * The real samples.
   *
   * @defaultValue none: `fit({ data })` brings them
   */
  readonly data?: Dataset | undefined;
  /** What watches every run inside the worker: `checkpoint`, `collapseAlarm`, … */
  readonly callbacks?: readonly Callback[] | undefined;
  /**
   * What `useBackend` answered, for {@link RemoteTrainer.backend}.
   *
   * @defaultValue the name of the current backend alone
   */
  readonly backend?: BackendReport | undefined;
}

/** What the function of a worker may make. @internal */
export type Made = Gan | Trainer | ServedTrainer;

import type { BackendReport } from '../../backends/backend-report.ts';
import type { Dataset } from '../../data/dataset.ts';
import type { Callback } from '../../training/callback.ts';
import type { Gan } from '../../training/gan.ts';
import type { Trainer } from '../../training/trainer.ts';

/**
 * What a worker serves: a GAN, and values that cannot be sent to another thread.
 *
 * @example With data and a callback in the worker
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
   * The GAN, or the trainer of a custom game. The worker disposes it, and the networks, when the
   * last connection is disposed.
   */
  readonly gan: Gan | Trainer;
  /**
   * The real samples.
   *
   * @defaultValue none: `fit({ data })` sends them
   */
  readonly data?: Dataset | undefined;
  /** Callbacks of every run inside the worker: `checkpoint`, `collapseAlarm`, … */
  readonly callbacks?: readonly Callback[] | undefined;
  /**
   * The result of `useBackend`, for {@link RemoteTrainer.backend}.
   *
   * @defaultValue only the name of the current backend
   */
  readonly backend?: BackendReport | undefined;
}

/** What the function of a worker may return. @internal */
export type Made = Gan | Trainer | ServedTrainer;

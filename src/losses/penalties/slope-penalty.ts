import type * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { warnAboutBatchNorm } from './batch-norm-warning.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * The common part of penalties on the discriminator's gradient at each sample.
 *
 * @internal
 */
export abstract class SlopePenalty implements Penalty {
  abstract readonly name: string;
  readonly target = 'discriminator';
  readonly weight: number | Schedule;
  readonly every: number;

  /**
   * @param action - The caller's action, for errors.
   * @param options - Weight, interval, and the settings named in `own`.
   * @param own - Names of further settings of this penalty.
   */
  constructor(action: string, options: PenaltyOptions, own: readonly string[] = []) {
    ({ weight: this.weight, every: this.every } = checkPenaltyOptions(action, options, 10, own));
  }

  /**
   * Warns of batch norm in the discriminator.
   *
   * @param networks - Both networks.
   */
  check(networks: Parameters<NonNullable<Penalty['check']>>[0]): void {
    warnAboutBatchNorm(this.name, networks.discriminator);
  }

  abstract compute(context: PenaltyContext): tf.Scalar;
}

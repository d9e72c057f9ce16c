import type * as tf from '@tensorflow/tfjs';
import type { Schedule } from '../../core/schedules/schedule.ts';
import { warnAboutBatchNorm } from './batch-norm-warning.ts';
import type { Penalty, PenaltyContext } from './penalty.ts';
import { checkPenaltyOptions, type PenaltyOptions } from './penalty-options.ts';

/**
 * What the penalties on the slope of the discriminator at each sample have in common.
 *
 * @internal
 */
export abstract class SlopePenalty implements Penalty {
  abstract readonly name: string;
  readonly target = 'discriminator';
  readonly weight: number | Schedule;
  readonly every: number;

  /**
   * @param action - What the caller asked for, for errors.
   * @param options - Strength, and the settings that are named in `own`.
   * @param own - Names of the settings that this penalty has besides.
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

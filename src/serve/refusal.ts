import { DataFormatError } from '../core/errors.ts';
import type { Job, JobResult } from './served-model.ts';

/**
 * Whether an error is the fault of the request that a model computed: one of this library, whose
 * messages begin with what cannot be done. Others of the same class are faults of a program.
 *
 * @internal
 */
export function isRefusal(error: unknown): error is Error {
  if (error instanceof DataFormatError) return true;
  return (
    (error instanceof TypeError || error instanceof RangeError) &&
    /^Cannot [^:]+: /.test(error.message)
  );
}

/**
 * Results of jobs that share no pass of a network.
 *
 * @internal
 */
export async function computeEach(
  jobs: readonly Job[],
  compute: (job: Job) => Promise<JobResult>,
): Promise<readonly JobResult[]> {
  const results: JobResult[] = [];
  for (const job of jobs) {
    try {
      results.push(await compute(job));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      results.push({ status: 400, message: error.message });
    }
  }
  return results;
}

/**
 * Samples that are not numbers are the fault of given values that are too large, or of the model.
 *
 * @internal
 */
export function notFinite(isGiven: boolean): JobResult {
  return isGiven
    ? {
        status: 422,
        message: 'the samples are not finite numbers: the given values must be smaller',
      }
    : { status: 500, message: 'the samples of this model are not finite numbers' };
}

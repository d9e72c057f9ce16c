import { formatValue } from '../../core/format.ts';

/**
 * A part of work that several processes divide: item k belongs to the shard with k mod count =
 * index.
 *
 * @example The files of one of four processes
 * ```ts
 * const { index, count }: Shard = shardOf('1/4');
 * console.log([0, 1, 2, 3, 4, 5].filter((k) => k % count === index)); // [ 1, 5 ]
 * ```
 */
export interface Shard {
  /** Which part, from 0. */
  readonly index: number;
  /** How many parts there are. */
  readonly count: number;
}

/** Variables that an engine sets for the parts of a job, numbered from 0. */
const engines: readonly (readonly [index: string, count: string])[] = [
  ['JOB_COMPLETION_INDEX', ''],
  ['AWS_BATCH_JOB_ARRAY_INDEX', 'AWS_BATCH_JOB_ARRAY_SIZE'],
  ['CLOUD_RUN_TASK_INDEX', 'CLOUD_RUN_TASK_COUNT'],
];

const action = 'divide the work';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads which part of the work this process does.
 *
 * `auto` takes it from the environment of the engine that started the process: the tasks of a Slurm
 * job array, of `srun` or of both, indexes of a Kubernetes Job, of AWS Batch, tasks of Cloud Run,
 * ranks of `mpirun`. Kubernetes does not say how many there are: `auto/16` does. With Slurm,
 * `auto/16` stands for an array of 0–15 even if only some of its tasks are submitted again.
 *
 * @param text - `i/n`, with i from 0 to n − 1; `auto`; or `auto/n`.
 * @param environment - The variables of the process; `process.env` if left out.
 * @returns The shard.
 * @throws RangeError if the text is none of these, the index is outside, or `auto` finds no engine,
 *   or an array that is no range, or a variable is no integer.
 *
 * @example A task of a Slurm job array, started by sbatch --array=1-8
 * ```ts
 * const variables = { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_MIN: '1', SLURM_ARRAY_TASK_MAX: '8', SLURM_ARRAY_TASK_COUNT: '8' };
 * console.log(shardOf('auto', variables)); // { index: 2, count: 8 }
 * ```
 */
export function shardOf(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Shard {
  const [, word, given] = /^(auto|\d+)(?:\/(\d+))?$/.exec(text) ?? [];
  const total = given === undefined ? undefined : Number(given);
  if (word === undefined || (word !== 'auto' && total === undefined)) throw refusal(text);
  if (word !== 'auto') return checked({ index: Number(word), count: total! });
  const found = slurmArray(environment, total) ?? ofEngine(environment, total);
  const step = rankOf(environment);
  if (found === undefined && step === undefined) {
    throw new RangeError(
      `Cannot ${action}: shard auto must find the variables of Slurm, a Kubernetes Indexed Job, AWS Batch, Cloud Run or mpirun, got none. ` +
        'Pass i/n, such as 0/4',
    );
  }
  if (found === undefined) return checked({ ...step!, count: total ?? step!.count });
  if (step === undefined) return checked(found);
  // Each task of the array has started several processes.
  const index = found.index * step.count + step.index;
  return checked({ index, count: found.count * step.count });
}

function slurmArray(environment: Environment, total: number | undefined): Shard | undefined {
  const read = (name: string): number => numberOf(environment, `SLURM_ARRAY_TASK_${name}`);
  if (environment['SLURM_ARRAY_TASK_ID'] === undefined) return undefined;
  const id = read('ID');
  if (total !== undefined) return { index: id, count: total };
  const [least, most, count] = [read('MIN'), read('MAX'), read('COUNT')];
  const step = environment['SLURM_ARRAY_TASK_STEP'] === undefined ? 1 : read('STEP');
  // Of a list such as 1,3,7 no task knows its place.
  if ((most - least) / step === count - 1) return { index: (id - least) / step, count };
  throw new RangeError(
    `Cannot ${action}: the Slurm array must be a range, such as 0-7, got ${count} tasks from ${least} to ${most}. ` +
      'Pass auto/n to count them from 0',
  );
}

/**
 * A process of `mpirun`, which `srun` may have started, or of `srun`; the script of `sbatch` itself
 * has the rank, but not the number of tasks.
 */
function rankOf(environment: Environment): Shard | undefined {
  const names = [
    ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE'],
    ['SLURM_PROCID', 'SLURM_STEP_NUM_TASKS'],
  ] as const;
  const found = names.find(([, size]) => environment[size] !== undefined);
  if (found === undefined) return undefined;
  const [index, count] = found.map((name) => numberOf(environment, name)) as [number, number];
  return { index, count };
}

function ofEngine(environment: Environment, total: number | undefined): Shard | undefined {
  const names = engines.find(([index]) => environment[index] !== undefined);
  if (names === undefined) return undefined;
  const [index, size] = names;
  if (total === undefined && size === '') {
    throw new RangeError(
      `Cannot ${action}: shard auto must find how many there are, got ${index} alone. Pass auto/n with the completions of the Job`,
    );
  }
  return { index: numberOf(environment, index), count: total ?? numberOf(environment, size) };
}

function numberOf(environment: Environment, name: string): number {
  const text = environment[name];
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw new RangeError(
    `Cannot ${action}: the variable ${name} must be an integer of at least 0, got ${formatValue(text)}`,
  );
}

function checked(shard: Shard): Shard {
  if (shard.index < shard.count) return shard;
  throw refusal(`${shard.index}/${shard.count}`);
}

function refusal(got: string): RangeError {
  return new RangeError(
    `Cannot ${action}: shard must be i/n with i from 0 to n − 1, auto or auto/n, got '${got.slice(0, 80)}'`,
  );
}

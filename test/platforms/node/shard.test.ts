import { shardOf } from 'tfjs-gan/node';
import { describe, expect, test } from 'vitest';

/** What Slurm sets for a task of `sbatch --array`. */
const array = (id: number, least: number, most: number, count: number): Record<string, string> => ({
  SLURM_ARRAY_TASK_ID: String(id),
  SLURM_ARRAY_TASK_MIN: String(least),
  SLURM_ARRAY_TASK_MAX: String(most),
  SLURM_ARRAY_TASK_COUNT: String(count),
  // The script itself, which is one process however many tasks it may start.
  SLURM_PROCID: '0',
  SLURM_NTASKS: '4',
});
const step = { SLURM_PROCID: '2', SLURM_STEP_NUM_TASKS: '3' };

describe('shardOf', () => {
  test.each([
    ['0/1', {}, 0, 1],
    ['3/4', { JOB_COMPLETION_INDEX: '1' }, 3, 4],
    ['auto', array(3, 0, 7, 8), 3, 8],
    ['auto', { ...array(9, 1, 13, 4), SLURM_ARRAY_TASK_STEP: '4' }, 2, 4],
    ['auto', array(5, 5, 5, 1), 0, 1],
    ['auto/8', array(5, 5, 5, 1), 5, 8],
    ['auto', step, 2, 3],
    ['auto', { ...array(3, 0, 3, 4), ...step }, 11, 12],
    ['auto/16', { JOB_COMPLETION_INDEX: '15' }, 15, 16],
    ['auto', { AWS_BATCH_JOB_ARRAY_INDEX: '2', AWS_BATCH_JOB_ARRAY_SIZE: '10' }, 2, 10],
    ['auto', { CLOUD_RUN_TASK_INDEX: '0', CLOUD_RUN_TASK_COUNT: '6' }, 0, 6],
    ['auto', { OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2' }, 1, 2],
    ['auto', { ...step, OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '4' }, 1, 4],
    ['auto', { ...array(3, 0, 3, 4), OMPI_COMM_WORLD_RANK: '1', OMPI_COMM_WORLD_SIZE: '2' }, 7, 8],
  ])('reads %s of %j', (text, variables, index, count) => {
    expect(shardOf(text, variables)).toEqual({ index, count });
  });

  test.each([
    ['5/4', {}, /i from 0 to n − 1, auto or auto\/n, got '5\/4'$/],
    ['4/4', {}, /got '4\/4'$/],
    ['1', {}, /got '1'$/],
    ['-1/4', {}, /got '-1\/4'$/],
    ['0/0', {}, /got '0\/0'$/],
    ['auto', {}, /must find the variables of Slurm, .*, got none\. Pass i\/n, such as 0\/4$/],
    ['auto', { JOB_COMPLETION_INDEX: '1' }, /got JOB_COMPLETION_INDEX alone\. Pass auto\/n/],
    ['auto/4', { JOB_COMPLETION_INDEX: '7' }, /got '7\/4'$/],
    ['auto', array(7, 1, 7, 3), /^.* must be a range, such as 0-7, got 3 tasks from 1 to 7\./],
    ['auto', { CLOUD_RUN_TASK_INDEX: 'x' }, /CLOUD_RUN_TASK_INDEX must be an integer .* got 'x'$/],
  ])('refuses %s of %j', (text, variables, message) => {
    expect(() => shardOf(text, variables)).toThrow(message);
  });
});

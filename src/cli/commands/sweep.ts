import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { onOff, text } from '../flags.ts';
import { train } from './train.ts';

/** `npx tfjs-gan sweep FILE`. */
export const sweep: Command = defineCommand({
  name: 'sweep',
  summary: 'trains the runs of a list, continues those that were cut off, and compares all',
  operands: ['FILE'],
  flags: {
    shard: text<string | undefined>(
      undefined,
      'part of the list that this process trains: 0/4, or auto under Slurm, Kubernetes, AWS Batch, Cloud Run or mpirun',
      'I/N',
    ),
    status: onOff('says how far each run is, and trains none'),
    ...backendFlags,
  },
  examples: [
    'sweep sweep.json',
    'sweep sweep.json --shard 1/4',
    'sweep sweep.json --shard auto            # sbatch --array=0-15 job.sh',
    'sweep sweep.json --status',
  ],
  run: async (call) => (await import('../sweep/run-sweep.ts')).runSweep(call, train.flags),
});

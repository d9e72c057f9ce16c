import { type Command, defineCommand } from '../command.ts';
import { backendFlags } from '../backend-flags.ts';
import { choice, count, onOff, seed, text, texts } from '../flags.ts';

type Format = 'grid' | 'png' | 'npy' | 'safetensors' | 'csv' | 'json' | undefined;

/** `npx tfjs-gan sample MODEL`. */
export const sample: Command = defineCommand({
  name: 'sample',
  summary: 'writes new samples of a run or a saved generator',
  operands: ['MODEL'],
  flags: {
    count: count<number | undefined>(undefined, 'how many; 64 pictures or 100 rows by default'),
    seed: seed(0, 'the same seed gives the same samples'),
    labels: text<string | undefined>(undefined, 'classes by number or name: 3 or cat,dog', 'LIST'),
    where: texts(
      'rows to generate: species=Adelie, mass>=4000; may be given several times',
      'REQUEST',
    ),
    out: text<string | undefined>(undefined, 'file, or a folder for single pictures', 'PATH'),
    format: choice<Format>(
      undefined,
      ['grid', 'png', 'npy', 'safetensors', 'csv', 'json'],
      'grid (one picture), png (single pictures), npy, safetensors, csv, json; by the name of --out by default',
    ),
    columns: count<number | undefined>(undefined, 'pictures in a row of a grid'),
    scale: count(1, 'times to enlarge pictures'),
    shard: text<string | undefined>(
      undefined,
      'writes chunks into --out, and of them this part: 0/4, or auto under Slurm, Kubernetes, …',
      'I/N',
    ),
    chunkSize: count(256, 'samples of a chunk'),
    merge: onOff('checks the chunks of a folder, MODEL, and writes them to --out, a .npy file'),
    ...backendFlags,
  },
  examples: [
    'sample runs/pictures',
    'sample runs/pictures --count 1000 --out new/          # one file each',
    'sample runs/animals --labels cat --out cats.png',
    'sample runs/digits --count 1000000 --shard 0/4 --out chunks/',
    'sample chunks/ --merge --out digits.npy',
    "sample runs/customers --count 1000 --where city=Oslo --where 'age>=30' --out synthetic.csv",
  ],
  run: async (call) => {
    const { shard, merge } = call.settings;
    if (shard === undefined && !merge && !call.given.has('chunkSize')) {
      return (await import('../samples/sample-files.ts')).sampleFiles(call);
    }
    const chunks = await import('../samples/chunk-files.ts');
    return merge ? chunks.mergeFiles(call) : chunks.chunkFiles(call);
  },
});

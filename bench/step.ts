/**
 * The tutorial's DCGAN, seconds per training step: ours beside PyTorch, in turn, in one run.
 *
 *     npm run bench -- step                   a table
 *     npm run bench -- step --json            one JSON object
 *     npm run bench -- step --rounds 5        more rounds (default 3)
 *     npm run bench -- step --batch 32        another batch size (default 64)
 *
 * The peer needs Debian's python3-torch and libopenblas0-pthread; without them ours is measured alone. Every
 * contestant runs once in each round, so that a busy moment of the machine falls on all alike; the figure is the
 * median of the rounds' medians. `ratio` is ours ÷ the peer's best.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';

interface Contestant {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly isPeer: boolean;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { json, rounds, batch, steps } = readOptions({
  json: false,
  rounds: 3,
  batch: 64,
  steps: 5,
});
const ours = ['--import', 'tsx', here('./step-ours.ts'), `--batch=${batch}`, `--steps=${steps}`];
const python = '/usr/bin/python3';
const peerIsHere = spawnSync(python, ['-c', 'import torch']).status === 0;

const contestants: Contestant[] = [
  ...['plain', 'relaxed'].flatMap((simd) =>
    ['1', '2'].map((threads) => ({
      name: `tfjs-gan, ${simd} SIMD, ${threads} thread${threads === '1' ? '' : 's'}`,
      command: process.execPath,
      args: [...ours, `--threads=${threads}`, `--simd=${simd}`],
      isPeer: false,
    })),
  ),
  ...(peerIsHere ? ['1', '2'] : []).map((threads) => ({
    name: `PyTorch, ${threads} thread${threads === '1' ? '' : 's'}`,
    command: python,
    args: [here('./peers/pytorch_dcgan_step.py'), threads, `${batch}`, `${steps}`],
    isPeer: true,
  })),
];

// Settings that pin OpenBLAS to an older processor would make the peer slower than it is.
const pinned = ['OPENBLAS_CORETYPE', 'OPENBLAS_L2_SIZE'];
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !pinned.includes(name)),
);

const medians = new Map(contestants.map(({ name }) => [name, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const { name, command, args } of contestants) {
    const line = execFileSync(command, args, { encoding: 'utf8', env });
    medians.get(name)!.push((JSON.parse(line) as { median_s: number }).median_s);
  }
}

const results = contestants.map(({ name, isPeer }) => {
  const seconds = medians.get(name) ?? [];
  return { name, isPeer, seconds: median(seconds), rounds: seconds };
});
const secondsOf = (chosen: typeof results): number =>
  Math.min(...chosen.map(({ seconds }) => seconds));
const peer = secondsOf(results.filter(({ isPeer }) => isPeer));
const ratioOf = (words: string): number | undefined =>
  peerIsHere
    ? Number((secondsOf(results.filter(({ name }) => name.includes(words))) / peer).toFixed(3))
    : undefined;
const ratio = ratioOf('tfjs-gan');
const [ratioPlain, ratioRelaxed] = [ratioOf('plain'), ratioOf('relaxed')];

if (json) {
  console.log(JSON.stringify({ batch, ratio, ratioPlain, ratioRelaxed, results }));
} else {
  for (const { name, seconds } of results)
    console.log(`${name.padEnd(32)} ${seconds.toFixed(3)} s`);
  console.log(
    ratio === undefined
      ? 'No PyTorch here: apt-get install python3-torch libopenblas0-pthread'
      : `ratio ${ratio} (ours ÷ the best of the peer; under 1 is faster); plain ${ratioPlain}, relaxed ${ratioRelaxed}`,
  );
}

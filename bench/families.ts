/**
 * Every preset beside PyTorch, doing the same work: the same weights, batches, latents, labels and codes. First how far the
 * losses, gradients and weights of both are apart, then how long a step takes.
 *
 *     npm run bench -- families                              every row of families-table.ts
 *     npm run bench -- families --families dcgan,sngan       some of them
 *     npm run bench -- families --steps 5                    steps that are compared
 *     npm run bench -- families --alternations 3 --timed 5   runs of each side in turn, and steps in each; 0 leaves them out
 *     npm run bench -- families --threads 2                  both sides get as many
 *     npm run bench -- families --out runs/families          where the numbers of the runs go
 *
 * PyTorch computes each step from the state that ours began with, in single and in double precision: what its two results differ
 * by is what rounding does. Then it computes all of them from the first state. Fails if losses of most steps are further from
 * PyTorch's than 1e-4 of their value and than these two are from each other, or if passes differ in number: what is wrong is
 * so in each step, while rounding turns the sign of a number before a ReLU in some.
 *
 * The peer needs Debian's python3-torch and libopenblas0-pthread.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Dataset,
  decodeSafetensors,
  encodeSafetensors,
  type NamedArrays,
  Trainer,
  type TrainerSnapshot,
  useBackend,
} from 'tfjs-gan';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import {
  type Difference,
  differenceOfTerms,
  largestDifference,
  relativeDistance,
  type Update,
} from './families-differences.ts';
import { flattened, stateOf } from './families-peer.ts';
import { GameRecorder, type RecordedUpdate } from './families-recorder.ts';
import { families, type Family } from './families-table.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { runPeer } from './shared/run-peer.ts';

const { steps, alternations, timed, threads, seed, out, ...options } = readOptions({
  families: 'all',
  steps: 5,
  alternations: 3,
  timed: 5,
  threads: 1,
  seed: 42,
  out: 'runs/families',
});
/** Steps before the clock counts, in which kernels are compiled and memory is taken. */
const warmUp = 2;
/** How far losses may be apart, in parts of their value. */
const tolerance = 1e-4;

/** How far two runs of each step from the same state are apart. */
interface Apart {
  /** Of each step, the largest difference of a term. */
  readonly losses: Range;
  readonly where: string;
  /** First moments of Adam, which are means of gradients. */
  readonly gradients: Range;
  /** Weights, in parts of the way they went in the step. */
  readonly weights: Range;
}

/** Of the steps, the one in the middle and the worst. */
type Range = readonly [median: number, largest: number];

/** What a family gave. */
interface Row {
  readonly name: string;
  readonly preset: string;
  /** Each step from the same state: ours beside PyTorch's, and PyTorch's beside its own in double precision. */
  readonly lockstep: Apart;
  readonly rounding: Apart;
  /** Losses beside those with singular values that PyTorch decomposes for: of the first update of a step, and of all. */
  readonly exactSigma?: readonly [first: Difference, all: Difference];
  /** Losses of all steps from the first state. */
  readonly free: Difference;
  readonly freeRounding: Difference;
  /** The largest difference of a weight after these. */
  readonly freeWeights: number;
  /** Milliseconds a step. */
  readonly ours?: number;
  readonly peer?: number;
}

await useBackend(wasmTrain({ threads }));
const rows: Row[] = [];
for (const name of options.families === 'all'
  ? Object.keys(families)
  : options.families.split(',')) {
  const family = families[name];
  if (family === undefined) {
    throw new RangeError(
      `Cannot compare a family: --families must be of ${Object.keys(families).join(', ')}, got ${name}`,
    );
  }
  rows.push(await compare(name, family));
}
console.log(table(rows));
const far = rows.filter(
  ({ lockstep, rounding }) => !(lockstep.losses[0] <= Math.max(tolerance, rounding.losses[1])),
);
if (far.length > 0) {
  throw new Error(`Losses are too far from PyTorch's: ${far.map(({ name }) => name).join(', ')}`);
}

async function compare(name: string, family: Family): Promise<Row> {
  const folder = join(out, name);
  await mkdir(folder, { recursive: true });
  const dataset = await family.data();
  const ours = await record(folder, family, dataset);
  const lockstep = await check(folder, []);
  const double = await check(folder, ['--dtype', 'float64']);
  const exact =
    family.hasExactSigma === true ? await check(folder, ['--sigma', 'exact']) : undefined;
  const free = await check(folder, ['--free']);
  const freeDouble = await check(folder, ['--free', '--dtype', 'float64']);
  const row: Row = {
    name,
    preset: family.preset,
    lockstep: apart(ours, lockstep, ours.before),
    rounding: apart(lockstep, double, ours.before),
    ...(exact && {
      exactSigma: [
        differenceOfTerms(firstOfSteps(ours), firstOfSteps(exact)),
        differenceOfTerms(ours.updates, exact.updates),
      ],
    }),
    free: differenceOfTerms(ours.updates, free.updates),
    freeRounding: differenceOfTerms(free.updates, freeDouble.updates),
    freeWeights: largestDifference(ours.after.at(-1)!, free.after.at(-1)!, isWeight),
    ...(await time(folder, family, dataset, ours.losses)),
  };
  console.log(JSON.stringify(row));
  return row;
}

function apart(one: Run, other: Run, before: readonly NamedArrays[]): Apart {
  const isMoment = (array: string): boolean => array.endsWith('#firstMoment');
  const { where } = differenceOfTerms(one.updates, other.updates);
  return {
    where,
    losses: range(
      one.after.map(
        (_, step) => differenceOfTerms(ofStep(one, step), ofStep(other, step)).relative,
      ),
    ),
    gradients: range(
      one.after.map((state, i) => relativeDistance(state, other.after[i]!, isMoment)),
    ),
    weights: range(
      one.after.map((state, i) => relativeDistance(state, other.after[i]!, isWeight, before[i])),
    ),
  };
}

/** The first update of each step. */
function firstOfSteps(run: Run): readonly Update[] {
  return run.after.map((_, step) => ofStep(run, step)[0]!);
}

function ofStep({ updates }: Run, step: number): readonly Update[] {
  const perStep = updates.length / steps;
  return updates.slice(step * perStep, (step + 1) * perStep);
}

/** Weights and moving means. Moving variances are left out, as PyTorch divides them by another count. */
function isWeight(array: string): boolean {
  return array.startsWith('networks/') && !array.endsWith('/moving_variance');
}

/** What a side made of the steps. */
interface Run {
  readonly updates: readonly Update[];
  /** The state after each step. */
  readonly after: readonly NamedArrays[];
}

/** The steps as the peer computes them. */
async function check(folder: string, flags: readonly string[]): Promise<Run> {
  const { updates } = runPeer(
    'families_torch.py',
    ['check', folder, threads, ...flags],
    threads,
  ) as Pick<Run, 'updates'>;
  const after: NamedArrays[] = [];
  for (let step = 1; step <= steps; step += 1) {
    const bytes = await readFile(join(folder, `peer-${step}.safetensors`));
    after.push(decodeSafetensors(new Uint8Array(bytes)).tensors as NamedArrays);
  }
  return { updates, after };
}

/** Makes the steps with a game that listens, and leaves the files that the peer works with. */
async function record(
  folder: string,
  family: Family,
  dataset: Dataset,
): Promise<Run & { readonly before: readonly NamedArrays[]; readonly losses: readonly object[] }> {
  const gan = family.create(seed);
  const recorder = new GameRecorder(gan.trainer.game);
  const { constraints, batchSize } = family;
  const trainer = new Trainer({ game: recorder.game, constraints, seed });
  const snapshots: TrainerSnapshot[] = [await trainer.snapshot()];
  const updates: RecordedUpdate[] = [];
  for (let step = 0; step < steps; step += 1) {
    await trainer.fit(dataset, { steps: 1, batchSize });
    updates.push(...(await recorder.take()));
    snapshots.push(await trainer.snapshot());
  }
  const losses = trainer.history.steps.map((step) => step.losses);
  trainer.dispose();
  gan.dispose();
  const turns = recorder.game.turns.map((turn) => ({ name: turn.name, times: turn.times ?? 1 }));
  const { description, configuration } = snapshots[0]!;
  const counts = snapshots.map(({ optimizers }) =>
    Object.fromEntries(Object.entries(optimizers).map(([name, { step }]) => [name, step])),
  );
  const setup = { description, configuration, turns, steps, counts, updates: updates.length };
  await writeFile(join(folder, 'setup.json'), JSON.stringify(setup));
  const states = snapshots.map(stateOf);
  for (const [step, state] of states.entries()) {
    await writeFile(join(folder, `state-${step}.safetensors`), encodeSafetensors(state));
  }
  const draws = Object.fromEntries(updates.map(({ drawn }, i) => [`${i}`, drawn]));
  await writeFile(join(folder, 'draws.safetensors'), encodeSafetensors(flattened(draws)));
  return { updates, before: states.slice(0, -1), after: states.slice(1), losses };
}

/** Medians of milliseconds a step, of runs in turn. */
async function time(
  folder: string,
  family: Family,
  dataset: Dataset,
  recorded: readonly object[],
): Promise<Pick<Row, 'ours' | 'peer'>> {
  const gan = family.create(seed);
  const { batchSize } = family;
  const first = await gan.trainer.fit(dataset, { steps, batchSize });
  // The trainer of the preset itself: what was recorded must be what it does, bit-for-bit.
  const losses = first.steps.map((step) => step.losses);
  if (JSON.stringify(losses) !== JSON.stringify(recorded)) {
    throw new Error(
      `The preset's own trainer must do what was recorded: ${family.preset} does not`,
    );
  }
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let run = 0; run < alternations; run += 1) {
    const { steps: made } = await gan.trainer.fit(dataset, { steps: timed, batchSize });
    ours.push(...made.slice(-timed).map(({ seconds }) => seconds));
    const { seconds } = runPeer('families_torch.py', ['time', folder, threads, warmUp + timed], threads) as { seconds: number[] }; // prettier-ignore
    theirs.push(...seconds.slice(warmUp));
  }
  gan.dispose();
  return alternations === 0 ? {} : { ours: 1000 * median(ours), peer: 1000 * median(theirs) };
}

function table(all: readonly Row[]): string {
  const lines = all.map(
    ({ preset, lockstep, rounding, free, freeRounding, freeWeights, ...row }) => [
      ...[`\`${preset}\``, shown(lockstep.losses), shown(rounding.losses)],
      ...[lockstep.gradients, rounding.gradients, lockstep.weights].map((one) => shown(one)),
      ...[small(free.relative), small(freeRounding.relative), small(freeWeights)],
      ...(row.ours === undefined || row.peer === undefined
        ? ['–', '–', '–']
        : [row.ours.toFixed(0), row.peer.toFixed(0), (row.ours / row.peer).toFixed(2)]),
    ],
  );
  const head = [
    ...['preset', 'losses', 'rounding', 'gradients', 'rounding', 'weights'],
    ...['free: losses', 'rounding', 'weights', 'ours, ms', 'PyTorch, ms', 'ratio'],
  ];
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  const exact = all.flatMap(({ preset, exactSigma }) =>
    exactSigma === undefined
      ? []
      : [
          `${preset} beside exact σ: ${exactSigma.map(({ relative }) => small(relative)).join(' in the first update of a step, ')} in all`,
        ],
  );
  return [...[head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`), ...exact].join(
    '\n',
  );
}

function shown([middle, largest]: Range): string {
  return `${small(middle)}, ${small(largest)}`;
}

function small(value: number): string {
  return value.toExponential(1);
}

function range(numbers: readonly number[]): Range {
  return [median(numbers), Math.max(...numbers)];
}

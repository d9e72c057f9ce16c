import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import {
  checkpoint,
  type Dataset,
  datasetFromArray,
  type Gan,
  paired,
  Random,
  type TrainerSnapshot,
  unpaired,
} from 'tfjs-gan';
import { exportTorchTraining } from 'tfjs-gan/export';
import { directoryStore } from 'tfjs-gan/node';
import { writePng } from '../io/write-png.ts';
import { freePort } from '../support/free-port.ts';
import { timeless } from '../support/tiny-gan.ts';
import { runPython } from './python.ts';

/** Eighty samples of bytes, by a fixed seed. */
export function samplesOf(sampleShape: readonly number[], count = 80): Uint8Array {
  const size = sampleShape.reduce((product, side) => product * side, count);
  const length = size / count;
  // Smooth, so that networks have something to learn.
  const phases = new Random(5).uniformArray(count, 0, 6);
  return Uint8Array.from({ length: size }, (_, i) =>
    Math.round(127.5 + 127 * Math.sin(phases[Math.floor(i / length)]! + (i % length) * 0.3)),
  );
}

/** A NumPy file. */
export function npy(shape: readonly number[], values: Uint8Array | Float32Array): Uint8Array {
  const kind = values instanceof Uint8Array ? '|u1' : '<f4';
  const text = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const start = Buffer.from(`\x93NUMPY\x01\x00  ${header}`, 'latin1');
  start.writeUInt16LE(header.length, 8);
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([start, bytes]);
}

/** A gzipped IDX file of bytes. */
function idx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint16(2, 0x0800 + shape.length);
  shape.forEach((size, axis) => {
    header.setUint32(4 + 4 * axis, size);
  });
  return gzipSync(Buffer.concat([new Uint8Array(header.buffer), values]));
}

/** A PNG file whose rows have all five filters in turn. */
function png(
  [height = 0, width = 0, channels = 0]: readonly number[],
  pixels: Uint8Array,
): Uint8Array {
  const stride = width * channels;
  const at = (y: number, x: number): number => (y < 0 || x < 0 ? 0 : pixels[y * stride + x]!);
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: stride }, (_, x) => {
      const [left, up, corner] = [at(y, x - channels), at(y - 1, x), at(y - 1, x - channels)];
      const far = (one: number): number => Math.abs(left + up - corner - one);
      const nearest = [left, up, corner].reduce((best, one) => (far(one) < far(best) ? one : best));
      return at(y, x) - [0, left, up, (left + up) >> 1, nearest][y % 5]!;
    }),
  );
  const filters = rows.map((_, y) => y % 5);
  return writePng({ width, height, depth: 8, colorType: channels === 1 ? 0 : 2, rows, filters });
}

/** Pictures whose names are in the order of texts, not of numbers. */
async function writePictures(
  folder: string,
  shape: readonly number[],
  samples: Uint8Array,
): Promise<void> {
  await mkdir(folder);
  const names = Array.from({ length: 80 }, (_, i) => `${i}.png`).sort();
  const size = samples.length / names.length;
  for (const [i, name] of names.entries()) {
    await writeFile(join(folder, name), png(shape, samples.subarray(i * size, (i + 1) * size)));
  }
}

/** Rows of bytes or numbers. */
interface Beside {
  readonly shape: readonly number[];
  readonly values: Uint8Array | Float32Array;
}

/** What is trained, and on what. */
export interface Recipe {
  readonly create: () => Pick<Gan, 'trainer' | 'dispose'>;
  readonly sampleShape: readonly number[];
  readonly classes?: number;
  /** What the data have beside the samples, by name: other tensors, or a second set. */
  readonly beside?: Readonly<Record<string, Beside>> | undefined;
  /** Whether they are a set of its own, and the samples are the set `a`. */
  readonly isUnpaired?: boolean;
  /** The range of samples, if not that of tanh. */
  readonly valueRange?: readonly [low: number, high: number];
  /** Whether Python reads the data from an IDX file, or from a folder of PNG files. */
  readonly from?: 'idx' | 'png';
  /** Steps before and in PyTorch. */
  readonly first?: number;
  readonly more?: number;
}

/** A run of some steps in a folder, and what it would be some steps later. */
export interface PreparedRun {
  readonly folder: string;
  readonly recipe: Recipe;
  readonly until: number;
  readonly expected: TrainerSnapshot;
}

export const batchSize = 16;

export function datasetOf(recipe: Recipe): Dataset {
  const { sampleShape, classes, beside, isUnpaired, valueRange } = recipe;
  const values = samplesOf(sampleShape);
  const labels = classes === undefined ? undefined : labelsOf(classes);
  const samples = datasetFromArray(values, { name: 'waves', sampleShape, labels, valueRange });
  if (beside === undefined) return samples;
  const others = Object.fromEntries(
    Object.entries(beside).map(([name, { shape, values }]) => {
      return [name, datasetFromArray(values, { sampleShape: shape })];
    }),
  );
  return isUnpaired === true ? unpaired({ a: samples, ...others }) : paired({ samples, ...others });
}

/** A vector for each of eighty samples. */
export function vectorsOf(length: number): Beside {
  return { shape: [length], values: new Random(6).uniformArray(80 * length, -1, 1) };
}

/** Pictures that are not those of the samples. */
export function picturesOf(shape: readonly number[], count = 80): Beside {
  return { shape, values: samplesOf(shape, count).map((byte) => 255 - byte) };
}

function labelsOf(classes: number): Uint8Array {
  return Uint8Array.from({ length: 80 }, (_, i) => (i * 7) % classes);
}

/** Trains a few steps, writes a checkpoint and the program beside it, and trains on. */
export async function prepareRun(folder: string, recipe: Recipe): Promise<PreparedRun> {
  const { first = 3, more = 20 } = recipe;
  const data = datasetOf(recipe);
  const gan = recipe.create();
  try {
    const callbacks = [checkpoint(directoryStore(folder), { every: { steps: 1000 } })];
    await gan.trainer.fit(data, { until: { steps: first }, batchSize, callbacks });
    const files = await exportTorchTraining(gan.trainer, { dataset: data });
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    const { sampleShape, classes, beside = {} } = recipe;
    const [shape, samples] = [[80, ...sampleShape], samplesOf(sampleShape)];
    await writeFile(join(folder, 'samples.npy'), npy(shape, samples));
    await writeFile(join(folder, 'samples.idx.gz'), idx(shape, samples));
    if (recipe.from === 'png') await writePictures(join(folder, 'samples'), sampleShape, samples);
    if (classes !== undefined) {
      await writeFile(join(folder, 'labels.npy'), npy([80], labelsOf(classes)));
    }
    for (const [name, { shape, values }] of Object.entries(beside)) {
      const rows = values.length / shape.reduce((product, side) => product * side, 1);
      await writeFile(join(folder, `${name}.npy`), npy([rows, ...shape], values));
      if (recipe.from === 'png')
        await writePictures(join(folder, name), shape, values as Uint8Array);
    }
    const until = first + more;
    if (more > 0) await gan.trainer.fit(data, { until: { steps: until }, batchSize });
    return { folder, recipe, until, expected: await gan.trainer.snapshot() };
  } finally {
    gan.dispose();
  }
}

/** The same run in another folder. */
export async function copyRun(run: PreparedRun, folder: string): Promise<PreparedRun> {
  await rm(folder, { recursive: true, force: true });
  await cp(run.folder, folder, { recursive: true });
  return { ...run, folder };
}

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Debian's PyTorch 1.13 cannot redirect with Python 3.11 in another way. */
const torchrun = ['-m', 'torch.distributed.run', '--redirects', '1', '--tee', '1'];

/** Names of the data of runs that are not NumPy files. */
const inFiles = { idx: 'samples.idx.gz', png: 'samples' } as const;

/** The arguments of `train.py` for a run. */
export function argumentsOf({ folder, recipe, until }: PreparedRun): string[] {
  const file = recipe.from === undefined ? 'samples.npy' : inFiles[recipe.from];
  return [
    ...['--data', join(folder, file), '--until', String(until)],
    ...(recipe.classes === undefined ? [] : ['--labels', join(folder, 'labels.npy')]),
    ...Object.keys(recipe.beside ?? {}).flatMap((name) => [
      `--${name}`,
      join(folder, recipe.from === 'png' ? name : `${name}.npy`),
    ]),
  ];
}

/** Runs `train.py` of a run: one process, or as many as torchrun starts. */
export async function train(
  run: PreparedRun,
  {
    given = [],
    processes = 1,
    launcher = [],
    starter = [],
    wrapper = [],
    env = {},
    onStep,
  }: {
    readonly given?: readonly string[];
    readonly processes?: number;
    readonly launcher?: readonly string[];
    /** A program that starts the processes, such as srun. */
    readonly starter?: readonly string[];
    /** A program of Python that runs `train.py`. */
    readonly wrapper?: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
    /** Called with each step that process 0 prints, and the id of the program. */
    readonly onStep?: (step: number, pid: number) => void;
  } = {},
): Promise<Ended> {
  // With --standalone, two launchers on a machine would share one port.
  const meeting = ['--rdzv_backend', 'c10d', '--rdzv_endpoint', `127.0.0.1:${await freePort()}`];
  const many = [...torchrun, ...meeting, ...launcher, '--nproc_per_node', String(processes)];
  const program = [...wrapper, join(run.folder, 'train.py'), ...argumentsOf(run), ...given];
  const words = [...starter, '/usr/bin/python3', ...(processes === 1 ? [] : many), ...program];
  const child = spawn(words[0]!, words.slice(1), {
    env: { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1', ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += String(chunk);
    for (const [, step] of String(chunk).matchAll(/"step": (\d+)/g))
      onStep?.(Number(step), child.pid!);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return { code, stdout, stderr };
}

/** The state in a folder of a run, as a trainer restores it. */
export async function restored({ folder, recipe }: PreparedRun): Promise<TrainerSnapshot> {
  const gan = recipe.create();
  try {
    await gan.trainer.restore(directoryStore(folder));
    return await gan.trainer.snapshot();
  } finally {
    gan.dispose();
  }
}

/** The largest difference of two records of arrays, relative to the largest number of each array if that exceeds 1. */
export function difference(wanted: NamedArrays, got: NamedArrays): number {
  expect(Object.keys(got)).toEqual(Object.keys(wanted));
  const each = Object.entries(wanted).map(([name, { values }]) => {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const distances = values.map((value, i) => Math.abs(value - got[name]!.values[i]!));
    return distances.reduce((most, distance) => (distance <= most ? most : distance), 0) / largest;
  });
  return Math.max(0, ...each);
}

/**
 * Weights within 1e-6, moments of optimizers within 1e-4 of the largest one in their array.
 *
 * @param ofParts - Bound of averages, constraints and slots.
 */
export function expectSameState(
  wanted: TrainerSnapshot,
  got: TrainerSnapshot,
  ofParts: number,
): void {
  for (const network of Object.keys(wanted.networks) as 'generator'[]) {
    expect(difference(wanted.networks[network], got.networks[network])).toBeLessThan(1e-6);
    const { slots } = wanted.optimizers[network];
    const gotSlots = got.optimizers[network].slots;
    expect(difference(slots, gotSlots)).toBeLessThan(1e-5);
    const away = Object.entries(slots).filter(([key, { values }]) => {
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      return values.some((value, i) => {
        return !(Math.abs(value - gotSlots[key]!.values[i]!) <= 1e-4 * largest);
      });
    });
    expect(away.map(([key]) => key)).toEqual([]);
  }
  expect(Object.keys(got.parts)).toEqual(Object.keys(wanted.parts));
  for (const [part, arrays] of Object.entries(wanted.parts)) {
    expect(difference(arrays, got.parts[part]!)).toBeLessThan(ofParts);
  }
}

/** Equal counts and random states; losses and other numbers of steps within 1e-5. */
export function expectSameBooks(wanted: TrainerSnapshot, got: TrainerSnapshot): void {
  const { step, samples, cursor, plan, updates, random, description } = wanted;
  expect(got).toMatchObject({ step, samples, cursor, plan, updates, random, description });
  expect(got.history.epochs.map(({ steps }) => steps)).toEqual(
    wanted.history.epochs.map(({ steps }) => steps),
  );
  const [gotSteps, wantedSteps] = [got, wanted].map(({ history }) => timeless(history.steps));
  const numbers = numbersIn(gotSteps);
  const away = numbersIn(wantedSteps).filter(([path, number], i) => {
    const [gotPath, gotNumber] = numbers[i] ?? ['', NaN];
    return (
      path !== gotPath || !(Math.abs(gotNumber - number) < 1e-5 * Math.max(1, Math.abs(number)))
    );
  });
  expect(away).toEqual([]);
}

/** The numbers of nested records, by their paths. */
function numbersIn(value: unknown, path = ''): [path: string, number: number][] {
  if (typeof value === 'number') return [[path, value]];
  return Object.entries(value as object)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([name, inner]) => numbersIn(inner, `${path}/${name}`));
}

type NamedArrays = TrainerSnapshot['parts'][string];

/** Runs of recipes, each continued by a process of its own. */
export class ContinuedRuns {
  readonly #root: string;
  readonly #runs: ReadonlyMap<string, PreparedRun>;
  /** Messages of those that failed. */
  readonly #ended: Readonly<Record<string, string | null>>;

  private constructor(
    root: string,
    runs: ReadonlyMap<string, PreparedRun>,
    ended: Readonly<Record<string, string | null>>,
  ) {
    this.#root = root;
    this.#runs = runs;
    this.#ended = ended;
  }

  /**
   * Trains all recipes here, and on in PyTorch.
   *
   * @param apart - The recipes whose runs are also copied, to be continued by the test.
   */
  static async of(
    recipes: Readonly<Record<string, Recipe>>,
    ...apart: readonly string[]
  ): Promise<{ readonly runs: ContinuedRuns; readonly copies: readonly PreparedRun[] }> {
    const root = await mkdtemp(join(tmpdir(), 'tfjs-gan-torch-'));
    const runs = new Map<string, PreparedRun>();
    for (const [name, recipe] of Object.entries(recipes)) {
      const run = await prepareRun(join(root, 'runs', String(runs.size)), recipe);
      await writeFile(join(run.folder, 'arguments.json'), JSON.stringify(argumentsOf(run)));
      runs.set(name, run);
    }
    const copies: PreparedRun[] = [];
    for (const name of apart) {
      copies.push(await copyRun(runs.get(name)!, join(root, `copy-${copies.length}`)));
    }
    const ended = JSON.parse(runPython('run_training.py', join(root, 'runs'))) as Record<
      string,
      string | null
    >;
    return { runs: new ContinuedRuns(root, runs, ended), copies };
  }

  /** The run of a recipe. */
  run(name: string): PreparedRun {
    return this.#runs.get(name)!;
  }

  /** Why PyTorch did not continue a run; null if it did. */
  errorOf(name: string): string | null | undefined {
    return this.#ended[[...this.#runs.keys()].indexOf(name)];
  }

  async remove(): Promise<void> {
    await rm(this.#root, { recursive: true });
  }
}

/**
 * Compares a run that PyTorch continued with what the trainer reaches.
 *
 * @param ofParts - As of {@link expectSameState}.
 */
export async function expectContinued(run: PreparedRun, ofParts = 1e-6): Promise<void> {
  const got = await restored(run);
  expectSameState(run.expected, got, ofParts);
  expectSameBooks(run.expected, got);
}

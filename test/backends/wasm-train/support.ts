import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { wasmTrain } from '../../../src/backends/wasm-train/index.ts';
import { WasmTrainBackend } from '../../../src/backends/wasm-train/wasm-train-backend.ts';

/** The running backend; activates it if needed. */
export async function startedBackend(): Promise<WasmTrainBackend> {
  await wasmTrain().activate();
  return currentBackend();
}

/** Has the tests of a file, or of a `describe`, run on `wasm-train`. */
export function onWasmTrain(): void {
  beforeAll(async () => {
    await startedBackend();
  });
}

/** The current backend, which must be `wasm-train`. */
export function currentBackend(): WasmTrainBackend {
  const backend = tf.backend();
  if (!(backend instanceof WasmTrainBackend)) throw new TypeError('wasm-train is not active');
  return backend;
}

/**
 * Runs each test of a file in its own scope, on a backend that must hold no more memory after it
 * than before.
 *
 * @returns A function that returns the backend while a test runs.
 */
export function leavingNothingBehind(): () => WasmTrainBackend {
  let backend: WasmTrainBackend;
  let before: { readonly bytes: number; readonly dataIds: number };
  const held = (): typeof before => ({
    bytes: backend.pool.bytesInUse,
    dataIds: backend.numDataIds(),
  });

  beforeEach(async () => {
    backend = await startedBackend();
    before = held();
    tf.engine().startScope();
  });

  afterEach(async () => {
    await tf.setBackend('wasm-train');
    tf.engine().endScope();
    expect(held()).toEqual(before);
  });

  return () => backend;
}

/** Whether a kernel of this backend created a tensor (or read it since), not an inherited one. */
export function isResident(tensor: tf.Tensor): boolean {
  return currentBackend().data.get(tensor.dataId).isResident;
}

interface Outcome {
  readonly shape: number[];
  readonly dtype: string;
  readonly values: ArrayLike<number>;
  readonly resident: boolean;
}

async function outcomeOn(
  backendName: string,
  compute: () => tf.Tensor | tf.Tensor[],
): Promise<Outcome[]> {
  await tf.setBackend(backendName);
  const results = [tf.tidy(compute)].flat();
  const outcomes = results.map((tensor) => ({
    shape: tensor.shape,
    dtype: tensor.dtype,
    values: tensor.dataSync(),
    resident: backendName === 'wasm-train' && isResident(tensor),
  }));
  tf.dispose(results);
  return outcomes;
}

interface Tolerance {
  /** Maximum difference relative to cpu's value. */
  readonly relative?: number;
  /** Maximum difference if cpu's value is about zero. */
  readonly absolute?: number;
  /** Whether a kernel of this backend must run; false for the cases left to cpu. */
  readonly ours?: boolean;
}

/** Computes the same on cpu and on wasm-train, and expects the same shape, type and values. */
export async function expectAsOnCpu(
  compute: () => tf.Tensor | tf.Tensor[],
  { relative = 1e-5, absolute = 1e-6, ours = true }: Tolerance = {},
): Promise<void> {
  const wanted = await outcomeOn('cpu', compute);
  const got = await outcomeOn('wasm-train', compute);
  expect(got.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual(
    wanted.map(({ shape, dtype }) => ({ shape, dtype })),
  );
  for (const [index, outcome] of got.entries()) {
    expect(outcome.resident || !ours, 'made by a kernel of ours').toBe(true);
    const reference = wanted[index]?.values ?? [];
    expect(outcome.values.length).toBe(reference.length);
    for (let at = 0; at < reference.length; at++) {
      const a = outcome.values[at] ?? Number.NaN;
      const b = reference[at] ?? Number.NaN;
      // A tolerance relative to an infinity would allow every number, so infinities must be equal.
      const difference = Object.is(a, b) || a === b ? 0 : Math.abs(a - b);
      const allowed = Number.isFinite(b) ? Math.max(absolute, relative * Math.abs(b)) : 0;
      if (difference <= allowed) continue;
      expect.fail(`value ${at}: wasm-train returns ${a}, cpu returns ${b}`);
    }
  }
}

/** Values from a seed, in −range…range. */
export function noise(count: number, seed: number, range = 2): Float32Array {
  let state = seed | 1;
  return Float32Array.from({ length: count }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    return (((state ^ (state >>> 13)) >>> 0) / 2 ** 31 - 1) * range;
  });
}

/** A float tensor of noise. */
export function noisy(shape: readonly number[], seed: number, range = 2): tf.Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(noise(size, seed, range), [...shape]);
}

/** Shapes of rank 0 to 5 with sides of 1 to 9: odd, even, and below and above a vector. */
export const shapes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 9 }), {
  maxLength: 5,
});

/** Two shapes that broadcast against each other. */
export const broadcastable: fc.Arbitrary<[number[], number[]]> = fc
  .array(
    fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      kind: fc.constantFrom('both', 'first', 'second'),
    }),
    { maxLength: 6 },
  )
  .chain((axes) => {
    const a = axes.map(({ size, kind }) => (kind === 'second' ? 1 : size));
    const b = axes.map(({ size, kind }) => (kind === 'first' ? 1 : size));
    // Leading ones may be left out.
    const cut = (shape: number[], count: number): number[] => {
      const ones = shape.findIndex((side) => side !== 1);
      return shape.slice(Math.min(count, ones === -1 ? shape.length : ones));
    };
    return fc
      .tuple(fc.nat(6), fc.nat(6))
      .map(([first, second]): [number[], number[]] => [cut(a, first), cut(b, second)]);
  });

import { beforeEach, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';
import {
  convolutionOf,
  forwardTable,
  writeGatherTable,
} from '../../../../src/backends/wasm-train/kernels/convolution.ts';
import { packedBytes } from '../../../../src/backends/wasm-train/kernels/packed-bytes.ts';
import type { WasmTrainBackend } from '../../../../src/backends/wasm-train/wasm-train-backend.ts';
import { wasmKernel } from '../../../../src/backends/wasm-train/wasm-kernel.ts';
import type { KernelCall } from '../../../../src/backends/wasm-train/wasm-kernel.ts';
import { noise, startedBackend } from '../support.ts';

const inputShape = [7, 9, 8, 6];
const filterShape = [3, 3, 6, 19];
const outputCount = 7 * 5 * 4 * 19;
const filterCount = 3 * 3 * 6 * 19;

const sizes = convolutionOf(inputShape, filterShape, {
  strides: 2,
  pad: 'same',
  dataFormat: 'NHWC',
});
if (sizes === undefined) throw new Error('the sizes of the test are those of a convolution');
const convolution = sizes;

let backend: WasmTrainBackend;
beforeEach(async () => {
  backend = await startedBackend();
});

/** Runs `work` as a kernel, and returns the values at the address it returns. */
function inKernel(count: number, work: (call: KernelCall) => number): Float32Array {
  let values = new Float32Array();
  const kernel = wasmKernel('Test', (call: KernelCall) => {
    values = call.view('float32', work(call), count).slice();
    return [];
  });
  backend.run(kernel, {}, undefined);
  return values;
}

/** The address of noise. */
function filled(call: KernelCall, count: number, seed: number): number {
  const address = call.scratch(count * 4);
  call.view('float32', address, count).set(noise(count, seed));
  return address;
}

/** The address of zeros, as start values of a row of sums. */
function zeroRow(call: KernelCall): number {
  const address = call.scratch(24 * 4);
  call.wasm.fillFloats(address, 24, 0);
  return address;
}

type Ranges = readonly (readonly [first: number, last: number])[];

function forward(ranges: (tiles: number) => Ranges): Float32Array {
  return inKernel(outputCount, (call) => {
    const x = filled(call, tf.util.sizeFromShape(inputShape), 1);
    const filter = filled(call, filterCount, 2);
    const y = call.scratch(outputCount * 4);
    const packed = call.scratch(packedBytes(54, 19));
    const scratch = call.scratch(call.wasm.gatherScratch());
    const start = zeroRow(call);
    const table = writeGatherTable(call, forwardTable(convolution, x, y));
    call.wasm.packMatrix(packed, filter, 19, 1, 54, 19, 54);
    for (const [first, last] of ranges(Math.ceil(outputCount / 19 / 5))) {
      call.wasm.gatherMultiply(table, packed, start, 19, first, last, scratch);
    }
    return y;
  });
}

function filterGradient(ranges: (tiles: number) => Ranges): Float32Array {
  return inKernel(filterCount, (call) => {
    const x = filled(call, tf.util.sizeFromShape(inputShape), 1);
    const dy = filled(call, outputCount, 3);
    const result = call.scratch(filterCount * 4);
    const scratch = call.scratch(call.wasm.filterGradientScratch(19));
    const zeros = zeroRow(call);
    const table = writeGatherTable(call, forwardTable(convolution, x, dy));
    for (const [first, last] of ranges(call.wasm.filterGradientTiles(table))) {
      call.wasm.filterGradient(table, result, zeros, 19, first, last, scratch);
    }
    return result;
  });
}

const whole = (tiles: number): Ranges => [[0, tiles]];

/** As threads may take them: uneven parts, not in order. */
const parts = (tiles: number): Ranges => [
  [3, tiles - 1],
  [tiles - 1, tiles],
  [0, 1],
  [1, 3],
];

describe('gatherMultiply', () => {
  test('returns the same bits at once and in parts', () => {
    expect(forward(parts)).toEqual(forward(whole));
  });
});

describe('filterGradient', () => {
  test('returns the same bits at once and in parts', () => {
    expect(filterGradient(parts)).toEqual(filterGradient(whole));
  });
});

describe('convolutionOf', () => {
  const attributes = { strides: 1, pad: 'valid', dataFormat: 'NHWC' } as const;

  test('leaves channels-first and empty tensors to cpu', () => {
    expect(convolutionOf([1, 4, 4, 2], [3, 3, 2, 5], attributes)).toBeDefined();
    expect(
      convolutionOf([1, 2, 4, 4], [3, 3, 2, 5], { ...attributes, dataFormat: 'NCHW' }),
    ).toBeUndefined();
    expect(convolutionOf([0, 4, 4, 2], [3, 3, 2, 5], attributes)).toBeUndefined();
    expect(convolutionOf([1, 2, 4, 2], [3, 3, 2, 5], attributes)).toBeUndefined();
    expect(convolutionOf([1, 4, 4, 0], [3, 3, 0, 5], attributes)).toBeUndefined();
  });
});

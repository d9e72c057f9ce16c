import { describe, expect, test } from 'vitest';
import { kernelBytes, patched } from '../../../src/backends/wasm-train/kernel-bytes.ts';

describe('patched', () => {
  test('keeps, drops and adds bytes, step by step', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5);
    expect([...patched(bytes, '1~2~-u2|1~0~*|1~0~')]).toEqual([1, 10, 255, 4, 7, 5]);
  });
});

describe('kernelBytes', () => {
  test('returns a module that every engine with SIMD compiles, and another with more instructions', async () => {
    const plain = kernelBytes('plain');
    await expect(WebAssembly.compile(plain)).resolves.toBeInstanceOf(WebAssembly.Module);
    const relaxed = kernelBytes('relaxed');
    expect([...relaxed.subarray(0, 8)]).toEqual([0, 97, 115, 109, 1, 0, 0, 0]);
    expect(relaxed).not.toEqual(plain);
  });
});

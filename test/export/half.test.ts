import { describe, expect, test } from 'vitest';
import { encodeSafetensors, decodeSafetensors } from 'tfjs-gan';
import { toHalves } from '../../src/export/onnx/half.ts';

/** Every half there is, as a safetensors file reads it: another program's files test that reader. */
function allHalves(): Float32Array {
  const bytes = encodeSafetensors({ x: { shape: [2 ** 15], values: new Float32Array(2 ** 15) } });
  const text = new TextDecoder('latin1').decode(bytes.subarray(0, 200)).split('}}')[0]!.slice(8);
  const header = `${text.replace('"F32"', '"F16"').replace('[32768]', '[65536]')}}}`.padEnd(
    bytes.length - 8 - 2 ** 17,
  );
  bytes.set(new TextEncoder().encode(header), 8);
  new Uint16Array(bytes.buffer, bytes.length - 2 ** 17).set(
    Uint16Array.from({ length: 2 ** 16 }, (_, i) => i),
  );
  return decodeSafetensors(bytes).tensors['x']!.values as Float32Array;
}

describe('toHalves', () => {
  test('gives back each half that a float came from', () => {
    const back = toHalves(allHalves());
    const isNumber = (half: number): boolean => (half & 0x7fff) <= 0x7c00;
    const wrong = [...back].filter((half, i) => isNumber(i) && half !== i);
    expect(wrong).toEqual([]);
    // What is no number stays none.
    expect([...back].every((half, i) => isNumber(half) === isNumber(i))).toBe(true);
  });

  test('rounds to the nearest of two neighbors, and between them to the even one', () => {
    const halves = allHalves();
    const wrong: number[] = [];
    for (let half = 0; half < 0x7bff; half += 1) {
      const [low, high] = [halves[half]!, halves[half + 1]!];
      const middle = (low + high) / 2;
      const [below, above] = [middle - (high - low) / 8, middle + (high - low) / 8];
      const got = toHalves(Float32Array.of(below, middle, above, -middle));
      const even = half % 2 === 0 ? half : half + 1;
      if (String([...got]) !== String([half, even, half + 1, even | 0x8000])) wrong.push(half);
    }
    expect(wrong).toEqual([]);
  });

  test('gives infinity to what is beyond the largest half', () => {
    expect([...toHalves(Float32Array.of(65_519, 65_520, -1e30, Infinity))]).toEqual([
      0x7bff, 0x7c00, 0xfc00, 0x7c00,
    ]);
  });
});

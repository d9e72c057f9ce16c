import type { io } from '@tensorflow/tfjs';
import { DataFormatError } from '../core/errors.ts';

type Spec = io.WeightsManifestEntry;

const bytesOf: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  uint8: 1,
  uint16: 2,
  float16: 2,
};

/**
 * Refuses invalid weight specs, and two specs with one name: TensorFlow.js would lose the first of
 * them.
 *
 * @internal
 */
export function checkWeightSpecs(action: string, file: string, specs: unknown): void {
  const refuse = (actual: string): DataFormatError =>
    new DataFormatError(
      'model.json',
      `Cannot ${action}: ${file} must describe each weight by its name, shape and dtype, got ${actual}`,
    );
  if (!Array.isArray(specs)) throw refuse('no list of weights');
  const names = new Set<string>();
  for (const spec of specs as Partial<Spec>[]) {
    const { name, shape, dtype } = spec ?? {};
    const isSound =
      typeof name === 'string' &&
      typeof dtype === 'string' &&
      Array.isArray(shape) &&
      shape.every((size) => Number.isSafeInteger(size) && size >= 0);
    if (!isSound) throw refuse(JSON.stringify(spec));
    if (names.has(name)) throw refuse(`two named '${name}'`);
    names.add(name);
  }
}

/** Number of bytes of weights in a file; `undefined` if it depends on the data, as for strings. */
function weightBytes(specs: readonly Spec[]): number | undefined {
  let sum = 0;
  for (const { shape, dtype, quantization } of specs) {
    const bytes = bytesOf[quantization?.dtype ?? dtype];
    if (bytes === undefined) return undefined;
    sum += bytes * shape.reduce((product, size) => product * size, 1);
  }
  return sum;
}

/**
 * Refuses weights whose length differs from their specs.
 *
 * @param actual - The number of bytes.
 * @param names - The source of the bytes and that of the specs, both quoted.
 *
 * @internal
 */
export function checkWeightBytes(
  action: string,
  actual: number,
  specs: readonly Spec[],
  { files, stated }: { readonly files: string; readonly stated: string },
): void {
  const wanted = weightBytes(specs);
  if (wanted === undefined || actual === wanted) return;
  throw new DataFormatError(
    'model.json',
    `Cannot ${action}: ${files} must have ${wanted} bytes, as ${stated} states, got ${actual}. ` +
      (actual < wanted ? 'The file may be truncated' : 'The two may not belong together'),
  );
}

/** @internal */
export function byteLengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
/**
 * Refuses the page that servers of single-page applications return for a missing file.
 *
 * @internal
 */
export function checkNoPage(action: string, file: string, bytes: Uint8Array): void {
  const start = String.fromCharCode(...bytes.subarray(0, 64));
  if (!/^(ï»¿)?\s*<(!doctype html|html|head)/i.test(start)) return;
  throw new DataFormatError(
    'model.json',
    `Cannot ${action}: ${file} must be a file of a model, got an HTML page. ` +
      'Servers return one for a missing file: check the address, and that model.json and its weights are there',
  );
}

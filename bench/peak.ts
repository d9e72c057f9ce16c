/**
 * The most that one thread of this machine computes with WebAssembly's SIMD: multiplications and additions in registers alone, no memory touched.
 * The speed of kernels is stated as a share of it.
 */
import asc from 'assemblyscript/asc';
import { withRelaxedSimd } from '../src/backends/wasm-train/relaxed-simd.ts';

/** Rows and columns of tiles of sums; which one fits the processor's registers best is not known beforehand. */
const tiles = [
  [3, 2],
  [4, 2],
  [3, 3],
] as const;
const rounds = 400_000;

type Tile = (typeof tiles)[number];

/** A product of matrices without its loads. The sum of all keeps the compiler from leaving any out. */
function source([height, width]: Tile, relaxed: boolean): string {
  const rows = Array.from({ length: height }, (_, i) => `row${i}`);
  const columns = Array.from({ length: width }, (_, i) => `column${i}`);
  const sums = rows.flatMap((row) => columns.map((column) => [row, column, `${row}${column}`]));
  const values = [...rows, ...columns, ...sums.map(([, , sum]) => sum!)];
  const steps = sums.map(([row, column, sum]) =>
    relaxed
      ? `${sum} = f32x4.relaxed_madd(${row}, ${column}, ${sum});`
      : `${sum} = f32x4.add(${sum}, f32x4.mul(${row}, ${column}));`,
  );
  return `
    export function run(rounds: i32, start: f32): f32 {
      ${values.map((value, i) => `let ${value} = f32x4.splat(start + ${i});`).join('\n')}
      for (let i = 0; i < rounds; i++) {
        ${rows.map((row) => `${row} = f32x4.add(${row}, column0);`).join(' ')}
        ${steps.join(' ')}
      }
      return f32x4.extract_lane(${values.reduce((sum, value) => `f32x4.add(${sum}, ${value})`)}, 0);
    }`;
}

/**
 * Measures the peak.
 *
 * @param flavour - Multiply and add as two instructions, or as relaxed SIMD's one.
 * @returns GFLOP/s of the fastest tile.
 */
export async function peakGflops(flavour: 'plain' | 'relaxed'): Promise<number> {
  const speeds: number[] = [];
  for (const tile of tiles) speeds.push(await gflopsOf(tile, flavour === 'relaxed'));
  return Math.max(...speeds);
}

async function gflopsOf(tile: Tile, relaxed: boolean): Promise<number> {
  const run = await compile(source(tile, relaxed), relaxed);
  let best = Infinity;
  // The first runs are those of the engine's first, slow code.
  for (let i = 0; i < 300; i++) {
    const begin = performance.now();
    run(rounds, 1);
    best = Math.min(best, performance.now() - begin);
  }
  const [height, width] = tile;
  // Four lanes; a product and a sum for each place of the tile, and a sum that changes each row.
  return (rounds * 4 * (2 * height * width + height)) / best / 1e6;
}

async function compile(
  text: string,
  relaxed: boolean,
): Promise<(rounds: number, start: number) => number> {
  const files = new Map<string, string | Uint8Array>();
  const { error } = await asc.main(
    [
      ...['peak.ts', '--outFile', 'peak.wasm', '--runtime', 'stub', '-O3', '--noAssert'],
      ...['--enable', 'simd', ...(relaxed ? ['--enable', 'relaxed-simd'] : [])],
    ],
    {
      readFile: (name) => (name === 'peak.ts' ? text : null),
      writeFile: (name, contents) => void files.set(name, contents),
    },
  );
  const binary = files.get('peak.wasm');
  if (error !== null || !(binary instanceof Uint8Array)) {
    throw new Error('Cannot measure the peak: its loop did not compile', { cause: error });
  }
  const module = withRelaxedSimd(() => new WebAssembly.Module(binary as Uint8Array<ArrayBuffer>));
  return new WebAssembly.Instance(module).exports['run'] as (
    rounds: number,
    start: number,
  ) => number;
}

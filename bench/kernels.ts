/**
 * Speed of the products that a DCGAN's training step is made of, on one thread of `wasm-train`.
 *
 *     npm run bench -- kernels              a table
 *     npm run bench -- kernels --json       one JSON object
 *     npm run bench -- kernels --rounds 15  more rounds (default 7)
 *     npm run bench -- kernels --relaxed    by relaxed SIMD
 *
 * Every round measures each product once, so that a busy moment of the machine falls on all of them alike; the
 * figure is the median over the rounds. Operations are counted as 2 · batch · height · width · taps · channels in · channels out, taps
 * that fall on padding included, for all three directions.
 */
import * as tf from '@tensorflow/tfjs';
import { wasmTrain } from 'tfjs-gan/backends/wasm-train';
import { peakGflops } from './peak.ts';
import { median } from './shared/median.ts';
import { readOptions } from './shared/options.ts';
import { table } from './shared/table.ts';

interface Product {
  readonly name: string;
  readonly direction: string;
  readonly operations: number;
  /** Runs it once, and frees what it creates. */
  readonly run: () => void;
}

const batch = 64;
const { json, rounds, relaxed } = readOptions({ json: false, rounds: 7, relaxed: false });
const simd = relaxed ? 'relaxed' : 'plain';

/** A convolution as the discriminator sees it; a transposed one is its input gradient. */
type ConvolutionShape = readonly [
  name: string,
  size: number,
  channelsIn: number,
  channelsOut: number,
  stride: number,
  transposed: boolean,
];

const convolutions: readonly ConvolutionShape[] = [
  ['convT 7→14 128→128', 14, 128, 128, 2, true],
  ['convT 14→28 128→64', 28, 64, 128, 2, true],
  ['convT 28→28 64→1', 28, 1, 64, 1, true],
  ['conv 28→14 1→64', 28, 1, 64, 2, false],
  ['conv 14→7 64→128', 14, 64, 128, 2, false],
];

const denses = [
  { name: 'dense 100→6272', inputs: 100, outputs: 6272 },
  { name: 'dense 6272→1', inputs: 6272, outputs: 1 },
] as const;

function productsOf(shape: ConvolutionShape): Product[] {
  const [name, size, channelsIn, channelsOut, stride, transposed] = shape;
  const filterShape: [number, number, number, number] = [5, 5, channelsIn, channelsOut];
  const filter = tf.randomNormal<tf.Rank.R4>(filterShape, 0, 0.02, 'float32', 1);
  const small = Math.ceil(size / stride);
  const x = tf.randomNormal<tf.Rank.R4>([batch, size, size, channelsIn], 0, 1, 'float32', 2);
  const dy = tf.randomNormal<tf.Rank.R4>([batch, small, small, channelsOut], 0, 1, 'float32', 3);
  const operations = 2 * batch * small * small * 25 * channelsIn * channelsOut;
  const attributes = { strides: stride, pad: 'same', dataFormat: 'NHWC' };
  const kernel = (kernelName: string, inputs: tf.NamedTensorMap, more: tf.NamedAttrMap) => () => {
    complete(() =>
      tf.engine().runKernel<tf.Tensor>(kernelName, inputs, { ...attributes, ...more }),
    );
  };
  const along = kernel(tf.Conv2D, { x, filter }, { dilations: 1 });
  const back = kernel(tf.Conv2DBackpropInput, { dy, filter }, { inputShape: x.shape });
  const forFilter = kernel(tf.Conv2DBackpropFilter, { x, dy }, { filterShape });
  return [
    { name, operations, direction: 'forward', run: transposed ? back : along },
    { name, operations, direction: 'input gradient', run: transposed ? along : back },
    { name, operations, direction: 'filter gradient', run: forFilter },
  ];
}

/** Runs a product and looks at a value of it: gradients of filters and weights are computed no earlier. */
function complete(product: () => tf.Tensor): void {
  tf.tidy(() => {
    const result = product();
    tf.slice(result, Array<number>(result.rank).fill(0), Array<number>(result.rank).fill(1));
  });
}

function matrixProduct(
  name: string,
  direction: string,
  [m, k, n]: readonly [number, number, number],
  transposeA = false,
  transposeB = false,
): Product {
  const a = tf.randomNormal<tf.Rank.R2>(transposeA ? [k, m] : [m, k], 0, 1, 'float32', 4);
  const b = tf.randomNormal<tf.Rank.R2>(transposeB ? [n, k] : [k, n], 0, 1, 'float32', 5);
  const run = (): void => {
    complete(() => tf.matMul(a, b, transposeA, transposeB));
  };
  return { name, direction, operations: 2 * m * n * k, run };
}

function densesOf({ name, inputs, outputs }: (typeof denses)[number]): Product[] {
  return [
    matrixProduct(name, 'forward', [batch, inputs, outputs]),
    matrixProduct(name, 'input gradient', [batch, outputs, inputs], false, true),
    matrixProduct(name, 'filter gradient', [inputs, batch, outputs], true),
  ];
}

/** Milliseconds of one run, from as many as fill about twenty. */
function time(product: Product, repeats: number): number {
  const start = performance.now();
  for (let i = 0; i < repeats; i++) product.run();
  return (performance.now() - start) / repeats;
}

/** Milliseconds of each product. */
function measure(products: readonly Product[]): number[] {
  const repeats = products.map((product) => {
    // The first runs compile the kernel's final code.
    const once = Math.min(...[0, 1, 2].map(() => time(product, 1)));
    return Math.max(1, Math.ceil(20 / once));
  });
  const times = products.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, product] of products.entries()) {
      times[i]!.push(time(product, repeats[i]!));
    }
  }
  return times.map(median);
}

const peak = await peakGflops(simd);
await wasmTrain({ threads: 1, simd }).activate();
const products = [
  matrixProduct('packed GEMM', '1024 × 1024 × 1024', [1024, 1024, 1024]),
  ...densesOf(denses[0]),
  ...convolutions.flatMap(productsOf),
  ...densesOf(denses[1]),
];
const results = measure(products).map((milliseconds, i) => {
  const { name, direction, operations } = products[i]!;
  return { name, direction, milliseconds, gflopsPerSecond: operations / milliseconds / 1e6 };
});
if (json) {
  console.log(JSON.stringify({ batch, rounds, node: process.version, simd, peak, results }));
} else {
  console.log(
    `batch ${batch}, medians of ${rounds} rounds, Node ${process.version}, ${simd} SIMD; registers alone: ${peak.toFixed(1)} GFLOP/s\n`,
  );
  const gemm = results[0]!.gflopsPerSecond;
  console.log(
    table(
      ['product', 'direction', 'ms', 'GFLOP/s', '÷ packed GEMM', '÷ peak'],
      results.map(({ name, direction, milliseconds, gflopsPerSecond: speed }) => [
        ...[name, direction, milliseconds.toFixed(3), speed.toFixed(1)],
        ...[(speed / gemm).toFixed(2), (speed / peak).toFixed(2)],
      ]),
    ),
  );
}

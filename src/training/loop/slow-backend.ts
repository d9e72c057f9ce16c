import * as tf from '@tensorflow/tfjs';
import { leafLayers } from '../../models/layers-model.ts';

/**
 * Multiply-adds per second of tfjs's cpu backend in a convolution, measured on one 2024 server
 * core.
 */
const cpuFlopsPerSecond = 3e7;

/** Cost of a step for each network, forward and backward, in units of one forward pass. */
const passesPerStep = 8;

/** The warning tells the length of longer steps, in seconds. */
const shortStep = 1;

/**
 * A small WebAssembly module with SIMD, which wasm-train needs: a function that returns the
 * `i8x16.popcnt` of a splat. The kernels would tell as well, but importing them here would add them
 * to every bundle.
 */
const simdModule = [
  ...[0, 97, 115, 109, 1, 0, 0, 0], // \0asm, version 1
  ...[1, 5, 1, 96, 0, 1, 123], // a type: () → v128
  ...[3, 2, 1, 0], // a function of that type
  ...[10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11], // i32.const 0, i8x16.splat, i8x16.popcnt, end
];

let warned = false;

/**
 * Warns, once in a process, when convolutions are about to be trained on tfjs's cpu backend though
 * wasm-train could run.
 *
 * @internal
 */
export function warnAboutSlowBackend(models: readonly tf.LayersModel[], batchSize: number): void {
  if (warned || tf.getBackend() !== 'cpu' || !couldRunWasmTrain()) return;
  const flops = models.flatMap(leafLayers).reduce((sum, layer) => sum + convolutionFlops(layer), 0);
  if (flops === 0) return;
  warned = true;
  const seconds = (flops * batchSize * passesPerStep) / cpuFlopsPerSecond;
  const length =
    seconds < shortStep ? '' : `, which takes about ${readable(seconds)} a step for these networks`;
  console.warn(
    `tfjs-gan: training convolutions on the cpu backend${length}. ` +
      "Call await useBackend('auto') first: wasm-train can run here, and is many times faster",
  );
}

function couldRunWasmTrain(): boolean {
  return typeof WebAssembly !== 'undefined' && WebAssembly.validate(Uint8Array.from(simdModule));
}

/** Operations of one sample's forward pass; 0 for layers that are not convolutions. */
function convolutionFlops(layer: tf.layers.Layer): number {
  if (!layer.getClassName().startsWith('Conv')) return 0;
  const kernel = layer.weights[0]?.shape ?? [];
  // A shared layer has several inputs; the first is used for all.
  const ends = [layer.getInputAt(0), layer.getOutputAt(0)].map((end) =>
    (end as tf.SymbolicTensor).shape.slice(1, -1),
  );
  // Each weight is used once per pixel: of the output of a plain convolution, of the input of a
  // transposed one.
  const places = ends.map((sides) =>
    sides.reduce<number>((product, side) => product * (side ?? 1), 1),
  );
  return 2 * kernel.reduce<number>((a, b) => a * (b ?? 1), 1) * Math.min(...places);
}

function readable(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}

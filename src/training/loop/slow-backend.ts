import * as tf from '@tensorflow/tfjs';
import { leafLayers } from '../../models/layers-model.ts';

/**
 * Multiply-adds per second of tfjs's cpu backend in a convolution, measured on one 2024 server
 * core.
 */
const cpuFlopsPerSecond = 3e7;

/** Cost of a step for each network, forward and backward, in units of one forward pass. */
const passesPerStep = 8;

/** Shorter steps do not warn. */
const patience = 5;

let warned = false;

/**
 * Warns, once in a process, when convolutions are about to be trained on tfjs's cpu backend.
 *
 * @internal
 */
export function warnAboutSlowBackend(models: readonly tf.LayersModel[], batchSize: number): void {
  if (warned || tf.getBackend() !== 'cpu') return;
  const flops = models.flatMap(leafLayers).reduce((sum, layer) => sum + convolutionFlops(layer), 0);
  const seconds = (flops * batchSize * passesPerStep) / cpuFlopsPerSecond;
  if (seconds < patience) return;
  warned = true;
  console.warn(
    `tfjs-gan: training convolutions on the cpu backend, which takes about ${readable(seconds)} a step for ` +
      `these networks. Call await useBackend('auto') first; it finds a faster one`,
  );
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

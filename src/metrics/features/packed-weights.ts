import * as tf from '@tensorflow/tfjs';
import type { LayerWeights } from './mnist-network.ts';

/**
 * Packs layers into text: kernels in 8 bits with one scale for each output channel, scales and
 * biases in 32 bits.
 *
 * The largest weight of a channel becomes ±127, so the error of a weight is at most 1/254 of it.
 * Scales and biases of all layers come first, then all kernels, little-endian, in base64.
 *
 * @internal
 */
export async function packWeights(layers: readonly LayerWeights[]): Promise<string> {
  const floats: number[] = [];
  const bytes: number[] = [];
  for (const { kernel, bias } of layers) {
    const [weights, biases] = await Promise.all([kernel.data(), bias.data()]);
    const channels = biases.length;
    const largest = new Array<number>(channels).fill(0);
    weights.forEach((weight, i) => {
      largest[i % channels] = Math.max(largest[i % channels]!, Math.abs(weight));
    });
    const scales = largest.map((weight) => Math.fround(weight / 127));
    floats.push(...scales, ...biases);
    weights.forEach((weight, i) => {
      const scale = scales[i % channels]!;
      bytes.push(scale === 0 ? 0 : Math.round(weight / scale) & 0xff);
    });
  }
  const head = new DataView(new ArrayBuffer(4 * floats.length));
  floats.forEach((value, i) => {
    head.setFloat32(4 * i, value, true);
  });
  const all = [...new Uint8Array(head.buffer), ...bytes];
  return btoa(all.map((byte) => String.fromCharCode(byte)).join(''));
}

/** Weights of one layer, independent of any backend. @internal */
export interface LayerNumbers {
  readonly shape: readonly number[];
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** Inverse of {@link packWeights}. @internal */
export function unpackWeights(
  packed: string,
  layers: readonly { readonly shape: readonly number[] }[],
): LayerNumbers[] {
  const text = atob(packed);
  const view = new DataView(Uint8Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
  const channelsOf = (shape: readonly number[]): number => shape.at(-1) ?? 0;
  let float = 0;
  let byte = 8 * layers.reduce((sum, { shape }) => sum + channelsOf(shape), 0);
  const floats = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => view.getFloat32(4 * float++, true));
  return layers.map(({ shape }) => {
    const channels = channelsOf(shape);
    const scales = floats(channels);
    const bias = floats(channels);
    const size = shape.reduce((product, side) => product * side, 1);
    const kernel = Float32Array.from(
      { length: size },
      (_, i) => view.getInt8(byte++) * scales[i % channels]!,
    );
    return { shape, kernel, bias };
  });
}

/** Creates tensors from a layer's weights; the caller owns them. @internal */
export function layerTensors({ shape, kernel, bias }: LayerNumbers): LayerWeights {
  return { kernel: tf.tensor(kernel.slice(), [...shape]), bias: tf.tensor1d(bias.slice()) };
}

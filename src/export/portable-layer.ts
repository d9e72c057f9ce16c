import type { NamedArrays } from '../core/named-arrays.ts';

/**
 * A layer as exporters receive it: settings and arrays, no tensors.
 *
 * @example How a custom layer is written, by its settings
 * ```ts
 * const scaled: OnnxLayer = ({ config }: PortableLayer, [x], graph) =>
 *   graph.op('Mul', [x!, graph.floats({ shape: [], values: Float32Array.of(Number(config['factor'])) })]);
 * ```
 */
export interface PortableLayer {
  /** Its class, such as `Conv2D`. */
  readonly kind: string;
  /** Its name in the model. */
  readonly name: string;
  /** Its settings, as its `getConfig()` returns them. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Its weights by role, such as `kernel`, in the axis order of TensorFlow.js. */
  readonly weights: NamedArrays;
  /** Shape of each input without the batch, channels last. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Shape of the output without the batch, channels last. */
  readonly outputShape: readonly number[];
  /** Prefix of its weights' keys, such as `3.conv2D`; the same for each use of the layer. */
  readonly key: string;
}

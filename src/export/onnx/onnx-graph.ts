import type { NamedArray } from '../../core/named-arrays.ts';

/**
 * A setting of an ONNX operator: an integer, a text, several integers, or a number with a fraction, which is marked.
 *
 * @example The settings of LeakyRelu and of Concat
 * ```ts
 * const slope: OnnxAttribute = { float: 0.2 };
 * const axis: OnnxAttribute = 1;
 * ```
 */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | {
      /** A number with a fraction. */
      readonly float: number;
    };

/**
 * The ONNX graph that a layer is written into. Values have names, which are texts.
 *
 * Images, of 4 axes, are held channels first, `[batch, channels, height, width]`; all other values as TensorFlow.js has them.
 *
 * @example Sine as a layer
 * ```ts
 * const sine: OnnxLayer = (_layer, [x], graph: OnnxGraph) => graph.op('Sin', [x!]);
 * ```
 */
export interface OnnxGraph {
  /**
   * Adds an operator of opset 13 with one output.
   *
   * @param type - Name of the operator, such as `Conv`.
   * @param inputs - Names of its inputs; an empty text for one that is left out.
   * @param attributes - Its settings.
   * @returns Name of its output.
   */
  op(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string;
  /**
   * Adds numbers of 32 bits, such as a layer's weights.
   *
   * @param array - Shape and values.
   * @returns Their name.
   */
  floats(array: NamedArray): string;
  /**
   * Adds integers, such as a shape or axes, as int64.
   *
   * @param values - One axis of them.
   * @returns Their name.
   */
  integers(values: readonly number[]): string;
  /**
   * Adds a weight of the layer with its axes in another order, as float16 if the file is to have it.
   *
   * @param role - What the layer calls it, such as `kernel`.
   * @param order - Axis i of what is written is axis `order[i]` of the weight; as it is if left out.
   * @returns Its name.
   * @throws RangeError if the layer has no such weight.
   */
  weight(role: string, order?: readonly number[]): string;
}

import type { NamedArray } from '../../core/named-arrays.ts';

/**
 * An attribute of an ONNX operator: an integer, a string, a list of integers, or a float, which is
 * tagged.
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
      /** A float. */
      readonly float: number;
    };

/**
 * The ONNX graph that a layer is written into. Values are referenced by name.
 *
 * Images (4 axes) are channels first, `[batch, channels, height, width]`; all other values are as
 * in TensorFlow.js.
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
   * @param inputs - Names of its inputs; an empty string for an omitted input.
   * @param attributes - Its attributes.
   * @returns Name of its output.
   */
  op(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string;
  /**
   * Adds float32 values, such as a layer's weights.
   *
   * @param array - Shape and values.
   * @returns Their name.
   */
  floats(array: NamedArray): string;
  /**
   * Adds integers, such as a shape or axes, as int64.
   *
   * @param values - A vector of integers.
   * @returns Their name.
   */
  integers(values: readonly number[]): string;
  /**
   * Adds a weight of the layer, with optionally transposed axes, as float16 if the file uses it.
   *
   * @param role - Its name in the layer, such as `kernel`.
   * @param order - Axis i of the written array is axis `order[i]` of the weight; unchanged if
   *   omitted.
   * @returns Its name.
   * @throws RangeError if the layer has no such weight.
   */
  weight(role: string, order?: readonly number[]): string;
}

/**
 * Source of a PyTorch weight: its role in the TensorFlow.js layer, and its axis order in PyTorch.
 *
 * @example The kernel of a dense layer, whose axes PyTorch has in the other order
 * ```ts
 * const weight: TorchWeight = { role: 'kernel', order: [1, 0] };
 * ```
 */
export interface TorchWeight {
  /** Its name in the TensorFlow.js layer, such as `kernel`. */
  readonly role: string;
  /**
   * Axis i in PyTorch is axis `order[i]` in TensorFlow.js.
   *
   * @defaultValue unchanged
   */
  readonly order?: readonly number[] | undefined;
  /**
   * Its shape in PyTorch.
   *
   * @defaultValue the shape after `order`
   */
  readonly shape?: readonly number[] | undefined;
  /**
   * Fill value for `shape` if the layer has no such weight.
   *
   * @defaultValue none: the weight is required
   */
  readonly otherwise?: number | undefined;
}

/**
 * The Python class that a layer is written into.
 *
 * @example A layer without weights needs none of it
 * ```ts
 * const sine: TorchLayer = (_layer, [x], _module: TorchModule) => `torch.sin(${x})`;
 * ```
 */
export interface TorchModule {
  /**
   * Adds an attribute for the layer to the class, once even if the layer is used several times.
   *
   * @param name - Name of the attribute, before the position of the layer: `conv` becomes
   *   `self.conv_3`.
   * @param value - Python expression that creates it, such as `nn.Linear(4, 2)`.
   * @param weights - Its weights, by their names in its `state_dict()`; an empty name if the
   *   attribute is a parameter.
   * @returns The attribute, such as `self.conv_3`.
   * @throws RangeError if the layer has other weights.
   */
  member(name: string, value: string, weights: Readonly<Record<string, TorchWeight>>): string;
  /**
   * Adds Python before the class, such as a class or a function that the layer requires; duplicates
   * are added once.
   *
   * @param code - Lines of Python.
   */
  define(code: string): void;
}

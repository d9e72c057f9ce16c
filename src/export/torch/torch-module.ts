/**
 * Where a weight of PyTorch comes from: the role it has in the layer here, and the order of its axes there.
 *
 * @example The kernel of a dense layer, whose axes PyTorch has in the other order
 * ```ts
 * const weight: TorchWeight = { role: 'kernel', order: [1, 0] };
 * ```
 */
export interface TorchWeight {
  /** What the layer calls it here, such as `kernel`. */
  readonly role: string;
  /**
   * Axis i there is axis `order[i]` here.
   *
   * @defaultValue as it is here
   */
  readonly order?: readonly number[] | undefined;
  /**
   * Its shape there.
   *
   * @defaultValue that of the axes in their order
   */
  readonly shape?: readonly number[] | undefined;
  /**
   * A number to fill `shape` with if the layer has no such weight.
   *
   * @defaultValue none: the layer must have it
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
   * Gives the class an attribute for the layer, once for a layer that is used several times.
   *
   * @param name - What the attribute is called, before the place of the layer: `conv` becomes `self.conv_3`.
   * @param value - Python that makes it, such as `nn.Linear(4, 2)`.
   * @param weights - Its weights, by their names in its `state_dict()`; an empty name for an attribute that is a parameter.
   * @returns The attribute, such as `self.conv_3`.
   * @throws RangeError if the layer has other weights.
   */
  member(name: string, value: string, weights: Readonly<Record<string, TorchWeight>>): string;
  /**
   * Adds Python before the class, such as a class or a function that the layer needs; the same text once.
   *
   * @param code - Lines of Python.
   */
  define(code: string): void;
}

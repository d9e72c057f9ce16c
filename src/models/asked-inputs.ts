import type * as tf from '@tensorflow/tfjs';
import { checkOptions } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import { conditionTensor } from './asked-conditions.ts';
import { isCondition, isTensor, presetConditions } from './conditions.ts';
import type { NetworkInput, NetworkInputs } from './network.ts';
import type { Random } from '../core/random.ts';

/**
 * Validates what a caller requests from a generator, by the names of its inputs, and converts it to
 * the inputs of the model.
 *
 * @internal
 */
export class AskedInputs {
  readonly names: readonly string[];
  readonly #model: tf.LayersModel;
  readonly #inputs: NetworkInputs;
  /** The latent input for a tensor without a name, if there is exactly one. */
  readonly #main: string | undefined;

  /**
   * @param model - The generator's.
   * @param inputs - The kind of each input, in the model's order.
   */
  constructor(model: tf.LayersModel, inputs: NetworkInputs) {
    this.#model = model;
    this.#inputs = inputs;
    this.names = Object.keys(inputs);
    this.#main = this.names.find((name) => inputs[name]!.kind === 'latents');
  }

  /** A tensor for each input by name, in the model's order. */
  each(
    make: (input: NetworkInput, shape: readonly number[], name: string) => tf.Tensor,
  ): Record<string, tf.Tensor> {
    return Object.fromEntries(
      this.names.map((name, i) => {
        const shape = this.#model.inputs[i]!.shape.slice(1) as number[];
        return [name, make(this.#inputs[name]!, shape, name)];
      }),
    );
  }

  /**
   * Refuses unknown names, and conditions that the generator does not have.
   *
   * @param action - The action, for the error.
   * @param options - The caller's options.
   * @param own - Names of the call's settings besides conditions.
   */
  checkOptions(action: string, options: object, own: readonly string[]): void {
    const conditions = this.names.filter((name) => isCondition(this.#inputs[name]!));
    const known = [...own, ...conditions];
    const strange = Object.keys(options).find((key) => !known.includes(key));
    if (strange !== undefined && presetConditions.includes(strange)) {
      const cure = { labels: 'classes', condition: 'condition', codes: 'codes' }[strange];
      throw new TypeError(
        `Cannot ${action}: ${strange} must be left out, because this generator takes ` +
          `${conditions.join(', ') || 'no conditions'}, got some. Create and train it with ${cure}`,
      );
    }
    checkOptions(action, options, known);
  }

  /**
   * A tensor for each input, from given values.
   *
   * @param action - The action, for the error.
   * @param asked - Latents, or a value for each input by name.
   * @param options - Conditions, if `asked` is latents alone.
   * @param random - Draws codes that are left out.
   * @throws TypeError if a value is invalid; RangeError if one is missing or has another shape.
   */
  given(
    action: string,
    asked: unknown,
    options: object,
    random: Random,
  ): Record<string, tf.Tensor> {
    const values = this.#byName(action, asked, options);
    const count = this.#rowsOf(action, values);
    return this.each((input, shape, name) => {
      const value = values[name];
      if (!isCondition(input)) return checkTensor(action, name, value, [count, ...shape]);
      if (value !== undefined) {
        return conditionTensor(action, name, input, value, { count, shape, random });
      }
      throw new RangeError(
        `Cannot ${action}: ${name} must be given, got none. Pass { ${this.names.join(', ')} }, or call sample(count), ` +
          'which draws missing values',
      );
    });
  }

  /** Refuses several latent inputs, because a path needs one latent space. */
  checkOneLatents(action: string): void {
    const latents = this.names.filter((name) => this.#inputs[name]!.kind === 'latents');
    if (latents.length === 1) return;
    throw new RangeError(
      `Cannot ${action}: the generator must have one input for latents, got ${latents.join(', ') || 'none'}. ` +
        `Compute the path yourself and call generate({ ${this.names.join(', ')} })`,
    );
  }

  /** The model's label inputs that receive class probabilities instead of integers. */
  shares(tensors: readonly tf.Tensor[]): readonly tf.SymbolicTensor[] {
    return this.#model.inputs.filter((_, i) => {
      const input = this.#inputs[this.names[i]!]!;
      const isLabels = isCondition(input) && input.classes !== undefined;
      return isLabels && tensors[i]!.dtype === 'float32';
    });
  }

  #byName(action: string, asked: unknown, options: object): Readonly<Record<string, unknown>> {
    if (isTensor(asked)) return { ...options, [this.#main ?? 'latents']: asked };
    const isRecord = typeof asked === 'object' && asked !== null && !Array.isArray(asked);
    const unknown = isRecord ? Object.keys(asked).find((key) => !this.names.includes(key)) : '';
    if (isRecord && unknown === undefined) return { ...options, ...asked };
    throw new TypeError(
      `Cannot ${action}: latents must be a tensor, or { ${this.names.join(', ')} }, ` +
        `got ${isRecord ? formatValue(unknown) : formatValue(asked)}`,
    );
  }

  /**
   * The number of requested samples: that of latents, otherwise of rows of the first tensor or
   * list.
   */
  #rowsOf(action: string, values: Readonly<Record<string, unknown>>): number {
    const main = this.#main;
    for (const name of main === undefined ? this.names : [main]) {
      const value = values[name];
      if (isTensor(value) && value.shape.length > 0) return value.shape[0];
      if (main === undefined && (Array.isArray(value) || ArrayBuffer.isView(value))) {
        return (value as ArrayLike<unknown>).length;
      }
    }
    const first = main ?? this.names[0]!;
    const wanted = main === undefined ? 'a list or a tensor of a row for each sample' : 'a tensor';
    throw new TypeError(
      `Cannot ${action}: ${first} must be ${wanted}, got ${formatValue(values[first])}`,
    );
  }
}

function checkTensor(
  action: string,
  name: string,
  value: unknown,
  wanted: readonly number[],
): tf.Tensor {
  if (!isTensor(value)) {
    throw new TypeError(`Cannot ${action}: ${name} must be a tensor, got ${formatValue(value)}`);
  }
  const [count, ...row] = wanted;
  if (value.shape[0] === count && count !== 0 && String(value.shape.slice(1)) === String(row)) {
    return value;
  }
  throw new RangeError(
    `Cannot ${action}: ${name} must have the shape [batch, ${row.join(', ')}], got ${formatShape(value.shape)}`,
  );
}

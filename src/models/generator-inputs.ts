import type * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions, checkPositiveInteger, isRecord } from '../core/checks.ts';
import { formatShape, formatValue } from '../core/format.ts';
import type { ConditionVectors, Codes, ClassLabels } from './conditions.ts';
import { type LatentDistribution, latentDistributions } from './latents.ts';
import type {
  CodeInput,
  LabelInput,
  LatentInput,
  NetworkInput,
  NetworkInputs,
  ValueInput,
} from './network.ts';

/**
 * An input of a `Generator`: latents, given as their number; class labels; a condition of `size`
 * numbers, such as attributes; codes of an InfoGAN; or a complete {@link NetworkInput}.
 *
 * @example Latents, and class labels that are drawn uniformly in training
 * ```ts
 * const inputs: Record<string, GeneratorInput> = { latents: 100, labels: { classes: 10, source: 'uniform' } };
 * ```
 */
export type GeneratorInput =
  | number
  | LatentInput
  | Omit<LabelInput, 'kind' | 'categorical'>
  | (Omit<ValueInput, 'kind' | 'classes' | 'categorical'> & Readonly<Record<'size', number>>)
  | (Omit<CodeInput, 'kind' | 'classes' | 'source' | 'continuous'> &
      Partial<Pick<CodeInput, 'continuous'>>)
  | ValueInput;

/**
 * The inputs of a `Generator` by name, in its model's order.
 *
 * @example A generator with class labels
 * ```ts
 * const inputs: GeneratorInputs = { latents: 8, labels: { classes: 3 } };
 * const [latents, labels] = [tf.input({ shape: [8] }), tf.input({ shape: [], dtype: 'int32' })];
 * const embedded = tf.layers.embedding({ inputDim: 3, outputDim: 8 }).apply(labels) as tf.SymbolicTensor;
 * const mixed = tf.layers.multiply().apply([latents, embedded]) as tf.SymbolicTensor;
 * const outputs = tf.layers.dense({ units: 2 }).apply(mixed) as tf.SymbolicTensor;
 * const painter = new Generator({ model: tf.model({ inputs: [latents, labels], outputs }), inputs });
 * const samples = painter.sample(4, { labels: 2 });
 * console.log(samples.shape); // [ 4, 2 ]
 * ```
 */
export type GeneratorInputs = Readonly<Record<string, GeneratorInput>>;

/**
 * The inputs of a generator without conditions.
 *
 * @example A function for generators without conditions
 * ```ts
 * const first = (plain: Generator<Unconditional>): tf.Tensor => plain.sample(1, { seed: 1 });
 * first(mlpGenerator({ sampleShape: [2] })).dispose();
 * ```
 */
export type Unconditional = Readonly<Record<'latents', number | LatentInput>>;

/**
 * Arguments of `sample` besides the number of samples: a value for each condition among the inputs,
 * none for latents.
 *
 * @typeParam I - The inputs of the generator.
 *
 * @example Labels for a generator of ten classes
 * ```ts
 * const conditions: ConditionsOf<{ latents: number; labels: { classes: 10 } }> = { labels: 3 };
 * ```
 */
export type ConditionsOf<I extends GeneratorInputs> = string extends keyof I
  ? {
      /** Classes, one for all samples or one for each. */
      readonly labels?: ClassLabels | undefined;
      /** Conditions of several numbers. */
      readonly condition?: ConditionVectors | undefined;
      /** Codes of an InfoGAN; a tensor has their rows in the model's format. */
      readonly codes?: Codes | tf.Tensor2D | undefined;
    }
  : {
      readonly [K in keyof I as I[K] extends number | LatentInput ? never : K]?:
        | (I[K] extends Pick<LabelInput, 'classes'>
            ? ClassLabels
            : I[K] extends Pick<CodeInput, 'categorical'>
              ? Codes | tf.Tensor2D
              : ConditionVectors)
        | undefined;
    };

/**
 * A generator's inputs in the format of a game.
 *
 * @typeParam I - The inputs that were passed to the generator.
 *
 * @example The inputs of a generator of ten classes
 * ```ts
 * type Inputs = NetworkInputsOf<{ latents: number; labels: { classes: 10 } }>;
 * const inputs: Inputs = { latents: { kind: 'latents' }, labels: { kind: 'condition', classes: 10 } };
 * ```
 */
export type NetworkInputsOf<I extends GeneratorInputs> = {
  readonly [K in keyof I]: I[K] extends number | LatentInput
    ? LatentInput
    : I[K] extends Pick<LabelInput, 'classes'>
      ? LabelInput
      : I[K] extends Pick<CodeInput, 'categorical'>
        ? CodeInput
        : I[K] extends Readonly<Record<'size', number>>
          ? ValueInput
          : NetworkInput;
};

/**
 * Checks a generator's inputs against its model.
 *
 * @param inputs - By name, in the model's order.
 * @param distribution - Distribution of latents, if an input does not set it.
 * @returns The inputs in the format of a game.
 * @throws TypeError if an input is invalid; RangeError if the model has other inputs.
 *
 * @internal
 */
export function checkGeneratorInputs(
  action: string,
  model: tf.LayersModel,
  inputs: GeneratorInputs,
  distribution: LatentDistribution,
): NetworkInputs {
  if (!isRecord(inputs)) {
    throw new TypeError(
      `Cannot ${action}: inputs must be the model's inputs by name, such as { latents: 100, labels: { classes: 10 } }, ` +
        `got ${formatValue(inputs)}`,
    );
  }
  const names = Object.keys(inputs);
  if (names.length !== model.inputs.length) {
    throw new RangeError(
      `Cannot ${action}: inputs must name each input of the model in its order, ${model.inputs.length} in all, ` +
        `got ${names.length === 0 ? 'none' : names.join(', ')}`,
    );
  }
  for (const name of names) {
    if (!reservedNames.includes(name) && !/^\d+$/.test(name)) continue;
    throw new RangeError(
      `Cannot ${action}: names of inputs must not be numbers and must differ from ${reservedNames.join(', ')}, which are ` +
        `settings of sampling, got '${name}'. Choose another name`,
    );
  }
  return Object.fromEntries(
    names.map((name, i) => {
      const shape = model.inputs[i]!.shape.slice(1);
      return [name, checkInput(action, name, inputs[name]!, { shape, distribution })];
    }),
  );
}

/** The settings of `sample`, `generate` and `interpolate` besides the conditions. */
const reservedNames: readonly string[] = ['seed', 'averaged', 'steps', 'path'];

interface Expected {
  readonly shape: readonly (number | null)[];
  readonly distribution: LatentDistribution;
}

function checkInput(
  action: string,
  name: string,
  input: GeneratorInput,
  { shape, distribution }: Expected,
): NetworkInputs[string] {
  const path = `inputs.${name}`;
  const check = (wanted: readonly (number | null)[], of: string): void => {
    if (String(wanted) === String(shape)) return;
    throw new RangeError(
      `Cannot ${action}: the model must accept ${of} of shape ${formatShape([null, ...wanted])}, ` +
        `got a model that accepts ${formatShape([null, ...shape])}`,
    );
  };
  if (typeof input === 'number') {
    checkPositiveInteger(action, name === 'latents' ? 'latentSize' : path, input);
    check([input], name);
    return { kind: 'latents', distribution };
  }
  const refuse = (): TypeError =>
    new TypeError(
      `Cannot ${action}: ${path} must be a number of latents, { classes }, { size } or { categorical, continuous }, ` +
        `got ${formatValue(input)}`,
    );
  if (!isRecord(input)) throw refuse();
  const names = ['kind', 'distribution', 'classes', 'source', 'size', 'categorical', 'continuous'];
  checkOptions(action, input, names, path);
  const given = input as Partial<Record<string, unknown>> & { readonly kind?: string };
  checkOneOf(action, `${path}.kind`, given.kind, ['latents', 'condition', undefined]);
  if (given.kind === 'latents') {
    const own = (given['distribution'] ?? distribution) as LatentDistribution;
    checkOneOf(action, `${path}.distribution`, own, latentDistributions);
    return { kind: 'latents', distribution: own };
  }
  const { classes, size, categorical, continuous = 0, source } = given;
  if (classes !== undefined) {
    checkPositiveInteger(action, `${path}.classes`, classes as number);
    checkOneOf(action, `${path}.source`, source, ['batch', 'uniform', undefined]);
    if (shape.length > 0) check([1], name);
    const from = source as LabelInput['source'];
    return { kind: 'condition', classes: classes as number, ...(from && { source: from }) };
  }
  if (categorical !== undefined || given['continuous'] !== undefined) {
    const codes = checkCodeSizes(action, path, categorical ?? [], continuous);
    check([codes.categorical.reduce((sum, count) => sum + count, codes.continuous)], name);
    return { kind: 'condition', ...codes };
  }
  checkOneOf(action, `${path}.source`, source, ['batch', ...latentDistributions, undefined]);
  if (size !== undefined) {
    checkPositiveInteger(action, `${path}.size`, size as number);
    check([size as number], name);
  } else if (given.kind === undefined) {
    throw refuse();
  }
  const from = source as ValueInput['source'];
  return { kind: 'condition', ...(from && { source: from }) };
}

/**
 * Checks the number of values of categorical codes, and the number of continuous ones.
 *
 * @internal
 */
export function checkCodeSizes(
  action: string,
  path: string,
  categorical: unknown,
  continuous: unknown,
): Pick<CodeInput, 'categorical' | 'continuous'> {
  if (!Array.isArray(categorical)) {
    throw new TypeError(
      `Cannot ${action}: ${path}.categorical must be a list of the number of values of each code, such as [10], ` +
        `got ${formatValue(categorical)}`,
    );
  }
  for (const count of categorical as readonly number[]) {
    checkPositiveInteger(action, `each number of ${path}.categorical`, count);
    if (count > 1) continue;
    throw new RangeError(
      `Cannot ${action}: each number of ${path}.categorical must be at least 2, got 1`,
    );
  }
  if (!Number.isSafeInteger(continuous) || (continuous as number) < 0) {
    throw new TypeError(
      `Cannot ${action}: ${path}.continuous must be an integer of at least 0, got ${formatValue(continuous)}`,
    );
  }
  if (categorical.length === 0 && continuous === 0) {
    throw new RangeError(
      `Cannot ${action}: ${path} must be at least one code, got none. Pass { categorical: [10], continuous: 2 }`,
    );
  }
  return { categorical: [...(categorical as readonly number[])], continuous: continuous as number };
}

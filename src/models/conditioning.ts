import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkOptions, checkPositiveInteger } from '../core/checks.ts';
import { ConditionalBatchNorm } from '../layers/conditional-batch-norm.ts';
import { OneHot } from '../layers/one-hot.ts';
import type { GeneratorInput, GeneratorInputs } from './generator-inputs.ts';
import type { CodeInput } from './network.ts';

/**
 * How networks use the condition of a sample.
 *
 * | method | generator | discriminator | source |
 * | --- | --- | --- | --- |
 * | `'concat'` | the condition is concatenated with the latents | … and with the sample, as further channels of an image | Mirza & Osindero 2014 |
 * | `'projection'` | batch norm, if used, has a scale and an offset for each class; otherwise as above | a projection head: realism plus fit to the condition | Miyato & Koyama 2018 |
 * | `'auxiliary'` | the condition is concatenated with the latents | predicts the condition with a second output | Odena et al. 2017 |
 *
 * @example The same GAN with each method
 * ```ts
 * const methods: ConditioningMethod[] = ['concat', 'projection', 'auxiliary'];
 * for (const conditioning of methods) {
 *   const gan = createMlpGan({ sampleShape: [2], classes: 8, conditioning });
 *   await gan.trainer.fit(ring8({ size: 256 }), { steps: 1, batchSize: 32 });
 *   gan.dispose();
 * }
 * ```
 *
 * @see Mirza & Osindero, Conditional Generative Adversarial Nets.
 *   {@link https://arxiv.org/abs/1411.1784}
 * @see Miyato & Koyama, cGANs with Projection Discriminator.
 *   {@link https://arxiv.org/abs/1802.05637}
 * @see Odena et al., Conditional Image Synthesis with Auxiliary Classifier GANs.
 *   {@link https://arxiv.org/abs/1610.09585}
 */
export type ConditioningMethod = 'concat' | 'projection' | 'auxiliary';

/**
 * Settings of networks with class labels.
 *
 * @example A generator of ten classes
 * ```ts
 * const options: ClassConditioning = { classes: 10, conditioning: 'projection' };
 * const generator = mlpGenerator({ sampleShape: [2], ...options });
 * const samples = generator.sample(3, { labels: [0, 4, 9] });
 * ```
 */
export interface ClassConditioning {
  /** Number of classes: labels are 0 … classes − 1. */
  readonly classes: number;
  /** Not allowed: the condition is a class. */
  readonly condition?: undefined;
  /**
   * How the networks use the classes.
   *
   * @defaultValue `'projection'`
   */
  readonly conditioning?: ConditioningMethod | undefined;
}

/**
 * Settings of networks with a condition of several numbers, such as attributes or several labels.
 *
 * @example Points at requested positions
 * ```ts
 * const options: VectorConditioning = { condition: { size: 2 } };
 * const generator = mlpGenerator({ sampleShape: [2], ...options });
 * const samples = generator.sample(5, { condition: [0.5, -0.5] });
 * ```
 */
export interface VectorConditioning {
  /** The numbers of one condition; the data have them as the tensor `condition`. */
  readonly condition: {
    /** How many numbers. */
    readonly size: number;
  };
  /** Not allowed: the condition is not a class. */
  readonly classes?: undefined;
  /**
   * How the networks use the conditions.
   *
   * @defaultValue `'projection'`
   */
  readonly conditioning?: ConditioningMethod | undefined;
}

/**
 * The inputs of a generator with class labels.
 *
 * @example A function that draws one sample of each class
 * ```ts
 * const each = (digits: Generator<ClassInputs>, classes: number): tf.Tensor =>
 *   digits.sample(classes, { labels: Array.from({ length: classes }, (_, label) => label) });
 * ```
 */
export type ClassInputs = Readonly<{
  /** Number of latents. */
  latents: number;
  /** Class labels. */
  labels: {
    /** Number of classes. */
    readonly classes: number;
  };
}>;

/**
 * The inputs of a generator with a condition of several numbers.
 *
 * @example A function that draws samples with one condition
 * ```ts
 * const asked = (faces: Generator<VectorInputs>): tf.Tensor => faces.sample(4, { condition: [1, 0, 0, 1] });
 * ```
 */
export type VectorInputs = Readonly<{
  /** Number of latents. */
  latents: number;
  /** A condition of several numbers. */
  condition: {
    /** How many numbers. */
    readonly size: number;
  };
}>;

/**
 * The inputs of an InfoGAN's generator.
 *
 * @example A function that draws each value of the first code
 * ```ts
 * const values = (painter: Generator<CodeInputs>): tf.Tensor =>
 *   painter.sample(3, { codes: { categorical: [[0, 1, 2]] } });
 * ```
 */
export type CodeInputs = Readonly<{
  /** Number of latents. */
  latents: number;
  /** Codes. */
  codes: {
    /** Number of values of each categorical code. */
    readonly categorical: readonly number[];
    /** Number of continuous codes. */
    readonly continuous: number;
  };
}>;

/**
 * Options for the condition of a network: a class, several numbers, or none.
 *
 * @example A function that passes on its options
 * ```ts
 * const points = (conditions: ConditioningOptions): Generator => mlpGenerator({ sampleShape: [2], ...conditions });
 * console.log(Object.keys(points({ classes: 8 }).inputs)); // [ 'latents', 'labels' ]
 * ```
 */
export type ConditioningOptions = ClassConditioning | VectorConditioning | NoConditioning;

/**
 * Options without a condition; options that may have one are of the general type.
 *
 * @example Options that are undefined count as none
 * ```ts
 * const none: NoConditioning = { classes: undefined };
 * const generator = mlpGenerator({ sampleShape: [2], ...none });
 * console.log(Object.keys(generator.inputs)); // [ 'latents' ]
 * ```
 */
export interface NoConditioning {
  /** Not allowed: there are no classes. */
  readonly classes?: undefined;
  /** Not allowed: there is no condition. */
  readonly condition?: undefined;
  /** Not allowed: there is no condition. */
  readonly conditioning?: undefined;
}

/** The condition options alone. @internal */
export function conditioningOf(options: ConditioningOptions): ConditioningOptions {
  const { classes, condition, conditioning } = options;
  // Checked at its use.
  return { classes, condition, conditioning } as ConditioningOptions;
}

/** Names of {@link ConditioningOptions}. @internal */
export const conditioningNames = ['classes', 'condition', 'conditioning'] as const;

/**
 * The condition of a network: its name, and the layers that use it.
 *
 * @internal
 */
export class Conditioning {
  readonly name: 'labels' | 'condition' | 'codes';
  readonly method: ConditioningMethod;
  /** Number of classes, or of numbers. */
  readonly size: number;
  /** Settings of the layers for conditions. */
  readonly layerOptions: { readonly classes: number } | { readonly conditionSize: number };
  /** The condition as an input of the network. */
  readonly input: tf.SymbolicTensor;

  /** The kind of the generator's input for it. */
  readonly #generatorInput: GeneratorInput;

  private constructor(
    method: ConditioningMethod,
    name: Conditioning['name'],
    size: number,
    generatorInput: GeneratorInput,
  ) {
    this.method = method;
    this.size = size;
    this.name = name;
    this.layerOptions = name === 'labels' ? { classes: size } : { conditionSize: size };
    this.input =
      name === 'labels'
        ? tf.input({ shape: [1], dtype: 'int32', name })
        : tf.input({ shape: [size], name });
    this.#generatorInput = generatorInput;
  }

  /** Codes that a discriminator predicts. */
  static ofCodes(codes: Pick<CodeInput, 'categorical' | 'continuous'>): Conditioning {
    const size = codes.categorical.reduce((sum, count) => sum + count, codes.continuous);
    return new Conditioning('auxiliary', 'codes', size, codes);
  }

  /**
   * The condition in checked options.
   *
   * @returns None for a network without a condition.
   */
  static of(action: string, options: ConditioningOptions): Conditioning | undefined {
    const { classes, condition, conditioning } = options;
    if (classes !== undefined && condition !== undefined) {
      throw new RangeError(
        `Cannot ${action}: the condition must be classes or condition, got both`,
      );
    }
    if (classes === undefined && condition === undefined) {
      if (conditioning === undefined) return undefined;
      throw new RangeError(
        `Cannot ${action}: conditioning must be used with classes or condition, got neither. Pass classes: 10, or leave it out`,
      );
    }
    const method = conditioning ?? 'projection';
    checkOneOf(action, 'conditioning', method, ['concat', 'projection', 'auxiliary'] as const);
    if (condition !== undefined) {
      checkOptions(action, condition, ['size'], 'condition');
      checkPositiveInteger(action, 'condition.size', condition.size);
      return new Conditioning(method, 'condition', condition.size, condition);
    }
    checkPositiveInteger(action, 'classes', classes);
    if (classes === 1) {
      throw new RangeError(`Cannot ${action}: classes must be at least 2, got 1. Leave it out`);
    }
    return new Conditioning(method, 'labels', classes, { classes });
  }

  /** A generator's inputs by name. */
  inputsWith(latents: number): GeneratorInputs {
    return { latents, [this.name]: this.#generatorInput };
  }

  /** The condition as a vector: labels one-hot encoded. */
  vector(): tf.SymbolicTensor {
    if (this.name !== 'labels') return this.input;
    return new OneHot({ classes: this.size }).apply(this.input) as tf.SymbolicTensor;
  }

  /** Vectors concatenated with the condition. */
  joinedTo(x: tf.SymbolicTensor): tf.SymbolicTensor {
    return tf.layers.concatenate().apply([x, this.vector()]) as tf.SymbolicTensor;
  }

  /** Images with the condition as further channels, constant over pixels. */
  joinedToImage(image: tf.SymbolicTensor): tf.SymbolicTensor {
    const [height, width] = image.shape.slice(1) as [number, number];
    const copies = tf.layers.repeatVector({ n: height * width }).apply(this.vector());
    const reshape = tf.layers.reshape({ targetShape: [height, width, this.size] });
    const maps = reshape.apply(copies) as tf.SymbolicTensor;
    return tf.layers.concatenate().apply([image, maps]) as tf.SymbolicTensor;
  }

  /** Batch norm with a separate scale and offset for each condition. */
  normalized(
    x: tf.SymbolicTensor,
    settings: { readonly epsilon: number; readonly seed: number },
  ): tf.SymbolicTensor {
    const layer = new ConditionalBatchNorm({ ...this.layerOptions, ...settings });
    return layer.apply([x, this.input]) as tf.SymbolicTensor;
  }
}

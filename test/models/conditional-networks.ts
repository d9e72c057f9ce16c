import * as tf from '@tensorflow/tfjs';
import {
  Discriminator,
  Generator,
  type GeneratorInputs,
  OneHot,
  type GeneratorOptions,
} from 'tfjs-gan';

type Symbolic = tf.SymbolicTensor;

/** Numbers of a tensor, which is disposed. */
export function read(tensor: tf.Tensor): number[] {
  const values = [...tensor.dataSync()];
  tensor.dispose();
  return values;
}

/** A generator that gives back everything it is given, the latents first: its samples show what was requested. */
export function echo<const I extends GeneratorInputs>(
  inputs: I,
  { shape = [1], ...options }: Partial<GeneratorOptions<I>> & { readonly shape?: number[] } = {},
): Generator<I> {
  const symbols: Symbolic[] = [];
  const parts = Object.values(inputs).map((input) => {
    if (typeof input === 'object' && 'classes' in input && input.classes !== undefined) {
      const labels = tf.input({ shape, dtype: 'int32' });
      symbols.push(labels);
      return new OneHot({ classes: input.classes }).apply(labels) as Symbolic;
    }
    const numbers = tf.input({ shape: [sizeOf(input)] });
    symbols.push(numbers);
    return numbers;
  });
  const [only] = parts;
  const outputs = parts.length === 1 ? only! : (tf.layers.concatenate().apply(parts) as Symbolic);
  // A layer with weights, as a generator without any could not be trained: each number times one.
  const size = outputs.shape.at(-1)!;
  const weights = tf.layers.dense({ units: size, useBias: false, kernelInitializer: 'identity' });
  const model = tf.model({ inputs: symbols, outputs: weights.apply(outputs) as Symbolic });
  return new Generator<I>({ model, inputs, ownsModel: true, ...options });
}

function sizeOf(input: GeneratorInputs[string]): number {
  if (typeof input === 'number') return input;
  const {
    size,
    categorical = [],
    continuous = 0,
  } = input as {
    size?: number;
    categorical?: readonly number[];
    continuous?: number;
  };
  return size ?? categorical.reduce((sum, count) => sum + count, continuous);
}

/** A generator that looks its labels up in an embedding, as models from elsewhere have it. */
export function embedded(
  classes: number,
  shape: number[] = [],
): Generator<{ latents: number; labels: { classes: number } }> {
  const [latents, labels] = [tf.input({ shape: [2] }), tf.input({ shape, dtype: 'int32' })];
  const embeddingsInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const rows = tf.layers
    .embedding({ inputDim: classes, outputDim: 2, embeddingsInitializer })
    .apply(labels) as Symbolic;
  const vectors = shape.length === 0 ? rows : (tf.layers.flatten().apply(rows) as Symbolic);
  const outputs = tf.layers.add().apply([latents, vectors]) as Symbolic;
  return new Generator({
    model: tf.model({ inputs: [latents, labels], outputs }),
    inputs: { latents: 2, labels: { classes } },
    ownsModel: true,
  });
}

/** A discriminator of dense layers without offsets, whose kernels are given: one for each output. */
export function linearJudge<I extends string = 'samples', O extends string = 'logits'>(of: {
  readonly size: number;
  readonly inputs?: readonly ('samples' | I)[];
  /** Sizes of the inputs beside the samples, or the number of classes of labels. */
  readonly further?: readonly ({ readonly size: number } | { readonly classes: number })[];
  /** A kernel for each output, by name, in order. */
  readonly kernels: Readonly<Record<string, number[][]>>;
}): Discriminator<I, O> {
  const samples = tf.input({ shape: [of.size] });
  const symbols = [samples];
  const parts = [samples];
  for (const one of of.further ?? []) {
    if ('classes' in one) {
      const labels = tf.input({ shape: [1], dtype: 'int32' });
      symbols.push(labels);
      parts.push(new OneHot({ classes: one.classes }).apply(labels) as Symbolic);
    } else {
      const numbers = tf.input({ shape: [one.size] });
      symbols.push(numbers);
      parts.push(numbers);
    }
  }
  const joined = parts.length === 1 ? samples : (tf.layers.concatenate().apply(parts) as Symbolic);
  const names = Object.keys(of.kernels);
  const layers = names.map((name) =>
    tf.layers.dense({ units: of.kernels[name]![0]!.length, useBias: false }),
  );
  const model = tf.model({
    inputs: symbols,
    outputs: layers.map((layer) => layer.apply(joined) as Symbolic),
  });
  layers.forEach((layer, i) =>
    tf.tidy(() => {
      layer.setWeights([tf.tensor2d(of.kernels[names[i]!]!)]);
    }),
  );
  return new Discriminator<I, O>({
    model,
    ...(of.inputs !== undefined && { inputs: of.inputs }),
    ...(names.length > 1 && { outputs: names as ('logits' | O)[] }),
    ownsModel: true,
  });
}

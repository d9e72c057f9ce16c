import * as tf from '@tensorflow/tfjs';
import {
  type ClassInputs,
  type ConditioningMethod,
  type ConditioningOptions,
  createDcgan,
  createMlpGan,
  createSngan,
  createWganGp,
  defineGame,
  type Discriminator,
  type Gan,
  Generator,
  type Network,
  sgd,
  type TensorInput,
  Trainer,
  type Unconditional,
  type VectorInputs,
} from '../../src/index.ts';

/** Whether two types are the same, as far as each may stand for the other. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

const imageShape = [8, 8, 1] as const;

/** A preset knows by its options what can be requested of its generator. */
export const asked = (method: ConditioningMethod | undefined): void => {
  const plain = createDcgan({ imageShape });
  const known: Same<typeof plain, Gan<Unconditional>> = true;
  plain.generator.sample(known ? 1 : 2, { seed: 1 });
  // @ts-expect-error: a generator without classes takes no labels
  plain.generator.sample(1, { labels: 3 });
  // @ts-expect-error: nor anywhere else
  plain.generator.interpolate(1, 2, { labels: 3 });
  // @ts-expect-error: nor beside latents
  plain.generator.generate({ latents: tf.zeros([1, 100]), labels: 3 });

  const classes = createDcgan({ imageShape, classes: 10, conditioning: method });
  const ofClasses: Same<typeof classes, Gan<ClassInputs>> = true;
  const { generator } = classes;
  for (const labels of [3, [1, 2], Int32Array.of(1), Uint8Array.of(1), tf.tensor1d([1], 'int32')]) {
    generator.sample(ofClasses ? 1 : 2, { labels });
    generator.interpolate(1, 2, { labels, steps: 3 });
    generator.generate(tf.zeros([1, 100]), { labels, averaged: false });
    generator.generate({ latents: tf.zeros([1, 100]), labels });
  }
  generator.sample(1);
  generator.sample(1, { labels: undefined });
  // @ts-expect-error: a class is a number
  generator.sample(1, { labels: 'three' });
  // @ts-expect-error: a class is no vector
  generator.sample(1, { condition: [1, 2] });
  // @ts-expect-error: labels are a list of numbers
  generator.sample(1, { labels: [[1]] });
  // @ts-expect-error: the setting is called labels
  generator.sample(1, { label: 3 });

  const vectors = createMlpGan({ sampleShape: [2], condition: { size: 2 } });
  const ofVectors: Same<typeof vectors, Gan<VectorInputs>> = true;
  vectors.generator.sample(ofVectors ? 1 : 2, { condition: [1, 2] });
  vectors.generator.sample(2, { condition: [Float32Array.of(1, 2), [3, 4]] });
  vectors.generator.sample(2, { condition: tf.zeros([2, 2]) });
  // @ts-expect-error: a condition of two numbers is no class
  vectors.generator.sample(1, { labels: 1 });
  // @ts-expect-error: a condition of two numbers is no number
  vectors.generator.sample(1, { condition: 1 });

  createSngan({ imageShape, classes: 10 }).generator.sample(1, { labels: 3 });
  createWganGp({ imageShape, classes: 10 }).generator.sample(1, { labels: 3 });
  // @ts-expect-error: networks have classes or a condition, not both
  createDcgan({ imageShape, classes: 10, condition: { size: 3 } });
  // @ts-expect-error: the methods have names
  createDcgan({ imageShape, classes: 10, conditioning: 'film' });
};

/** Options that are known later create a GAN of which anything may be requested. */
export const anything = (options: ConditioningOptions): Gan => {
  const gan = createDcgan({ imageShape, ...options });
  gan.generator.sample(1, { labels: 3 });
  gan.generator.sample(1, { condition: [1, 2] });
  gan.generator.sample(1, { codes: { categorical: [1] } });
  return gan;
};

/** A GAN of classes is a GAN, and its parts are what functions of any GAN take. */
export const general = (
  classes: Gan<ClassInputs>,
  vectors: Gan<VectorInputs>,
  plain: Gan<Unconditional>,
): readonly Gan[] => {
  const generators: readonly Generator[] = [
    ...[classes.generator, vectors.generator, plain.generator],
  ];
  const discriminators: readonly Discriminator<string, string>[] = [
    ...[classes.discriminator, vectors.discriminator, plain.discriminator],
  ];
  return generators.length === discriminators.length ? [classes, vectors, plain] : [];
};

/** Of a loaded generator a type cannot know, unless its caller does. */
export const loaded = async (): Promise<void> => {
  const any = await Generator.load('https://example.org/model.json');
  const known: Same<typeof any, Generator> = true;
  any.sample(known ? 1 : 2, { labels: 3 });
  any.interpolate(1, 2, { labels: [3, 8] });
  const digits = await Generator.load<ClassInputs>('https://example.org/model.json');
  digits.sample(1, { labels: 3 });
  // @ts-expect-error: the caller said what it takes
  digits.sample(1, { condition: [1] });
};

/** Custom inputs are requested by their names. */
export const own = (model: tf.LayersModel): void => {
  const generator = new Generator({
    model,
    inputs: { z: 16, digit: { classes: 10 }, codes: { categorical: [3] } },
  });
  generator.sample(1, { digit: 3, codes: { categorical: [[1]], continuous: [undefined, 0] } });
  generator.sample(1, { codes: tf.zeros([1, 3]) });
  // @ts-expect-error: it is called digit
  generator.sample(1, { labels: 3 });
  // @ts-expect-error: latents are no condition
  generator.sample(1, { z: 3 });
};

/** What a pass draws of conditions has the names of the network's inputs for them. */
export const passes = (
  generator: Generator<ClassInputs>,
  discriminator: Discriminator<'labels', 'classes'>,
  encoder: Network<{ samples: TensorInput }, 'code'>,
): Trainer =>
  new Trainer({
    game: defineGame({
      name: 'labelled',
      networks: {
        generator: { network: generator, optimizer: sgd({ learningRate: 0.1 }) },
        discriminator: { network: discriminator, optimizer: sgd({ learningRate: 0.1 }) },
        encoder: { network: encoder },
      },
      batch: { samples: {}, labels: { shape: [], dtype: 'int32', classes: 10 } },
      turns: [
        {
          name: 'both',
          updates: ['generator', 'discriminator'],
          terms: (pass) => {
            const drawn = pass.conditions('generator');
            const names: Same<keyof typeof drawn, 'labels'> = true;
            const { latents } = pass.latents('generator');
            const { samples } = pass.run('generator', { latents, ...drawn });
            const told = pass.run('discriminator', { samples, labels: drawn.labels });
            const outputs: Same<keyof typeof told, 'logits' | 'classes'> = true;
            // @ts-expect-error: a discriminator with labels is given them
            pass.run('discriminator', { samples });
            // @ts-expect-error: the generator has no such condition
            read(drawn.codes);
            // @ts-expect-error: an encoder of samples has no conditions
            read(pass.conditions('encoder').labels);
            return { logits: names && outputs ? tf.mean(told.logits) : undefined };
          },
        },
      ],
      generators: { samples: generator as Generator },
    }),
  });

/** Takes what is read; of what is not there the type is an error. */
const read = (value: unknown): unknown => value;

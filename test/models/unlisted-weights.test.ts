import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  Discriminator,
  Generator,
  mlpDiscriminator,
  mlpGenerator,
  OrthogonalPenalty,
  ring8,
  SpectralNorm,
  Trainer,
  type TrainerOptions,
} from 'tfjs-gan';
import { catchWarnings } from '../support/catch-warnings.ts';

type Held = tf.layers.Layer | tf.Variable;

/** A layer that computes with what it holds, and lists it if requested. */
class Holding extends tf.layers.Layer {
  static className = 'Holding';
  readonly held: Held | readonly Held[];
  readonly #isListing: boolean;

  constructor(held: Held | readonly Held[], isListing = false) {
    super({ name: `holding${tf.util.now()}` });
    this.held = held;
    this.#isListing = isListing;
  }

  override build(inputShape: tf.Shape): void {
    if (this.#isListing) this.#layer.apply(tf.input({ batchShape: inputShape }));
    super.build(inputShape);
  }

  override get trainableWeights(): tf.LayerVariable[] {
    return this.#isListing ? this.#layer.trainableWeights : [];
  }

  override get nonTrainableWeights(): tf.LayerVariable[] {
    return [];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const all = [this.held].flat();
    return all.reduce<tf.Tensor>(
      (x, held) => (held instanceof tf.Variable ? tf.mul(x, held) : (held.apply(x) as tf.Tensor)),
      [inputs].flat()[0]!,
    );
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  get #layer(): tf.layers.Layer {
    return this.held as tf.layers.Layer;
  }
}

/** A layer with one weight of its own, called as told. */
class Mix extends tf.layers.Layer {
  static className = 'Mix';
  readonly #role: string;
  readonly #shape: (size: number) => number[];
  #weight: tf.LayerVariable | undefined;

  constructor(role: string, shape = (size: number): number[] => [size, size]) {
    super({});
    this.#role = role;
    this.#shape = shape;
  }

  override build(inputShape: tf.Shape): void {
    const initializer = tf.initializers.randomNormal({ stddev: 3, seed: 1 });
    this.#weight = this.addWeight(
      this.#role,
      this.#shape(inputShape.at(-1)!),
      'float32',
      initializer,
    );
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = [inputs].flat()[0]!;
    const size = x.shape.at(-1)!;
    return tf.matMul(x, tf.reshape(this.#weight!.read(), [size, size]));
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }
}

const warn = catchWarnings();
const warnings = (): string[] => warn.mock.calls.map(([text]) => String(text));

beforeAll(async () => {
  await tf.setBackend('cpu');
  tf.scalar(0).dispose();
});

const dense = (units: number, inputSize?: number): tf.layers.Layer =>
  tf.layers.dense({ units, ...(inputSize && { inputShape: [inputSize] }) });

/** A trainer whose networks hold the layers given, and some steps of it. */
async function train(
  inGenerator: readonly tf.layers.Layer[],
  inDiscriminator: readonly tf.layers.Layer[],
  rules: Partial<TrainerOptions> = {},
): Promise<Trainer> {
  const made = tf.sequential({ layers: [dense(2, 2), ...inGenerator] });
  const judged = tf.sequential({ layers: [dense(4, 2), ...inDiscriminator, dense(1)] });
  const trainer = new Trainer({
    generator: new Generator({ model: made }),
    discriminator: new Discriminator({ model: judged }),
    ...rules,
  });
  await trainer.fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
  return trainer;
}

const cure =
  '. Create weights with this.addWeight() in build(); build a layer inside another one in build() too, and return its weights ' +
  'from the getters trainableWeights and nonTrainableWeights';

describe('weights that a pass computes with and no layer lists', () => {
  test.each<[string, () => Held | Held[], RegExp]>([
    [
      'of a layer inside',
      () => dense(2),
      /^'[\w./]*dense_Dense\d+\/kernel' in the layer 'holding[\d.]+', /,
    ],
    [
      'of layers in a list',
      () => [dense(2), dense(2)],
      /^'[\w./]*dense_Dense\d+\/kernel' in the layer /,
    ],
    [
      'a variable',
      () => tf.variable(tf.scalar(2), true, 'loose'),
      /^'loose' in the layer 'holding[\d.]+'$/,
    ],
  ])('%s are named once, with the cure', async (_name, make, named) => {
    const trainer = await train([new Holding(make())], []);
    await trainer.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
    const [text = '', ...others] = warnings();
    expect(others).toEqual([]);
    const start =
      'tfjs-gan: the generator computes with weights that none of its layers lists, so they are never trained, saved or ' +
      'restored: ';
    expect(text.startsWith(start)).toBe(true);
    expect(text.endsWith(cure)).toBe(true);
    expect(text.slice(start.length, -cure.length)).toMatch(named);
    trainer.dispose();
    tf.disposeVariables();
  });

  test('are named in the discriminator, under spectral norm and a penalty too', async () => {
    const rules = { constraints: [new SpectralNorm({ target: 'all' })] };
    const held = tf.variable(tf.scalar(2), true, 'hidden');
    const trainer = await train([], [new Holding(held)], rules);
    expect(warnings()).toHaveLength(1);
    expect(warnings()[0]).toContain(
      "the discriminator computes with weights that none of its layers lists, so they are never trained, saved or restored: 'hidden'",
    );
    trainer.dispose();
    tf.disposeVariables();
  });

  test('is silent if the layer lists them, which trains them, and for ready networks', async () => {
    const inner = dense(2);
    const trainer = await train([new Holding(inner, true)], []);
    const ready = new Trainer({
      generator: mlpGenerator({ sampleShape: [2], latentSize: 2 }),
      discriminator: mlpDiscriminator({ sampleShape: [2] }),
      constraints: [new SpectralNorm({ target: 'all' })],
      penalties: [new OrthogonalPenalty()],
      ema: {},
    });
    await ready.fit(ring8({ size: 64 }), { steps: 1, batchSize: 32 });
    expect(warnings()).toEqual([]);
    expect(Object.keys((await trainer.snapshot()).networks.generator)).toContain(
      '1.holding/kernel',
    );
    for (const one of [trainer, ready]) one.dispose();
    tf.disposeVariables();
  });
});

describe('weights that a rule for matrices does not know by name', () => {
  test('are named by SpectralNorm, which takes them by name', async () => {
    const first = await train([], [new Mix('query')], { constraints: [new SpectralNorm()] });
    expect(warnings()).toEqual([
      "tfjs-gan: SpectralNorm does not constrain the weights '1.mix/query' of the discriminator, because their layers do not name " +
        "them kernel. List them: new SpectralNorm({ weights: ['1.mix/query'] }); weights: [] disables this warning",
    ]);
    first.dispose();
    warn.mockClear();
    const constraints = [new SpectralNorm({ weights: ['1.mix/query'] })];
    const second = await train([], [new Mix('query')], { constraints });
    const { constraintMetrics } = second.history.steps.at(-1)!;
    expect(constraintMetrics.discriminator).toHaveProperty('spectralNorm/1.mix/query');
    const weight = second.discriminator.model.layers[1]!.getWeights()[0] as tf.Tensor2D;
    expect(largestSingularValue(weight)).toBeCloseTo(1, 2);
    second.dispose();
    (
      await train([], [new Mix('query')], { constraints: [new SpectralNorm({ weights: [] })] })
    ).dispose();
    (await train([], [new Mix('kernel')], { constraints: [new SpectralNorm()] })).dispose();
    expect(warnings()).toEqual([]);
    tf.disposeVariables();
  });

  test('are taken with their last axis as columns if they have more than two', async () => {
    const constraints = [new SpectralNorm({ layers: [], weights: ['1.mix/heads'] })];
    const layer = new Mix('heads', (size) => [2, size / 2, size]);
    const trainer = await train([], [layer], { constraints });
    const [weight] = trainer.discriminator.model.layers[1]!.getWeights();
    expect(largestSingularValue(tf.reshape(weight!, [4, 4]))).toBeCloseTo(1, 2);
    expect(Object.keys(trainer.history.steps.at(-1)!.constraintMetrics.discriminator)).toEqual([
      'spectralNorm/1.mix/heads',
    ]);
    trainer.dispose();
    tf.disposeVariables();
  });

  test('are refused by SpectralNorm if there is none of the name, or one of one axis', () => {
    const model = tf.sequential({ layers: [dense(4, 2), new Mix('query'), dense(1)] });
    for (const name of ['2.mix/query', '0.dense/bias']) {
      const rule = new SpectralNorm({ weights: [name] });
      expect(() => rule.bind(model, 'discriminator', 1)).toThrow(
        'Cannot constrain the discriminator with SpectralNorm: weights must name trained weights of two axes or more, got ' +
          `'${name}'. There are 0.dense/kernel, 1.mix/query, 2.dense/kernel`,
      );
    }
    expect(() => new SpectralNorm({ weights: '1.mix/query' as never })).toThrow(
      "Cannot create a SpectralNorm: weights must be names of weights, got '1.mix/query'",
    );
    model.dispose();
  });

  test('are named by OrthogonalPenalty, but not what its documentation leaves alone', async () => {
    const penalties = [new OrthogonalPenalty({ target: 'discriminator' })];
    (await train([], [new Mix('query'), tf.layers.prelu()], { penalties })).dispose();
    expect(warnings()).toEqual([
      "tfjs-gan: the penalty 'orthogonal' does not include the weights '1.mix/query' of the discriminator, because their layers do " +
        "not name them kernel. Name them so: this.addWeight('kernel', …)",
    ]);
    tf.disposeVariables();
  });
});

/** By many power iterations in double precision. */
function largestSingularValue(matrix: tf.Tensor): number {
  const rows = matrix.arraySync() as number[][];
  let vector = rows[0]!.map((_, i) => 1 + i / 7);
  let length = 0;
  for (let i = 0; i < 500; i += 1) {
    const left = rows.map((row) => row.reduce((sum, value, j) => sum + value * vector[j]!, 0));
    const next = vector.map((_, j) => rows.reduce((sum, row, k) => sum + row[j]! * left[k]!, 0));
    length = Math.sqrt(Math.hypot(...next));
    vector = next.map((value) => value / length ** 2);
  }
  return length;
}

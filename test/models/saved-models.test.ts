import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { Generator } from 'tfjs-gan';
import { savedBy } from '../layers/saved-by.ts';
import '../support/on-cpu.ts';

async function valuesOf(tensor: tf.Tensor): Promise<number[]> {
  const values = [...(await tensor.data())];
  tensor.dispose();
  return values;
}

/** Random biases too, so that no two weights are equal. */
const dense = (
  units: number,
  args: Partial<Parameters<typeof tf.layers.dense>[0]> = {},
): tf.layers.Layer => tf.layers.dense({ units, biasInitializer: 'randomNormal', ...args });

const block = (name: string, wide: number): tf.Sequential =>
  tf.sequential({
    name,
    layers: [dense(3, { name: 'fc', inputShape: [wide] }), dense(3, { name: 'fc2' })],
  });

/** A layer of two dense layers, whose weights have equal names in it. */
class Pair extends tf.layers.Layer {
  static className = 'PairOfDense';
  readonly #inner = [dense(4), dense(4)];

  override build(): void {
    for (const layer of this.#inner) layer.build([null, 4]);
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return this.#inner.reduce<tf.Tensor | tf.Tensor[]>(
      (x, layer) => layer.call(x, {}),
      inputs,
    ) as tf.Tensor;
  }

  override get trainableWeights(): tf.LayerVariable[] {
    return this.#inner.flatMap((layer) => layer.trainableWeights);
  }

  override set trainableWeights(_: tf.LayerVariable[]) {
    // TensorFlow.js sets none.
  }
}
tf.serialization.registerClass(Pair);

class BuiltAtConstruction extends tf.layers.Layer {
  static className = 'BuiltAtConstruction';
  readonly #scale = this.addWeight('scale', [4], 'float32', tf.initializers.randomNormal({}));

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [input] = Array.isArray(inputs) ? inputs : [inputs];
    return tf.mul(input!, this.#scale.read());
  }
}
tf.serialization.registerClass(BuiltAtConstruction);

function functional(build: (latents: tf.SymbolicTensor) => tf.SymbolicTensor): tf.LayersModel {
  const latents = tf.input({ shape: [4] });
  return tf.model({ inputs: latents, outputs: build(latents) });
}

const through = (layer: tf.layers.Layer, input: tf.SymbolicTensor): tf.SymbolicTensor =>
  layer.apply(input) as tf.SymbolicTensor;

const models: Readonly<Record<string, () => tf.LayersModel>> = {
  'two models whose layers have equal names': () =>
    tf.sequential({ layers: [block('one', 4), block('two', 3)] }),
  'such models within models': () => {
    const pair = tf.sequential({ name: 'pair', layers: [block('one', 4), block('two', 3)] });
    return tf.sequential({ layers: [pair, block('one', 3), dense(2, { name: 'out' })] });
  },
  'a name that is like one with a number': () =>
    tf.sequential({
      layers: [block('one', 4), dense(3, { name: 'fc_1' }), block('two', 3), block('three', 3)],
    }),
  'functional models whose layers have equal names': () => {
    const inner = (name: string): tf.LayersModel => {
      const input = tf.input({ shape: [4], name: 'in' });
      const side = through(dense(4, { name: 'a' }), input);
      const sum = tf.layers.add({ name: 'sum' }).apply([side, input]) as tf.SymbolicTensor;
      return tf.model({ name, inputs: input, outputs: through(dense(4, { name: 'b' }), sum) });
    };
    return functional((latents) => through(inner('two'), through(inner('one'), latents)));
  },
  'a layer used twice in a functional model': () => {
    const shared = dense(4, { name: 'shared' });
    return functional((latents) => through(shared, through(shared, latents)));
  },
  'a model used twice in a functional model': () => {
    const shared = tf.sequential({
      name: 'shared',
      layers: [dense(4, { name: 'fc', inputShape: [4] })],
    });
    return functional((latents) => through(shared, through(shared, latents)));
  },
  'a layer that is twice in a sequential model': () => {
    const shared = dense(4, { name: 'shared' });
    const flat = tf.layers.activation({ activation: 'tanh', name: 'flat' });
    const model = tf.sequential({ layers: [dense(4, { name: 'first', inputShape: [4] })] });
    for (const layer of [shared, flat, shared, flat]) model.add(layer);
    return model;
  },
  'a model that is twice in a sequential model': () => {
    const twice = tf.sequential({
      name: 'twice',
      layers: [dense(4, { name: 'fc', inputShape: [4] })],
    });
    return tf.sequential({ layers: [dense(4, { inputShape: [4] }), twice, twice] });
  },
  'a layer in two models': () => {
    const shared = dense(4, { name: 'shared' });
    const around = (name: string): tf.LayersModel => {
      const input = tf.input({ shape: [4] });
      return tf.model({ name, inputs: input, outputs: through(shared, input) });
    };
    return functional((latents) => through(around('two'), through(around('one'), latents)));
  },
  wrappers: () =>
    tf.sequential({
      layers: [
        tf.layers.reshape({ targetShape: [2, 2], inputShape: [4] }),
        tf.layers.timeDistributed({ layer: dense(3, { name: 'fc' }) }),
        tf.layers.timeDistributed({ layer: dense(3, { name: 'fc' }) }),
        tf.layers.bidirectional({
          layer: tf.layers.gru({ units: 2, returnSequences: true, name: 'rnn' }),
          mergeMode: 'concat',
        }),
        tf.layers.bidirectional({
          layer: tf.layers.gru({ units: 2, name: 'rnn' }),
          mergeMode: 'sum',
        }),
      ],
    }),
  'wrappers around models whose layers have equal names': () =>
    tf.sequential({
      layers: [
        tf.layers.reshape({ targetShape: [2, 2], inputShape: [4] }),
        tf.layers.timeDistributed({ layer: block('one', 2) }),
        tf.layers.timeDistributed({ layer: block('two', 3) }),
      ],
    }),
  'stacked cells': () =>
    tf.sequential({
      layers: [
        tf.layers.reshape({ targetShape: [2, 2], inputShape: [4] }),
        tf.layers.rnn({
          cell: [tf.layers.lstmCell({ units: 2 }), tf.layers.lstmCell({ units: 3 })],
        }),
      ],
    }),
  'weights of one name in a layer': () =>
    tf.sequential({ layers: [new Pair({ inputShape: [4] }), new Pair({})] }),
  'weights that are made with their layer': () =>
    tf.sequential({
      layers: [new BuiltAtConstruction({ inputShape: [4] }), new BuiltAtConstruction({})],
    }),
  'names with slashes': () =>
    tf.sequential({
      layers: [
        dense(3, { name: 'up/fc', inputShape: [4] }),
        dense(3, { name: 'up/fc/kernel' }),
        block('up', 3),
        block('up/more', 3),
      ],
    }),
  'layers that were renamed or built by hand': () => {
    const built = dense(3);
    built.build([null, 4]);
    const model = tf.sequential({ layers: [dense(4, { inputShape: [4] }), built, dense(2)] });
    model.layers[2]!.name = 'renamed';
    return model;
  },
  'frozen layers beside batch norm': () => {
    const frozen = block('one', 4);
    frozen.trainable = false;
    return tf.sequential({ layers: [frozen, tf.layers.batchNormalization(), block('two', 3)] });
  },
};

describe('a generator that is saved and loaded', () => {
  test('is a model that TensorFlow.js loads by itself', async () => {
    const generator = new Generator({
      model: models['two models whose layers have equal names']!(),
    });
    const saved = await savedBy((handler) => generator.save(handler));
    const model = await tf.loadLayersModel(tf.io.fromMemory(saved));
    const latents = generator.latents(2, { seed: 1 });
    expect(await valuesOf(model.predict(latents) as tf.Tensor)).toEqual(
      await valuesOf(generator.generate(latents)),
    );
    expect(saved.weightSpecs?.map(({ name }) => name)).toEqual([
      ...['fc/kernel', 'fc/bias', 'fc2/kernel', 'fc2/bias'],
      ...['fc_1/kernel', 'fc_1/bias', 'fc2_1/kernel', 'fc2_1/bias'],
    ]);
  });

  test.each(Object.entries(models))('draws the same samples with %s', async (_, make) => {
    const generator = new Generator({ model: make() });
    // A seed for each weight: no two may be equal.
    for (const [i, weight] of [...new Set(generator.model.weights)].entries()) {
      const values = tf.randomNormal(weight.shape as number[], 0, 1, 'float32', i + 1);
      weight.write(values);
      values.dispose();
    }
    const names = generator.model.weights.map(({ originalName }) => originalName);
    const layers = JSON.stringify(generator.model.toJSON(null, false));
    const saved = await savedBy((handler) => generator.save(handler));
    const loaded = await Generator.load(tf.io.fromMemory(saved));
    expect(await valuesOf(loaded.sample(3, { seed: 1 }))).toEqual(
      await valuesOf(generator.sample(3, { seed: 1 })),
    );
    expect(generator.model.weights.map(({ originalName }) => originalName)).toEqual(names);
    expect(JSON.stringify(generator.model.toJSON(null, false))).toEqual(layers);
    // Saved again, it can be loaded again.
    const again = await Generator.load(
      tf.io.fromMemory(await savedBy((handler) => loaded.save(handler))),
    );
    expect(await valuesOf(again.sample(3, { seed: 1 }))).toEqual(
      await valuesOf(generator.sample(3, { seed: 1 })),
    );
  });
});

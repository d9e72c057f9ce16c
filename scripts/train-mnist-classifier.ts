/**
 * Trains the digit classifier behind `mnistFeatures()` and writes its weights into the source.
 *
 *     npx tsx scripts/train-mnist-classifier.ts               about 6 minutes on two cores
 *     npx tsx scripts/train-mnist-classifier.ts --epochs 1    a try; writes nothing
 *
 * Data, optimizer and backend are the library's own. The seed is fixed and the bits of wasm-train do not depend on the
 * number of threads, so the same processor gives the same file. Prints the test accuracy before and after the weights are
 * rounded to 8 bits, and the confusion matrix.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs';
import { useBackend } from '../src/backends/select-backend.ts';
import { deriveSeed, Random } from '../src/core/random.ts';
import type { Dataset } from '../src/data/dataset.ts';
import {
  type LayerWeights,
  mnistLayers,
  mnistNetwork,
} from '../src/metrics/features/mnist-network.ts';
import {
  layerTensors,
  packWeights,
  unpackWeights,
} from '../src/metrics/features/packed-weights.ts';
import { adam } from '../src/optimizers/adam.ts';
import { LiveOptimizer } from '../src/optimizers/live-optimizer.ts';
import type { OptimizerSpec } from '../src/optimizers/optimizer.ts';
import { loadMnist } from '../src/platforms/node/load-mnist.ts';

const seed = 20_261_123;
const batchSize = 128;
const fullEpochs = 20;
const peakLearningRate = 2e-3;
const furthestShift = 2;
const target = fileURLToPath(new URL('../src/metrics/features/mnist-weights.ts', import.meta.url));

const { values } = parseArgs({ options: { epochs: { type: 'string' } } });
const epochs = Number(values.epochs ?? fullEpochs);

await useBackend('wasm-train');
const [train, test] = await Promise.all([
  loadMnist({ split: 'train' }),
  loadMnist({ split: 'test' }),
]);
const totalSteps = epochs * Math.floor(train.size / batchSize);

/** Adam whose learning rate climbs for a twentieth of the steps and then falls along a cosine to 0. */
function scheduledAdam(): OptimizerSpec {
  const base = adam({ beta1: 0.9, learningRate: peakLearningRate });
  const rate = (step: number): number => {
    const warmup = Math.min(1, (20 * step) / totalSteps);
    return peakLearningRate * warmup * 0.5 * (1 + Math.cos((Math.PI * step) / totalSteps));
  };
  return { ...base, update: (one) => base.update({ ...one, learningRate: rate(one.step) }) };
}

const random = new Random(deriveSeed(seed, 'weights'));
const variables = mnistLayers.map(({ name, shape }) => {
  const fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1);
  const size = fanIn * shape.at(-1)!;
  const deviation = Math.sqrt(2 / fanIn);
  const kernel = Float32Array.from(random.normalArray(size), (value) => value * deviation);
  return {
    kernel: tf.variable(tf.tensor(kernel, [...shape]), true, `${name}/kernel`),
    bias: tf.variable(tf.zeros([shape.at(-1)!]), true, `${name}/bias`),
  };
});
const learned = variables.flatMap(({ kernel, bias }) => [kernel, bias]);
const optimizer = new LiveOptimizer(
  scheduledAdam(),
  learned.map((variable) => ({
    key: variable.name,
    read: () => variable,
    write: (value) => {
      variable.assign(value);
    },
  })),
);

/** Moves each image by up to two pixels either way; what comes in from outside is background. */
function shifted(images: Float32Array, draw: Random): Float32Array {
  const moved = new Float32Array(images.length).fill(-1);
  for (let first = 0; first < images.length; first += 784) {
    const down = draw.integer(2 * furthestShift + 1) - furthestShift;
    const right = draw.integer(2 * furthestShift + 1) - furthestShift;
    for (let row = Math.max(0, down); row < Math.min(28, 28 + down); row += 1) {
      for (let column = Math.max(0, right); column < Math.min(28, 28 + right); column += 1) {
        moved[first + row * 28 + column] = images[first + (row - down) * 28 + column - right]!;
      }
    }
  }
  return moved;
}

async function confusion(dataset: Dataset, weights: readonly LayerWeights[]): Promise<number[][]> {
  const table = Array.from({ length: 10 }, () => new Array<number>(10).fill(0));
  for await (const { samples, labels } of dataset.batches({ batchSize: 250 })) {
    const answers = tf.tidy(() =>
      tf.argMax(mnistNetwork(samples as tf.Tensor4D, weights).logits, 1),
    );
    const [wanted, given] = await Promise.all([labels!.data(), answers.data()]);
    wanted.forEach((label, i) => (table[label]![given[i]!]! += 1));
    tf.dispose([samples, labels!, answers]);
  }
  return table;
}

const accuracy = (table: readonly number[][]): number =>
  table.reduce((sum, row, digit) => sum + row[digit]!, 0) / table.flat().reduce((a, b) => a + b);

for (let epoch = 1; epoch <= epochs; epoch += 1) {
  const draw = new Random(deriveSeed(seed, 'shifts', epoch));
  const losses: number[] = [];
  const order = deriveSeed(seed, 'order', epoch);
  for await (const { samples, labels } of train.batches({ batchSize, seed: order })) {
    const images = tf.tensor4d(shifted((await samples.data()) as Float32Array, draw), [
      batchSize,
      28,
      28,
      1,
    ]);
    const loss = tf.tidy(() => {
      const wanted = tf.oneHot(labels!, 10);
      const { value, grads } = tf.variableGrads(
        () => tf.losses.softmaxCrossEntropy(wanted, mnistNetwork(images, variables).logits),
        learned,
      );
      const step = optimizer.step + 1;
      const gradients = learned.map((variable) => grads[variable.name]);
      optimizer.apply(gradients, { step, samples: batchSize * (step - 1) });
      return value;
    });
    losses.push((await loss.data())[0]!);
    tf.dispose([samples, labels!, images, loss]);
  }
  const reached = accuracy(await confusion(test, variables));
  const mean = losses.reduce((a, b) => a + b) / losses.length;
  console.log(`epoch ${epoch}: loss ${mean.toFixed(4)}, test accuracy ${reached.toFixed(4)}`);
}

/** Mean of the squares of all features of the training images. */
async function meanSquare(weights: readonly LayerWeights[]): Promise<number> {
  let sum = 0;
  for await (const { samples, labels } of train.batches({ batchSize: 500 })) {
    const square = tf.tidy(() =>
      tf.mean(tf.square(mnistNetwork(samples as tf.Tensor4D, weights).features)),
    );
    sum += (await square.data())[0]!;
    tf.dispose([samples, labels!, square]);
  }
  return (sum * 500) / train.size;
}

/**
 * The same classifier with features of a mean square of 1, the size that the kernel of kernelDistance is made for: what
 * makes the features is divided by their root mean square, what reads them is multiplied.
 */
async function normalized(weights: readonly LayerWeights[]): Promise<LayerWeights[]> {
  const root = Math.sqrt(await meanSquare(weights));
  const [last, hidden, ...rest] = [...weights].reverse() as [LayerWeights, LayerWeights];
  return [
    ...(rest as LayerWeights[]).reverse(),
    { kernel: tf.div(hidden.kernel, root), bias: tf.div(hidden.bias, root) },
    { kernel: tf.mul(last.kernel, root), bias: last.bias },
  ];
}

const roundedFirst = unpackWeights(await packWeights(variables), mnistLayers).map(layerTensors);
const packed = await packWeights(await normalized(roundedFirst));
const rounded = unpackWeights(packed, mnistLayers).map(layerTensors);
const table = await confusion(test, rounded);
console.log(
  `rounded to 8 bits: test accuracy ${accuracy(table).toFixed(4)}, ${packed.length} bytes`,
);
console.log(
  `confusion, a row for each true digit:\n${table.map((row) => row.join('\t')).join('\n')}`,
);

if (epochs === fullEpochs) {
  const lines = packed.match(/.{1,96}/g)!.map((line) => `  '${line}',`);
  await writeFile(
    target,
    [
      '// Written by scripts/train-mnist-classifier.ts; its report stands in docs/results/metrics.md.',
      '',
      '/** Weights of the digit classifier in 8 bits, as packed-weights.ts packs them. @internal */',
      'export const mnistWeights: string = [',
      ...lines,
      "].join('');",
      '',
    ].join('\n'),
  );
}

import * as tf from '@tensorflow/tfjs';
import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SpectralNorm } from 'tfjs-gan';
import { goldenEmbeddings, matchesPyTorch } from './golden-layers.ts';

/** Why there is no embedding of classes in `src/layers/`: that of TensorFlow.js is one, on labels `[batch]`. */
describe('tf.layers.embedding of class labels', () => {
  describe('in a critic under a gradient penalty', () => {
    matchesPyTorch(
      goldenEmbeddings,
      () => tf.layers.embedding({ inputDim: 4, outputDim: 3 }),
      (layer, x, labels) => tf.mul(x, layer.apply(labels) as tf.Tensor),
    );
  });

  describe('in a model', () => {
    let model: tf.LayersModel;

    beforeAll(async () => {
      await tf.setBackend('cpu');
      const labels = tf.input({ shape: [], dtype: 'int32' });
      const embeddingsInitializer = tf.initializers.glorotUniform({ seed: 3 });
      const embedding = tf.layers.embedding({ inputDim: 5, outputDim: 3, embeddingsInitializer });
      model = tf.model({ inputs: labels, outputs: embedding.apply(labels) as tf.SymbolicTensor });
    });

    afterAll(() => {
      model.dispose();
    });

    test('gives a row for each label, whatever the batch', () => {
      expect(model.outputs[0]!.shape).toEqual([null, 3]);
      tf.tidy(() => {
        const rows = model.getWeights()[0]!.arraySync() as number[][];
        const output = model.apply(tf.tensor1d([4, 0, 4], 'int32')) as tf.Tensor;
        expect(output.arraySync()).toEqual([rows[4], rows[0], rows[4]]);
      });
    });

    test('is a matrix to SpectralNorm, which knows its largest singular value', () => {
      const [embeddings] = model.getWeights();
      const matrix = Matrix.from1DArray(5, 3, [...embeddings!.dataSync()]);
      const largest = new SingularValueDecomposition(matrix, { autoTranspose: true }).norm2;
      const live = new SpectralNorm().bind(model, 'discriminator', 1);
      const metrics = tf.tidy(() =>
        Object.entries(live.observe!()).map(([name, sigma]) => [name, sigma.dataSync()[0]!]),
      );
      live.dispose();
      expect(metrics).toEqual([['1.embedding/embeddings', expect.closeTo(largest, 4)]]);
    });
  });
});

import '../support/on-cpu.ts';
import { describe, expect, test } from 'vitest';
import { createDcgan, createMlpGan } from 'tfjs-gan';
import { type ModelCardOptions, writeModelCard } from 'tfjs-gan/export';

const evaluation = {
  figures: {
    frechet: { mean: 3.14159, deviation: 0.2 },
    'prdc.coverage': { mean: 0.9, deviation: 0 },
  },
  samples: 1_000,
  realSamples: 500,
  seeds: [1, 2],
  extractor: 'mnistFeatures 1',
  dataset: 'mnist test',
};

describe('writeModelCard', () => {
  test('writes front matter that the Hub reads, and what is known', () => {
    const { generator } = createDcgan({ imageShape: [8, 8, 1], baseFilters: 2, latentSize: 4 });
    const card = writeModelCard({
      generator,
      name: 'Digits: "small"',
      license: 'mit',
      datasets: ['ylecun/mnist'],
      training: { steps: 10, 'batch | size': 4 },
      evaluation,
      files: {
        model: 'generator/model.json',
        onnx: 'onnx/model.onnx',
        torch: 'torch/generator.py',
      },
      limits: 'Only digits.',
    });
    expect(card.split('---\n')[1]).toBe(
      [
        'license: "mit"',
        'library_name: "tfjs-gan"',
        'pipeline_tag: "unconditional-image-generation"',
        'tags:',
        '  - "gan"',
        '  - "tensorflow.js"',
        'datasets:',
        '  - "ylecun/mnist"',
        'model-index:',
        '  - name: "Digits: \\"small\\""',
        '    results:',
        '      - task:',
        '          type: "unconditional-image-generation"',
        '        dataset:',
        '          name: "mnist test"',
        '          type: "ylecun/mnist"',
        '        metrics:',
        '          - type: "frechet"',
        '            value: 3.14159',
        '          - type: "prdc.coverage"',
        '            value: 0.9',
        '',
      ].join('\n'),
    );
    expect(card).toContain('| frechet | 3.142 | 0.20 |');
    expect(card).toContain(
      '1000 samples against 500 of mnist test, features of mnistFeatures 1, 2 seeds.',
    );
    expect(card).toContain('| batch \\| size | 4 |');
    expect(card).toContain('samples of shape [8, 8, 1] in −1…1');
    expect(card).toContain("    'latents': random.normal(size=(16, 4)).astype(np.float32),");
    expect(card).toContain('    samples = generator(torch.randn(16, 4))');
    expect(card).not.toContain('not given');
  });

  test('says what it was not told, and guesses nothing', () => {
    const { generator } = createMlpGan({ sampleShape: [2], classes: 3 });
    const card = writeModelCard({ generator, name: 'Points' });
    expect(card).not.toContain('license:');
    expect(card).not.toContain('pipeline_tag');
    for (const words of [
      'No license was given',
      'The training data were not named',
      'It was not evaluated',
      'Limits were not described',
      '| labels | [batch] | class labels 0 … 2 |',
    ]) {
      expect(card).toContain(words);
    }
  });

  test('refuses what is no card', () => {
    const { generator } = createMlpGan({ sampleShape: [2] });
    const refuses = (options: object, message: string): void =>
      expect(() => writeModelCard(options as ModelCardOptions)).toThrow(message);
    refuses({ generator }, 'Cannot write a model card: name must be a text, got undefined');
    refuses({ generator: generator.model, name: 'A' }, 'generator must be a Generator');
    refuses({ generator, name: 'A', licence: 'mit' }, "got 'licence'");
    refuses(
      { generator, name: 'A', files: { keras: 'a.h5' } },
      'files must have only the names model',
    );
    refuses({ generator, name: 'A', datasets: [1] }, 'datasets[0] must be a text, got 1');
    generator.dispose();
    refuses({ generator, name: 'A' }, 'this Generator was disposed');
  });
});

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import {
  adam,
  BceLoss,
  checkpoint,
  clipGradients,
  collapseAlarm,
  cosineDecay,
  DraganPenalty,
  earlyStop,
  evaluateEvery,
  FeatureMatching,
  GradientPenalty,
  HingeLoss,
  HistoricalAveraging,
  LeastSquaresLoss,
  linearDecay,
  memoryStore,
  MinimaxLoss,
  mlpDiscriminator,
  mlpGenerator,
  OrthogonalPenalty,
  overfittingAlarm,
  R1Penalty,
  R2Penalty,
  RelativisticLoss,
  ring8,
  rmsprop,
  saveGenerator,
  sgd,
  SpectralNorm,
  stepDecay,
  Trainer,
  warmup,
  WassersteinLoss,
  WeightClipping,
} from 'tfjs-gan';
import '../support/on-cpu.ts';

/** As a program in JavaScript would call them, with a name that they do not know. */
const makers: Readonly<Record<string, (options: never) => unknown>> = {
  'create a GradientPenalty': (options) => new GradientPenalty(options),
  'create an R1Penalty': (options) => new R1Penalty(options),
  'create an R2Penalty': (options) => new R2Penalty(options),
  'create a DraganPenalty': (options) => new DraganPenalty(options),
  'create an OrthogonalPenalty': (options) => new OrthogonalPenalty(options),
  'create a HistoricalAveraging': (options) => new HistoricalAveraging(options),
  'create a FeatureMatching': (options) => new FeatureMatching(options),
  'create a SpectralNorm': (options) => new SpectralNorm(options),
  'create a WeightClipping': (options) => new WeightClipping(options),
  'create a BceLoss': (options) => new BceLoss(options),
  'create a LeastSquaresLoss': (options) => new LeastSquaresLoss(options),
  'create a RelativisticLoss': (options) => new RelativisticLoss(options),
  'create adam': (options) => adam(options),
  'create rmsprop': (options) => rmsprop(options),
  'create sgd': (options) => sgd(options),
  'create linearDecay': (options) => linearDecay(options),
  'create cosineDecay': (options) => cosineDecay(options),
  'create stepDecay': (options) => stepDecay(options),
  'create warmup': (options) => warmup(1e-3, options),
  'clip gradients': (options) => clipGradients(adam(), options),
  checkpoint: (options) => checkpoint(memoryStore(), options),
  'stop early': (options) => earlyStop(options),
  'save the generator': (options) => saveGenerator('file://nowhere', options),
  'watch for collapse': (options) => collapseAlarm(options),
  'watch for overfitting': (options) => overfittingAlarm(ring8(), options),
  'evaluate during training': (options) => evaluateEvery({ epochs: 1 }, options),
};

describe('a name that is misspelt', () => {
  test.each(Object.keys(makers))('is refused by: %s', (action) => {
    expect(() => makers[action]!({ lambda: 10 } as never)).toThrow(
      new RegExp(`^Cannot ${action}: options must have only the names .*, got 'lambda'$`),
    );
  });

  test.each(Object.keys(makers))('and so is null by: %s', (action) => {
    expect(() => makers[action]!(null as never)).toThrow(
      `Cannot ${action}: options must be an object of settings, got null`,
    );
  });

  test.each(Object.keys(makers).filter((action) => /Penalty|Averaging|Matching/.test(action)))(
    'and so is a weight of null by: %s',
    (action) => {
      expect(() => makers[action]!({ weight: null } as never)).toThrow(
        `Cannot ${action}: weight must be a number of at least 0 or a Schedule, got null`,
      );
    },
  );

  test.each<[string, (options: never) => unknown]>([
    ['HingeLoss', (options) => new HingeLoss(options)],
    ['MinimaxLoss', (options) => new MinimaxLoss(options)],
    ['WassersteinLoss', (options) => new WassersteinLoss(options)],
  ])('is refused if there are no settings: %s', (name, make) => {
    expect(() => make({ margin: 2 } as never)).toThrow(
      `Cannot create a ${name}: options must be empty, as there are no settings, got 'margin'`,
    );
    expect(() => make({} as never)).not.toThrow();
  });

  test('is refused in every and in a monitor', () => {
    expect(() =>
      saveGenerator('file://nowhere', { every: { steps: 1, epoch: 2 } } as never),
    ).toThrow(
      "Cannot save the generator: every must have only the names steps, epochs, minutes, got 'epoch'",
    );
    const best = { value: () => 0, mode: 'min', patience: 3 };
    expect(() => checkpoint(memoryStore(), { best } as never)).toThrow(
      "Cannot checkpoint: best must have only the names value, mode, got 'patience'",
    );
    expect(() => checkpoint(memoryStore(), { best: { mode: 'min' } } as never)).toThrow(
      'Cannot checkpoint: best.value must be a function (step, run) that returns a number, got undefined',
    );
    expect(() => earlyStop({ value: 3, mode: 'min' } as never)).toThrow(
      'Cannot stop early: value must be a function (step, run) that returns a number, got 3',
    );
  });

  test('is refused by a Trainer', () => {
    using generator = mlpGenerator({ sampleShape: [2], latentSize: 2, hiddenUnits: [2] });
    using discriminator = mlpDiscriminator({ sampleShape: [2], hiddenUnits: [2] });
    const options = { generator, discriminator, penalty: [new R1Penalty()] };
    expect(() => new Trainer(options)).toThrow(
      'Cannot create a Trainer: options must have only the names generator, discriminator, loss, penalties, ' +
        "constraints, ema, optimizers, updatesPerStep, accumulate, auxiliaryWeights, transforms, topK, seed, got 'penalty'",
    );
  });

  test('clipGradients refuses what is no optimizer', () => {
    expect(() => clipGradients(tf.train.adam() as never, { norm: 1 })).toThrow(
      'Cannot clip gradients: optimizer must be an OptimizerSpec, got an instance of AdamOptimizer. A tf.Optimizer ' +
        'keeps its moments',
    );
  });
});

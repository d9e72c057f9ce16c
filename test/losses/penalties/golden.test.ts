import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  DraganPenalty,
  FeatureMatching,
  GradientPenalty,
  HistoricalAveraging,
  OrthogonalPenalty,
  type PenalizedWeight,
  type Penalty,
  R1Penalty,
  R2Penalty,
  Random,
  useBackend,
} from 'tfjs-gan';
import golden from '../../golden/penalties.json' with { type: 'json' };
import {
  contextOf,
  criticNames,
  givenRandom,
  goldenCritic,
  type GoldenTerm,
  gradientError,
  makeModel,
  measure,
  variablesOf,
  firstUpdate,
} from './golden-critic.ts';
import '../../support/on-cpu.ts';

/** What each number of the golden file is called here, and which random numbers it was made with. */
const penalties: readonly (readonly [string, Penalty, 'share' | 'noise' | undefined])[] = [
  ['gradientPenalty', new GradientPenalty(), 'share'],
  ['oneSided', new GradientPenalty({ oneSided: true }), 'share'],
  ['targetNorm', new GradientPenalty({ targetNorm: 0.5 }), 'share'],
  ['zeroCentered', new GradientPenalty({ targetNorm: 0 }), 'share'],
  ['atReal', new GradientPenalty({ at: 'real' }), undefined],
  ['atFake', new GradientPenalty({ at: 'fake' }), undefined],
  ['r1', new R1Penalty(), undefined],
  ['r2', new R2Penalty(), undefined],
  ['dragan', new DraganPenalty(), 'noise'],
];

function expectGolden(
  { value, gradients }: { value: tf.Scalar; gradients: tf.Tensor[] },
  wanted: GoldenTerm,
): void {
  expect(Math.abs(value.arraySync() / wanted.value - 1)).toBeLessThan(1e-5);
  expect(gradientError(gradients, wanted.gradients)).toBeLessThan(1e-5);
}

const backends = ['cpu', 'wasm-train'] as const;
const critics = backends.flatMap((backend) => criticNames.map((name) => [name, backend] as const));

describe.each(critics)(
  'on the critic %s, PyTorch in float64 gives the same on %s',
  (name, backend) => {
    beforeAll(async () => {
      await useBackend(backend);
      return async () => {
        await useBackend('cpu');
      };
    });

    test.each(penalties)('%s, value and parameter gradient', (term, penalty, drawn) => {
      const critic = goldenCritic(name);
      const model = makeModel(critic);
      tf.tidy(() => {
        const shape = [critic.batch, ...critic.inputShape];
        const context = contextOf(model, {
          real: tf.tensor([...critic.real], shape),
          fake: tf.tensor([...critic.fake], shape),
          random: drawn === undefined ? givenRandom([]) : givenRandom(critic[drawn]),
        });
        expectGolden(measure(penalty, context, variablesOf(model)), critic.penalties[term]!);
      });
      model.dispose();
    });
  },
);

describe('PyTorch in float64 gives the same', () => {
  const unused = {
    ...firstUpdate,
    random: new Random(0),
    step: 1,
    discriminate: (): never => {
      throw new Error('not requested');
    },
    features: (): never => {
      throw new Error('not requested');
    },
  };

  test.each(['offDiagonal', 'all'] as const)('OrthogonalPenalty of the entries %s', (entries) => {
    const wanted = golden.orthogonal;
    tf.tidy(() => {
      const kinds = [
        ['0.dense/kernel', [4, 5]],
        ['1.conv2D/kernel', [3, 3, 2, 4]],
        ['2.conv2DTranspose/kernel', [3, 3, 4, 2]],
      ] as const;
      const kernels = kinds.map(([, shape], i) =>
        tf.variable(tf.tensor([...wanted.kernels[i]!], [...shape])),
      );
      const weights: PenalizedWeight[] = kinds.map(([key], i) => ({
        key,
        value: kernels[i]!,
        filterAxis: key.includes('Transpose') ? -2 : -1,
        slots: [],
      }));
      // None of these is a kernel whose filters could stand at right angles.
      for (const key of [
        '0.dense/bias',
        '3.depthwiseConv2D/depthwise_kernel',
        '4.embedding/embeddings',
      ]) {
        weights.push({ key, value: tf.variable(tf.ones([3, 3])), slots: [] });
      }
      const [real, fake] = [tf.zeros([1, 1]), tf.zeros([1, 1])];
      const context = { ...unused, real, fake, weights, update: 1 };
      expectGolden(measure(new OrthogonalPenalty({ entries }), context, kernels), wanted[entries]);
    });
  });

  test('FeatureMatching, for batches of unequal size', () => {
    const wanted = golden.featureMatching;
    tf.tidy(() => {
      const [latents, real, layer, bias] = [
        tf.tensor2d(wanted.latents, [6, 3]),
        tf.tensor2d(wanted.real, [4, 2]),
        tf.tensor2d(wanted.layer, [2, 5]),
        tf.tensor1d(wanted.bias),
      ];
      const kernel = tf.variable(tf.tensor2d(wanted.kernel, [3, 2]));
      const read = (x: tf.Tensor): tf.Tensor =>
        tf.tanh(tf.add(tf.matMul(x as tf.Tensor2D, layer), bias));
      const context = {
        ...unused,
        real,
        fake: real,
        weights: [],
        update: 1,
        features: () => ({ real: read(real), fake: read(tf.matMul(latents, kernel)) }),
      };
      expectGolden(measure(new FeatureMatching(), context, [kernel]), wanted);
    });
  });

  test('HistoricalAveraging, after three updates', () => {
    const wanted = golden.historicalAveraging;
    const penalty = new HistoricalAveraging();
    tf.tidy(() => {
      let slots: readonly tf.Tensor[] = [tf.zeros([6])];
      const key = '0.dense/kernel';
      wanted.path.slice(0, -1).forEach((value, i) => {
        slots = penalty.updateSlots({ key, value: tf.tensor1d(value), slots }, i + 1);
      });
      const value = tf.variable(tf.tensor1d(wanted.path.at(-1)));
      const [real, fake] = [tf.zeros([1, 1]), tf.zeros([1, 1])];
      const context = { ...unused, real, fake, weights: [{ key, value, slots }], update: 4 };
      expectGolden(measure(penalty, context, [value]), wanted);
    });
  });
});

import {
  adam,
  clipGradients,
  cosineDecay,
  DraganPenalty,
  FeatureMatching,
  GradientPenalty,
  HistoricalAveraging,
  OrthogonalPenalty,
  type PresetTrainerOptions,
  R1Penalty,
  R2Penalty,
  SpectralNorm,
  stepDecay,
  warmup,
  WeightClipping,
} from 'tfjs-gan';

/** Every penalty, both constraints, an average, schedules, and gradients clipped in each of the three ways. */
export function everything(): PresetTrainerOptions {
  return {
    penalties: [
      new GradientPenalty({ weight: 0.5 }),
      new R1Penalty({ weight: 0.2, every: 3 }),
      new R2Penalty({ weight: 0.2, every: 2 }),
      new DraganPenalty({ weight: 0.1, every: 4 }),
      new OrthogonalPenalty({ weight: 0.1, target: 'discriminator' }),
      new OrthogonalPenalty({ weight: 0.1, target: 'generator', entries: 'all' }),
      new HistoricalAveraging({ weight: 0.1, target: 'discriminator' }),
      new HistoricalAveraging({ weight: 0.1, target: 'generator' }),
      new FeatureMatching({ weight: 0.3 }),
    ],
    constraints: [
      new SpectralNorm({ target: 'all' }),
      new WeightClipping({ limit: 0.4, target: 'discriminator' }),
    ],
    ema: { decay: 0.7, startStep: 1 },
    optimizers: {
      discriminator: clipGradients(
        adam({
          learningRate: warmup(cosineDecay({ from: 1e-2, to: 1e-3, end: 9 }), { updates: 3 }),
        }),
        { globalNorm: 0.5 },
      ),
      generator: clipGradients(
        clipGradients(
          adam({ learningRate: warmup(stepDecay({ from: 5e-3, every: 3 }), { updates: 2 }) }),
          { value: 0.05 },
        ),
        { norm: 0.5 },
      ),
    },
    updatesPerStep: { discriminator: 2 },
  };
}

import * as tf from '@tensorflow/tfjs';
import { addAll } from '../../core/add-all.ts';
import type { Random } from '../../core/random.ts';
import type { TrainingProgress } from '../../core/schedules/schedule.ts';
import type { Batch } from '../../data/dataset.ts';
import type { Loss } from '../../losses/loss.ts';
import { FeatureReader } from '../feature-reader.ts';
import type { LiveNetwork, NetworkUpdate } from '../live-network.ts';
import { checkTerm, type LossTerm } from '../loss-term.ts';
import type { PenaltyView } from '../network-penalties.ts';
import type { Lap, StepScalars, TrainStep } from './train-step.ts';

/**
 * How often each network moves in one step.
 *
 * @example Five moves of the critic for each of the generator, as a WGAN has them
 * ```ts
 * const updatesPerStep: UpdatesPerStep = { discriminator: 5 };
 * const { trainer } = createMlpGan({ sampleShape: [2], updatesPerStep });
 * const { steps } = await trainer.fit(ring8({ size: 512 }), { epochs: 1, batchSize: 32 });
 * console.log(steps.length, steps[0]?.samples); // 3 160
 * ```
 */
export interface UpdatesPerStep {
  /**
   * Discriminator updates, each with a fresh batch of real samples and fresh fakes.
   *
   * @defaultValue `1`
   */
  readonly discriminator?: number | undefined;
  /**
   * Generator updates, each with fresh fakes.
   *
   * @defaultValue `1`
   */
  readonly generator?: number | undefined;
}

/** What {@link AdversarialStep} plays with. @internal */
export interface AdversarialStepParts {
  readonly generator: LiveNetwork;
  readonly discriminator: LiveNetwork;
  readonly loss: Loss;
  readonly updates: { readonly discriminator: number; readonly generator: number };
  /** Fresh latents for a batch; the caller disposes them. */
  readonly latents: (count: number) => tf.Tensor;
  /** Where penalties draw their random numbers from. */
  readonly random: Random;
}

/** Share of samples judged right. */
interface Judged {
  readonly accuracy: StepScalars['accuracy'];
}

/**
 * The game of two: the discriminator moves, then the generator.
 *
 * Batch norm's moving statistics follow each network's own updates only: the fakes the discriminator learns from are
 * made, and the generator's fakes judged, with the other's statistics held. So are the passes of penalties.
 *
 * A network's loss and all its penalties are one sum, differentiated once.
 *
 * @internal
 */
export class AdversarialStep implements TrainStep {
  readonly batches: number;
  readonly #parts: AdversarialStepParts;
  readonly #features: FeatureReader;

  constructor(parts: AdversarialStepParts) {
    this.#parts = parts;
    this.#features = new FeatureReader(parts.discriminator.model);
    this.batches = parts.updates.discriminator;
  }

  run(batches: readonly Batch[], progress: TrainingProgress, lap: Lap): StepScalars {
    const { generator, discriminator, updates } = this.#parts;
    return tf.tidy(() => {
      const judged = batches.map((batch) => this.#updateDiscriminator(batch, progress));
      lap('discriminator');
      const last = batches.at(-1)!;
      const made = Array.from({ length: updates.generator }, () =>
        this.#updateGenerator(last, progress),
      );
      lap('generator');
      const [onD, onG] = [means(judged), means(made)];
      return {
        losses: { discriminator: onD.loss, generator: onG.loss },
        terms: { discriminator: onD.terms, generator: onG.terms },
        gradientNorms: { discriminator: onD.gradientNorm, generator: onG.gradientNorm },
        accuracy: {
          real: mean(judged.map(({ accuracy }) => accuracy.real)),
          fake: mean(judged.map(({ accuracy }) => accuracy.fake)),
        },
        constraintMetrics: {
          discriminator: discriminator.constraints.observe(),
          generator: generator.constraints.observe(),
        },
        generatorWeights: generator.weightSum(),
      };
    });
  }

  #updateDiscriminator(batch: Batch, progress: TrainingProgress): NetworkUpdate & Judged {
    const { generator, discriminator, loss, latents } = this.#parts;
    const real = batch.samples;
    return tf.tidy(() => {
      // No gradient flows into the generator here: its fakes are made outside the differentiated function.
      const fake = tf.tidy(() =>
        generator.constraints.wrapForward(() => generator.forwardHeld(latents(real.shape[0]))),
      );
      const judged: tf.Tensor[] = [];
      try {
        const update = discriminator.update(progress, (own) => {
          const onReal = discriminator.forward(real);
          const onFake = discriminator.forward(fake);
          judged.push(tf.keep(onReal.clone()), tf.keep(onFake.clone()));
          const value = loss.discriminator(onReal, onFake);
          const view = this.#view(batch, fake, progress.step);
          return [this.#term(value, 'discriminator'), ...discriminator.penalties.terms(view, own)];
        });
        const [onReal, onFake] = judged as [tf.Tensor, tf.Tensor];
        return { ...update, accuracy: accuracyOf(onReal, onFake, loss.decisionBoundary) };
      } finally {
        tf.dispose(judged);
      }
    });
  }

  #updateGenerator(batch: Batch, progress: TrainingProgress): NetworkUpdate {
    const { generator, discriminator, loss, latents } = this.#parts;
    const real = batch.samples;
    return tf.tidy(() => {
      const latent = latents(real.shape[0]);
      const terms: Parameters<LiveNetwork['update']>[1] = (own) => {
        const fake = generator.forward(latent);
        const onFake = discriminator.forwardHeld(fake);
        const onReal = loss.usesRealLogits === true ? discriminator.forwardHeld(real) : undefined;
        const value =
          onReal === undefined ? loss.generator(onFake) : loss.generator(onFake, onReal);
        const view = this.#view(batch, fake, progress.step);
        return [this.#term(value, 'generator'), ...generator.penalties.terms(view, own)];
      };
      return generator.update(progress, (own) =>
        discriminator.constraints.wrapForward(() => terms(own)),
      );
    });
  }

  /** What penalties look at in an update; the discriminator stands under its constraints already. */
  #view(batch: Batch, fake: tf.Tensor, step: number): PenaltyView {
    const { discriminator, random } = this.#parts;
    const { samples: real, labels } = batch;
    const discriminate = (samples: tf.Tensor): tf.Tensor => discriminator.forwardHeld(samples);
    const features: PenaltyView['features'] = (layer) => {
      const passes = [real, fake].map((samples) => () => discriminate(samples));
      const [onReal, onFake] = this.#features.read(layer, passes) as [tf.Tensor, tf.Tensor];
      return { real: onReal, fake: onFake };
    };
    return { real, fake, labels, random, step, discriminate, features };
  }

  #term(value: tf.Scalar, network: 'discriminator' | 'generator'): LossTerm {
    return { name: this.#parts.loss.name, value: checkTerm(`the ${network} loss`, value) };
  }
}

/** A network's numbers over its updates in a step. */
function means(updates: readonly NetworkUpdate[]): NetworkUpdate {
  const loss = mean(updates.map((update) => update.loss));
  const names = Object.keys(updates[0]?.terms ?? {});
  const terms = names.map((name) => {
    // A term that is alone is the loss, and need not be read twice.
    const isLoss = updates.every((update) => update.terms[name] === update.loss);
    return [name, isLoss ? loss : mean(updates.map((update) => update.terms[name]!))] as const;
  });
  const gradientNorm = mean(updates.map((update) => update.gradientNorm));
  return { loss, gradientNorm, terms: Object.fromEntries(terms) };
}

function mean(scalars: readonly tf.Scalar[]): tf.Scalar {
  const [only] = scalars;
  if (scalars.length === 1 && only !== undefined) return only;
  return tf.div(addAll(scalars), scalars.length).asScalar();
}

/** The shares on their own side of the border. */
function accuracyOf(
  onReal: tf.Tensor,
  onFake: tf.Tensor,
  boundary: Loss['decisionBoundary'] = 0,
): StepScalars['accuracy'] {
  const border =
    boundary === 'midpoint' ? tf.div(tf.add(tf.mean(onReal), tf.mean(onFake)), 2) : boundary;
  return {
    real: tf.mean(tf.greater(onReal, border)).asScalar(),
    fake: tf.mean(tf.less(onFake, border)).asScalar(),
  };
}

import * as tf from '@tensorflow/tfjs';
import type { TableCodec } from '../../codecs/table/table-codec.ts';
import type { Generator } from '../../models/generator.ts';
import type { TvaeEncoder } from '../../models/table/tvae-networks.ts';
import type { OptimizerSpec } from '../../optimizers/optimizer.ts';
import type { EmaOptions, Game } from '../game.ts';
import { TableSpans } from './table-spans.ts';

/** The parts of {@link tvaeGame}. @internal */
export interface TvaeParts {
  readonly codec: TableCodec;
  readonly encoder: TvaeEncoder;
  readonly generator: Generator;
  readonly optimizers: Readonly<Record<'encoder' | 'generator', OptimizerSpec>>;
  readonly ema: EmaOptions | undefined;
  /** Weight of the reconstruction. */
  readonly lossFactor: number;
}

/**
 * The game of TVAE: encoder and decoder, the generator, together minimize the negative evidence
 * lower bound, with the reconstruction weighted by a factor.
 *
 * @see Xu et al., Modeling Tabular Data using Conditional GAN, 2019, section 4.5.
 * {@link https://arxiv.org/abs/1907.00503}
 *
 * @internal
 */
export function tvaeGame(parts: TvaeParts): Game {
  const { codec, encoder, generator, optimizers, ema, lossFactor } = parts;
  const spans = new TableSpans(codec.places);
  return {
    name: 'tvae',
    settings: {
      latentSize: generator.latentSize,
      'table.width': codec.width,
      'table.checksum': codec.checksum,
      lossFactor,
    },
    networks: {
      encoder: { network: encoder, optimizer: optimizers.encoder },
      generator: { network: generator, optimizer: optimizers.generator, ema },
    },
    batch: { samples: { shape: [codec.width] } },
    turns: [
      {
        name: 'autoencoder',
        updates: ['encoder', 'generator'],
        terms: (pass) => {
          const samples = pass.batch['samples']!;
          const encoded = pass.run('encoder', { samples });
          const [means, logVariances] = [encoded['means']!, encoded['logVariances']!];
          const noise = pass.latents('generator')['latents']!;
          const latents = tf.add(means, tf.mul(tf.exp(tf.div(logVariances, 2)), noise));
          const made = pass.run('generator', { latents })['samples']!;
          return {
            reconstruction: tf.mul(spans.negativeLogLikelihood(made, samples), lossFactor),
            divergence: normalDivergence(means, logVariances),
          };
        },
      },
    ],
    generators: { rows: generator },
  };
}

/**
 * The Kullback–Leibler divergence of normal distributions from the standard one, summed over
 * latents, the mean over rows: ½ Σ (μ² + σ² − 1 − log σ²).
 *
 * @param means - `[batch, latents]`.
 * @param logVariances - Logarithms of σ², `[batch, latents]`.
 * @returns A scalar.
 *
 * @internal
 */
export function normalDivergence(means: tf.Tensor, logVariances: tf.Tensor): tf.Tensor {
  const variances = tf.exp(logVariances);
  const each = tf.sub(tf.add(tf.square(means), variances), tf.add(logVariances, 1));
  return tf.div(tf.sum(each), 2 * (means.shape[0] ?? 1));
}

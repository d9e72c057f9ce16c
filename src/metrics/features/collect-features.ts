import * as tf from '@tensorflow/tfjs';
import { eventLoopTurn } from '../../core/event-loop.ts';
import type { ValueRange } from '../../core/value-range.ts';
import type { Dataset } from '../../data/dataset.ts';
import { samplesOf } from '../../data/samples-of.ts';
import type { Generator } from '../../models/generator.ts';
import { extractChecked, type FeatureExtractor } from './feature-extractor.ts';
import { inRange } from './in-range.ts';

/** Features of many samples, and logits if the extractor returns them. @internal */
export interface CollectedFeatures {
  readonly features: tf.Tensor2D;
  readonly logits: tf.Tensor2D | undefined;
  /** The class of each sample, if the samples have labels. */
  readonly labels: Int32Array | undefined;
}

/** Number of samples in one pass through networks. */
const samplesAtOnce = 250;

/**
 * Features of generated samples: those of `generator.sample(count, { seed })`, computed in batches.
 *
 * @internal
 */
export async function fakeFeatures(
  action: string,
  generator: Generator,
  extractor: FeatureExtractor,
  count: number,
  seed: number,
): Promise<CollectedFeatures> {
  const inputs = tf.tidy(() => generator.drawInputs(action, count, { seed }));
  const collector = new Collector(action, extractor, generator.valueRange);
  try {
    for (let first = 0; first < count; first += samplesAtOnce) {
      const size = Math.min(samplesAtOnce, count - first);
      const samples = tf.tidy(() => {
        const some = Object.entries(inputs).map(
          ([name, tensor]) => [name, tf.slice(tensor, first, size)] as const,
        );
        return generator.generate(Object.fromEntries(some));
      });
      const labels = inputs['labels'] && tf.slice(inputs['labels'], first, size);
      await collector.add(samples, labels);
    }
  } finally {
    tf.dispose(inputs);
  }
  return collector.finish();
}

/**
 * Features of `count` samples of a dataset, or of all if it has fewer. If some are left out, the
 * choice is random by the seed, because the first samples of a dataset may be similar.
 *
 * @internal
 */
export async function realFeatures(
  action: string,
  dataset: Dataset,
  extractor: FeatureExtractor,
  count: number,
  seed: number,
): Promise<CollectedFeatures> {
  const { valueRange } = dataset as { valueRange?: ValueRange | undefined };
  const collector = new Collector(action, extractor, valueRange);
  for (const options of passes(dataset.size, count, seed)) {
    for await (const batch of dataset.batches(options)) {
      const labels = batch.labels?.clone();
      const samples = samplesOf(batch);
      const left = count - collector.count;
      if (left >= (samples.shape[0] ?? 0)) await collector.add(samples, labels);
      else {
        await collector.add(tf.slice(samples, 0, left), labels && tf.slice(labels, 0, left));
        tf.dispose([samples, labels ?? []]);
      }
      if (collector.count >= count) return collector.finish();
    }
  }
  return collector.finish();
}

interface Pass {
  readonly batchSize: number;
  readonly seed?: number;
  readonly firstBatch?: number;
}

/** Passes until there are enough samples, because datasets drop an incomplete last batch. */
function passes(size: number | undefined, count: number, seed: number): Pass[] {
  if (size === undefined || size === Infinity) {
    return [{ batchSize: Math.min(samplesAtOnce, count), seed }];
  }
  const batchSize = Math.min(samplesAtOnce, size);
  const whole = size - (size % batchSize);
  if (count <= whole && count < size) return [{ batchSize, seed }];
  const rest = size === whole ? [] : [{ batchSize: 1, firstBatch: whole }];
  return [{ batchSize }, ...rest];
}

/** Extracts features batch by batch and copies them from the backend until all are complete. */
class Collector {
  readonly #action: string;
  readonly #extractor: FeatureExtractor;
  readonly #range: ValueRange | undefined;
  readonly #features: Float32Array[] = [];
  readonly #logits: Float32Array[] = [];
  readonly #labels: Int32Array[] = [];
  #classes = 0;
  count = 0;

  constructor(action: string, extractor: FeatureExtractor, range: ValueRange | undefined) {
    this.#action = action;
    this.#extractor = extractor;
    this.#range = range;
  }

  /** Adds a batch with the classes of its samples, and disposes it. */
  async add(samples: tf.Tensor, labels?: tf.Tensor): Promise<void> {
    const to = this.#extractor.valueRange;
    const extracted = tf.tidy(() => ({
      ...extractChecked(this.#action, this.#extractor, inRange(samples, this.#range, to)),
    }));
    samples.dispose();
    if (labels !== undefined) {
      this.#labels.push(Int32Array.from(await labels.data()));
      labels.dispose();
    }
    const { features, logits } = extracted;
    this.#features.push(Float32Array.from(await features.data()));
    if (logits !== undefined) {
      this.#logits.push(Float32Array.from(await logits.data()));
      this.#classes = logits.shape[1];
    }
    this.count += features.shape[0];
    tf.dispose([features, ...(logits === undefined ? [] : [logits])]);
    await eventLoopTurn();
  }

  /** The result; the caller disposes it. */
  finish(): CollectedFeatures {
    return {
      features: joined(this.#features, this.count, this.#extractor.featureSize),
      logits: this.#classes === 0 ? undefined : joined(this.#logits, this.count, this.#classes),
      labels:
        this.#labels.length === 0
          ? undefined
          : Int32Array.from(this.#labels.flatMap((part) => [...part])),
    };
  }
}

function joined(parts: readonly Float32Array[], rows: number, columns: number): tf.Tensor2D {
  const all = new Float32Array(rows * columns);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return tf.tensor2d(all, [rows, columns]);
}

import * as tf from '@tensorflow/tfjs';
import { isPicture } from '../../../io/picture.ts';
import type { NamedArray } from '../../../core/named-arrays.ts';
import { deriveSeed, Random } from '../../../core/random.ts';
import type { Dataset } from '../../../data/dataset.ts';
import { type ConditionInput, isCondition } from '../../../models/conditions.ts';
import type { Generator } from '../../../models/generator.ts';
import type { NetworkInput } from '../../../models/network.ts';
import type { RunningTrainer } from '../../../training/running-trainer.ts';
import {
  type ShownGenerator,
  shownGenerators,
} from '../../../training/callbacks/shown-generators.ts';

/** Settings of the images of a run. @internal */
export interface GridSettings {
  readonly seed: number;
  /** Number of samples in an image. */
  readonly count: number | undefined;
  readonly columns: number | undefined;
}

/** The content of one image; the caller disposes the samples. @internal */
export interface GridSamples {
  readonly samples: tf.Tensor;
  /** Images in a row, if it is fixed. */
  readonly columns: number | undefined;
}

/** Default number of samples in an image. */
const defaultCount = 64;

/** Maximum number of rows if each class has a column. */
const mostRows = 8;

/** Chosen once, so that all images of a generator use the same inputs. */
interface GridPlan {
  readonly count: number;
  readonly columns: number | undefined;
  readonly labels: Readonly<Record<string, readonly number[]>>;
  /** Conditions of the first samples of the data. */
  readonly rows: Readonly<Record<string, NamedArray>>;
}

/**
 * The generators whose samples are images; empty if there are none.
 *
 * @internal
 */
export function pictureGenerators(trainer: RunningTrainer): readonly ShownGenerator[] {
  return shownGenerators(trainer).filter(({ generator }) => isPicture(generator.outputShape));
}

/** How often a picture's pixels are repeated: small pictures are drawn twice as large. @internal */
export function pictureScale([height = 0]: readonly number[]): number {
  return height <= 48 ? 2 : 1;
}

/**
 * The generators whose samples are points in the plane; none if there are no such.
 *
 * @internal
 */
export function pointGenerators(trainer: RunningTrainer): readonly ShownGenerator[] {
  return shownGenerators(trainer).filter(({ generator }) => isPoint(generator.outputShape));
}

/** The file of a generator's picture after a step. @internal */
export function pictureFile(step: number, name: string | undefined): string {
  const suffix = name === undefined ? '' : `-${encodeURIComponent(name)}`;
  return `step-${String(step).padStart(6, '0')}${suffix}.png`;
}

/** @internal */
export function isPoint(shape: readonly number[]): boolean {
  return shape.length === 1 && shape[0] === 2;
}

/**
 * Generates the samples for the images of a run: the same latents, classes and conditions each
 * time.
 *
 * @internal
 */
export function gridSampler(
  settings: GridSettings,
): (generator: Generator, dataset: Dataset) => Promise<GridSamples> {
  const plans = new WeakMap<Generator, GridPlan>();
  return async (generator, dataset) => {
    const plan = plans.get(generator) ?? (await planOf(generator, dataset, settings));
    plans.set(generator, plan);
    const { count, columns, labels, rows } = plan;
    const samples = tf.tidy(() => {
      const tensors = Object.entries(rows).map(
        ([name, { values, shape }]) => [name, tf.tensor(values, [...shape])] as const,
      );
      const conditions = { ...labels, ...Object.fromEntries(tensors) };
      return generator.sample(count, { seed: settings.seed, ...conditions });
    });
    return { samples, columns };
  };
}

async function planOf(
  generator: Generator,
  dataset: Dataset,
  { count, columns, seed }: GridSettings,
): Promise<GridPlan> {
  const inputs = Object.entries(generator.inputs as Readonly<Record<string, NetworkInput>>);
  const conditions = inputs.filter((entry): entry is [string, ConditionInput] =>
    isCondition(entry[1]),
  );
  const labels = conditions.find(([, { classes }]) => classes !== undefined);
  const classes = labels?.[1].classes;
  const byClass = columns === undefined ? classes : undefined;
  const samples = count ?? countOf(byClass);
  const fromData = conditions
    .filter(([, condition]) => {
      const { categorical, source = 'batch' } = condition;
      return condition.classes === undefined && categorical === undefined && source === 'batch';
    })
    .map(([name]) => name);
  // Passed explicitly, because a generator would draw them differently after it has seen the data.
  const random = new Random(deriveSeed(seed, 'classes'));
  const classOf = (i: number): number =>
    byClass === undefined ? random.integer(classes ?? 1) : i % byClass;
  const given = labels && { [labels[0]]: Array.from({ length: samples }, (_, i) => classOf(i)) };
  return {
    count: samples,
    columns: byClass === undefined ? columns : Math.min(byClass, samples),
    labels: given ?? {},
    rows: fromData.length === 0 ? {} : await firstRows(dataset, fromData, samples),
  };
}

/** Whole rows of all classes, with about as many samples as without classes. */
function countOf(classes: number | undefined): number {
  if (classes === undefined || classes >= defaultCount) return defaultCount;
  return classes * Math.min(mostRows, Math.floor(defaultCount / classes));
}

/**
 * The conditions of the first samples of the data, repeated if there are fewer. A trained generator
 * draws short conditions by itself, but the first image precedes training, and image conditions
 * cannot be drawn.
 */
async function firstRows(
  dataset: Dataset,
  names: readonly string[],
  count: number,
): Promise<Record<string, NamedArray>> {
  const batchSize = Math.min(count, dataset.size ?? count);
  for await (const batch of dataset.batches({ batchSize })) {
    try {
      const given = names.filter((name) => batch[name] !== undefined);
      const rows = given.map(async (name): Promise<[string, NamedArray]> => {
        const { shape } = batch[name]!;
        const values = await batch[name]!.data();
        const length = values.length / batchSize;
        const repeated = Float32Array.from(
          { length: count * length },
          (_, i) => values[i % values.length] ?? NaN,
        );
        return [name, { shape: [count, ...shape.slice(1)], values: repeated }];
      });
      return Object.fromEntries(await Promise.all(rows));
    } finally {
      tf.dispose({ ...batch });
    }
  }
  return {};
}

import * as tf from '@tensorflow/tfjs';
import { checkOneOf, checkPositiveInteger, checkSeed } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { isTensor } from '../models/conditions.ts';
import type { Generator } from '../models/generator.ts';
import type { ConditionsOf, GeneratorInputs } from '../models/generator-inputs.ts';
import { conditionOptions, latentInput } from './own-options.ts';

/**
 * Settings of {@link slerpWalk}.
 *
 * @example Six stops of ten frames each, from the first to the last and not back
 * ```ts
 * const options: SlerpWalkOptions = { stops: 6, steps: 10, closed: false, seed: 1 };
 * const frames = slerpWalk(generator, options);
 * console.log(frames.shape); // [ 51, 8, 8, 1 ]
 * frames.dispose();
 * ```
 */
export interface SlerpWalkOptions {
  /**
   * How many latents to visit, or the latents, `[stops, latentSize]`, which the caller keeps
   * owning; at least 2.
   *
   * @defaultValue `4`
   */
  readonly stops?: number | tf.Tensor2D | undefined;
  /**
   * Frames from one stop to the next.
   *
   * @defaultValue `16`
   */
  readonly steps?: number | undefined;
  /**
   * Whether the walk returns to its first stop, so that the frames can be repeated endlessly.
   *
   * @defaultValue `true`
   */
  readonly closed?: boolean | undefined;
  /**
   * Determines stops, and conditions that are left out.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

const names: readonly string[] = ['stops', 'steps', 'closed', 'seed'];

/**
 * Samples along a closed walk through latent space, for an animation.
 *
 * Between two stops it goes as `generator.interpolate` does: on an arc for normal latents, whose
 * norm a straight line would shrink, and on a line for uniform ones. A condition that is given once
 * stays; a list with one for each stop is interpolated, and one that is left out is drawn for each
 * stop.
 *
 * @param generator - The generator.
 * @param options - Stops, frames between them, seed, and a value for each condition, such as
 *   `{ labels: 3 }`.
 * @returns The frames, `[frames, ...outputShape]`: stops · steps of a closed walk, otherwise (stops
 * − 1) · steps + 1. The caller disposes them.
 * @throws RangeError if there are fewer than two stops or `stops` has another shape, a number is out
 *   of range, or a condition has values for another number of stops.
 * @throws TypeError if an option is unknown.
 *
 * @example Eight digits in turn, as an animated PNG
 * ```ts
 * const digits = createMlpGan({ sampleShape: [8, 8, 1], latentSize: 4, classes: 10 }).generator;
 * const frames = slerpWalk(digits, { stops: 3, steps: 4, seed: 1, labels: [3, 8, 0] });
 * const bytes = await encodeApng(frames, { scale: 4 });
 * console.log(frames.shape); // [ 12, 8, 8, 1 ]
 * frames.dispose();
 * ```
 *
 * @see White, Sampling Generative Networks, 2016, section 2.1.
 *   {@link https://arxiv.org/abs/1609.04468}
 */
export function slerpWalk<I extends GeneratorInputs = GeneratorInputs>(
  generator: Generator<I>,
  options: SlerpWalkOptions & ConditionsOf<I> = {},
): tf.Tensor {
  const action = 'walk through latent space';
  const given = conditionOptions(action, generator, options, names);
  const { stops = 4, steps = 16, closed = true, seed = 0 } = options;
  const count = isTensor(stops) ? stops.shape[0] : stops;
  checkPositiveInteger(action, 'stops', count);
  if (count < 2) throw new RangeError(`Cannot ${action}: stops must be at least 2, got ${count}`);
  checkPositiveInteger(action, 'steps', steps);
  checkOneOf(action, 'closed', closed, [true, false]);
  checkSeed(action, seed);
  const latents = latentInput(action, generator);
  const { latentSize } = generator;
  if (isTensor(stops) && (stops.rank !== 2 || stops.shape[1] !== latentSize)) {
    throw new RangeError(
      `Cannot ${action}: stops must have the shape [stops, ${latentSize}], got ${formatShape(stops.shape)}`,
    );
  }
  return tf.tidy(() => {
    const drawn = generator.drawInputs(action, count, { ...given, seed } as never);
    const places = isTensor(stops) ? stops : drawn[latents]!;
    const legs = Array.from({ length: closed ? count : count - 1 }, (_, leg) => {
      const ends = [leg, (leg + 1) % count] as const;
      const [from, to] = ends.map((end) => tf.reshape(tf.slice(places, end, 1), [latentSize]));
      const conditions = Object.keys(drawn)
        .filter((name) => name !== latents)
        .map((name) => [name, ofEnds(given[name], drawn[name]!, ends)] as const);
      const leads = { ...Object.fromEntries(conditions), steps: steps + 1 } as never;
      const frames = generator.interpolate(from as tf.Tensor1D, to as tf.Tensor1D, leads);
      // A stop is the first frame of the next leg.
      return closed || leg < count - 2 ? tf.slice(frames, 0, steps) : frames;
    });
    return tf.concat(legs, 0);
  });
}

/**
 * A condition at two stops. Classes that were given as numbers stay numbers, so that equal ones
 * need not be mixed.
 */
function ofEnds(given: unknown, drawn: tf.Tensor, ends: readonly [number, number]): unknown {
  if (drawn.rank === 1 && typeof given === 'number') return given;
  if (drawn.rank === 1 && given !== undefined && !isTensor(given)) {
    return ends.map((end) => (given as ArrayLike<number>)[end]);
  }
  return tf.gather(drawn, tf.tensor1d([...ends], 'int32'));
}

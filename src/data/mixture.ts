import { checkNonNegative, checkPositiveInteger, withDefaults } from '../core/checks.ts';
import { Random } from '../core/random.ts';
import { inMemoryDataset, type InMemoryDataset } from './in-memory.ts';

/**
 * Settings of {@link ring8} and {@link grid25}.
 *
 * @example A wider ring, and held-out points
 * ```ts
 * const wide: MixtureOptions = { size: 512, standardDeviation: 0.1 };
 * const training = ring8({ ...wide, seed: 1 });
 * const heldOut = ring8({ ...wide, seed: 2 });
 * console.log(training.standardDeviation, heldOut.size); // 0.1 512
 * ```
 */
export interface MixtureOptions {
  /**
   * Number of points.
   *
   * @defaultValue `100_000`
   */
  readonly size?: number | undefined;
  /**
   * Determines the points.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
  /**
   * Standard deviation of the points around their mode, along each axis.
   *
   * @defaultValue `0.01` for the ring, `0.05` for the grid
   */
  readonly standardDeviation?: number | undefined;
}

/**
 * A dataset drawn from a mixture of Gaussians with known modes. Labels are the number of the mode.
 *
 * @example Modes and quality of a perfect generator
 * ```ts
 * const grid: MixtureDataset = grid25({ size: 1000, seed: 1 });
 * const points = tf.tensor2d(grid.modes.map((mode) => [...mode]));
 * const { modes, highQualityShare } = await modeCoverage(points, grid);
 * console.log(modes, highQualityShare); // 25 1
 * points.dispose();
 * ```
 */
export interface MixtureDataset extends InMemoryDataset {
  /** The centers, `[modes][2]`. */
  readonly modes: readonly (readonly number[])[];
  /** Standard deviation of the points around their mode, along each axis. */
  readonly standardDeviation: number;
}

/** Points of a mixture of equally likely round Gaussians. @internal */
export function mixture(
  name: string,
  modes: readonly (readonly [number, number])[],
  options: MixtureOptions,
  deviation: number,
): MixtureDataset {
  const action = `draw ${name}`;
  const defaults = { size: 100_000, seed: 0, standardDeviation: deviation };
  const { size, seed, standardDeviation } = withDefaults(action, options, defaults);
  checkPositiveInteger(action, 'size', size);
  checkNonNegative(action, 'standardDeviation', standardDeviation);
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`Cannot ${action}: seed must be an integer, got ${String(seed)}`);
  }
  const random = new Random(seed);
  const labels = Int32Array.from({ length: size }, () => random.integer(modes.length));
  const values = random.normalArray(2 * size);
  for (let i = 0; i < values.length; i += 1) {
    const center = modes[labels[i >> 1] ?? 0]?.[i & 1] ?? 0;
    values[i] = center + standardDeviation * (values[i] ?? 0);
  }
  const classes = modes.length;
  const dataset = inMemoryDataset({ name, size, sampleShape: [2], values, labels, classes });
  return { ...dataset, modes, standardDeviation };
}

import { checkPositiveInteger, checkSeed, withDefaults } from '../../core/checks.ts';
import { formatValue } from '../../core/format.ts';

/**
 * Settings that the two fully connected networks share.
 *
 * @example Two small networks for 2-D points
 * ```ts
 * const small: MlpNetworkOptions = { sampleShape: [2], hiddenUnits: [32, 32] };
 * const generator = mlpGenerator({ ...small, latentSize: 2, seed: 1 });
 * const discriminator = mlpDiscriminator({ ...small, seed: 2 });
 * await new Trainer({ generator, discriminator }).fit(ring8({ size: 64 }), { steps: 2, batchSize: 32 });
 * ```
 */
export interface MlpNetworkOptions {
  /** Shape of one sample: `[features]` for vectors, `[height, width, channels]` for images. */
  readonly sampleShape: readonly number[];
  /**
   * Width of each hidden layer, from input to output; at least one.
   *
   * @defaultValue `[256, 512]` in the generator, `[512, 256]` in the discriminator
   */
  readonly hiddenUnits?: readonly number[] | undefined;
  /**
   * Determines the initial weights.
   *
   * @defaultValue `42`
   */
  readonly seed?: number | undefined;
}

/** @internal */
export interface MlpSizes {
  readonly hiddenUnits: readonly number[];
  /** Number of values in one sample. */
  readonly sampleSize: number;
  readonly seed: number;
}

/**
 * The checked shared settings with defaults.
 *
 * @param own - Names of further settings of this network.
 * @internal
 */
export function mlpSizes(
  action: string,
  options: MlpNetworkOptions,
  widths: readonly number[],
  own: readonly string[] = [],
): MlpSizes {
  const defaults = { sampleShape: undefined, hiddenUnits: widths, seed: 42 };
  const { sampleShape, hiddenUnits, seed } = withDefaults(action, options, defaults, own);
  checkSizes(action, 'sampleShape', sampleShape);
  checkSizes(action, 'hiddenUnits', hiddenUnits);
  checkSeed(action, seed);
  return { hiddenUnits, sampleSize: sampleShape.reduce((a, b) => a * b, 1), seed };
}

function checkSizes(action: string, name: string, sizes: readonly number[]): void {
  if (!Array.isArray(sizes) || sizes.length === 0) {
    throw new TypeError(
      `Cannot ${action}: ${name} must be a list of positive integers, got ${formatValue(sizes)}`,
    );
  }
  for (const size of sizes) checkPositiveInteger(action, `each number of ${name}`, size as number);
}

import type * as tf from '@tensorflow/tfjs';
import { checkPositiveInteger, checkSameShape, checkSeed } from '../core/checks.ts';
import { formatShape } from '../core/format.ts';
import { deriveSeed, Random } from '../core/random.ts';
import { normalizedPatches, patchSide, type PyramidLevel } from './numerics/image-patches.ts';
import { distanceAlong, randomDirections } from './sliced-wasserstein.ts';

/**
 * Settings of {@link slicedWassersteinPyramid}.
 *
 * @example An approximation with little memory
 * ```ts
 * const options: SlicedWassersteinPyramidOptions = { patches: 16, projections: 64 };
 * const fake = generator.sample(128, { seed: 1 }) as tf.Tensor4D;
 * const { mean } = await slicedWassersteinPyramid(images, fake, options);
 * fake.dispose();
 * ```
 */
export interface SlicedWassersteinPyramidOptions {
  /**
   * Number of patches of each image at each level.
   *
   * @defaultValue `128`
   */
  readonly patches?: number | undefined;
  /**
   * Number of random directions.
   *
   * @defaultValue `512`
   */
  readonly projections?: number | undefined;
  /**
   * Determines the positions of the patches and the directions.
   *
   * @defaultValue `0`
   */
  readonly seed?: number | undefined;
}

/**
 * The result of {@link slicedWassersteinPyramid}.
 *
 * @example Smooth images instead of noise, compared with the floor of other noise
 * ```ts
 * const noise = (seed: number, side = 32) => tf.randomNormal<tf.Rank.R4>([8, side, side, 1], 0, 1, 'float32', seed);
 * const smooth = tf.image.resizeBilinear(noise(3, 8), [32, 32]);
 * const floor: SlicedWassersteinPyramid = await slicedWassersteinPyramid(noise(1), noise(2), { projections: 64 });
 * const found: SlicedWassersteinPyramid = await slicedWassersteinPyramid(noise(1), smooth, { projections: 64 });
 * console.log(found.mean > floor.mean); // true
 * ```
 */
export interface SlicedWassersteinPyramid {
  /** The mean over the levels. */
  readonly mean: number;
  /** The levels, the finest first. */
  readonly levels: readonly PyramidLevelDistance[];
}

/**
 * One level of {@link SlicedWassersteinPyramid}.
 *
 * @example Grain over smooth images is detected at the finest scale
 * ```ts
 * const noise = (seed: number, side = 32) => tf.randomNormal<tf.Rank.R4>([8, side, side, 1], 0, 1, 'float32', seed);
 * const smooth = tf.image.resizeBilinear(noise(1, 8), [32, 32]);
 * const { levels } = await slicedWassersteinPyramid(smooth, smooth.add(noise(2).mul(0.3)), { projections: 64 });
 * const worse = (a: PyramidLevelDistance, b: PyramidLevelDistance) => (a.distance > b.distance ? a : b);
 * console.log(levels.reduce(worse).height); // 32
 * ```
 */
export interface PyramidLevelDistance {
  /** Height of the images at this level. */
  readonly height: number;
  /** Width of the images at this level. */
  readonly width: number;
  /** The distance between the patches of this level. */
  readonly distance: number;
}

const action = 'compute the sliced Wasserstein distance of pyramids';
/** Images are halved as long as the shorter side stays at least this. */
const shortest = 16;

/**
 * The distance between patches of generated and real images at each scale, without an extractor.
 *
 * Use it to find the scale at which images differ: fine levels measure sharpness and texture,
 * coarse ones large shapes. It ignores structure larger than a patch, and the brightness and
 * contrast of a level as a whole, because each set is normalized separately. Positions are drawn
 * for each set, so the distance of equal sets is not 0: real images compared with other real ones
 * give the floor.
 *
 * Each level of a Laplacian pyramid contains what the next halving would lose. From each image and
 * level, `patches` patches of 7 × 7 pixels are cut at random positions; every channel of a set's
 * patches is normalized to mean 0 and standard deviation 1; then
 *
 *     distance = mean over directions θ of W₁(θ·real, θ·fake)
 *
 * Images are halved as long as the shorter side stays at least 16: 28 × 28 has 1 level, 64 × 64 has
 * 3. The paper multiplies by 1,000.
 *
 * - Shapes: both are `[batch, height, width, channels]`; only the numbers of images may differ. Any
 *   value range.
 * - Memory: the caller keeps owning the images; the patches of one level are in memory, 200 bytes
 *   for each patch and channel.
 *
 * @param real - Real images.
 * @param fake - Generated images.
 * @param options - Number of patches and directions, and the seed.
 * @returns The distance at each level, and their mean.
 * @throws RangeError if images differ in shape, are smaller than a patch or have a value that is
 * not finite.
 *
 * @example Noise instead of smooth images
 * ```ts
 * const smooth = tf.tidy(() => tf.range(0, 32).div(5).sin().reshape([1, 32, 1, 1]).tile([4, 1, 32, 1])) as tf.Tensor4D;
 * const noise = tf.randomNormal<tf.Rank.R4>([4, 32, 32, 1], 0, 1, 'float32', 1);
 * const { levels } = await slicedWassersteinPyramid(smooth, noise, { projections: 64 });
 * console.log(levels.map(({ height }) => height)); // [32, 16]
 * ```
 *
 * @see Karras et al., Progressive Growing of GANs for Improved Quality, Stability, and Variation,
 * 2018, section 5. {@link https://arxiv.org/abs/1710.10196}
 */
export async function slicedWassersteinPyramid(
  real: tf.Tensor4D,
  fake: tf.Tensor4D,
  options: SlicedWassersteinPyramidOptions = {},
): Promise<SlicedWassersteinPyramid> {
  const { patches: perImage = 128, projections = 512, seed = 0 } = options;
  checkPositiveInteger(action, 'patches', perImage);
  checkPositiveInteger(action, 'projections', projections);
  checkSeed(action, seed);
  checkImages('real', real);
  checkImages('fake', fake);
  checkSameShape(action, 'images of real and fake', real.shape.slice(1), fake.shape.slice(1));
  const [, height, width, channels] = real.shape;
  const sizes = levelSizes(height, width);
  const levels: PyramidLevelDistance[] = [];
  for (const [level, size] of sizes.entries()) {
    const random = new Random(deriveSeed(seed, 'level', level));
    const directions = randomDirections(random, projections, patchSide ** 2 * channels);
    const corners = [real, fake].map(({ shape: [count] }) =>
      randomCorners(random, perImage * count, size),
    ) as [Uint32Array, Uint32Array];
    const isLast = level === sizes.length - 1;
    const distance = await distanceAtLevel([real, fake], { level, isLast }, corners, directions);
    levels.push({ ...size, distance });
  }
  return { mean: levels.reduce((sum, { distance }) => sum + distance, 0) / levels.length, levels };
}

/** The distance of one level's patches, with given positions and directions. @internal */
export async function distanceAtLevel(
  [real, fake]: readonly [tf.Tensor4D, tf.Tensor4D],
  level: PyramidLevel,
  [realCorners, fakeCorners]: readonly [Uint32Array, Uint32Array],
  directions: readonly Float32Array[],
): Promise<number> {
  const reals = await normalizedPatches(action, 'real', real, level, realCorners);
  const fakes = await normalizedPatches(action, 'fake', fake, level, fakeCorners);
  return distanceAlong([reals, fakes], directions, 1);
}

interface LevelSize {
  readonly height: number;
  readonly width: number;
}

function levelSizes(height: number, width: number): LevelSize[] {
  const halves = { height: Math.ceil(height / 2), width: Math.ceil(width / 2) };
  const goesOn = Math.min(halves.height, halves.width) >= shortest;
  return [{ height, width }, ...(goesOn ? levelSizes(halves.height, halves.width) : [])];
}

/** Uniformly random positions of patches. */
function randomCorners(random: Random, count: number, { height, width }: LevelSize): Uint32Array {
  const corners = new Uint32Array(2 * count);
  for (let at = 0; at < corners.length; at += 2) {
    corners[at] = random.integer(height - patchSide + 1);
    corners[at + 1] = random.integer(width - patchSide + 1);
  }
  return corners;
}

function checkImages(name: string, { shape }: tf.Tensor): void {
  const [count = 0, height = 0, width = 0, channels = 0] = shape;
  if (shape.length === 4 && Math.min(height, width) >= patchSide && count * channels > 0) return;
  throw new RangeError(
    `Cannot ${action}: ${name} must have the shape [batch, height, width, channels] with sides of at least ${patchSide}, ` +
      `got ${formatShape(shape)}`,
  );
}

import * as tf from '@tensorflow/tfjs';
import { withDefaults } from '../core/checks.ts';
import type { Random } from '../core/random.ts';
import { checkPolicy } from './check-policy.ts';
import { checkImages, type ImageBatch, perImage, pixelsAt } from './image-rows.ts';
import type { Transform } from './transform.ts';

/** The operations of each policy, with new random numbers for each image. */
const policies: Readonly<
  Record<'color' | 'translation' | 'cutout', (images: tf.Tensor, random: Random) => tf.Tensor>
> = {
  color: recolored,
  translation: translated,
  cutout: cutOut,
};

/**
 * Differentiable augmentation: random brightness, saturation, contrast, translation and cutout of
 * real and fake images before the discriminator. Use it on small datasets to prevent the
 * discriminator from memorizing them.
 *
 * Each image gets new random numbers in each pass. With U uniform:
 *
 * | policy | operation |
 * | --- | --- |
 * | `'color'` | x + U(−½, ½); then (x − m)·U(0, 2) + m, m the mean over channels; then the same with U(½, 1½), m the mean of the image |
 * | `'translation'` | shift by whole pixels, up to an eighth of each side, padded with 0 (gray in −1…1) |
 * | `'cutout'` | 0 in a rectangle with half the height and width, centered anywhere in the image |
 *
 * Gradients of the generator and of penalties pass through it. In long training, cutout and strong
 * color may leak into samples; omit these policies if that happens. Flips are not included: they
 * change the meaning of many datasets.
 *
 * @param options - The policies.
 * @returns A transform of the stage `'augment'`.
 * @throws TypeError if `policy` is not a list; RangeError if it is empty, has an unknown policy, or
 *   repeats one.
 *
 * @example A DCGAN for a few hundred pictures
 * ```ts
 * const transforms = [diffAugment()];
 * const gan = createDcgan({ imageShape: [8, 8, 1], baseFilters: 4, transforms });
 * await gan.trainer.fit(dataset, { steps: 2, batchSize: 8 });
 * gan.dispose();
 * ```
 *
 * @example Without cutout
 * ```ts
 * const gentle = diffAugment({ policy: ['color', 'translation'] });
 * console.log(gentle.settings); // { policy: 'color, translation' }
 * ```
 *
 * @see Zhao et al., Differentiable Augmentation for Data-Efficient GAN Training, 2020, section 3.
 * {@link https://arxiv.org/abs/2006.10738}
 */
export function diffAugment(
  options: {
    /**
     * The policies, applied in this order.
     *
     * @defaultValue `['color', 'translation', 'cutout']`
     */
    readonly policy?: readonly ('color' | 'translation' | 'cutout')[] | undefined;
  } = {},
): Transform {
  const action = 'create a diffAugment';
  const { policy } = withDefaults(action, options, { policy: allPolicies });
  const names = checkPolicy(action, policy, allPolicies);
  return {
    name: 'diffAugment',
    stage: 'augment',
    settings: { policy: names.join(', ') },
    outputShape: (shape) => checkImages('diffAugment', shape),
    apply: (samples, { random }) =>
      names.reduce((images, name) => policies[name](images, random), samples),
  };
}

const allPolicies = ['color', 'translation', 'cutout'] as const;

function recolored(images: tf.Tensor, random: Random): tf.Tensor {
  const batch = images.shape[0] ?? 0;
  const [brightness, saturation, contrast] = [
    perImage(random.uniformArray(batch, -0.5, 0.5)),
    perImage(random.uniformArray(batch, 0, 2)),
    perImage(random.uniformArray(batch, 0.5, 1.5)),
  ];
  const bright = tf.add(images, brightness);
  // For one channel, the mean over channels is the image itself.
  const saturated = images.shape[3] === 1 ? bright : spread(bright, saturation, [3]);
  return spread(saturated, contrast, [1, 2, 3]);
}

/** Scales the distance of images from a mean. */
function spread(images: tf.Tensor, factor: tf.Tensor, axes: number[]): tf.Tensor {
  const mean = tf.mean(images, axes, true);
  return tf.add(tf.mul(tf.sub(images, mean), factor), mean);
}

function translated(images: tf.Tensor, random: Random): tf.Tensor {
  const [batch, height, width] = images.shape as unknown as ImageBatch;
  const [most, mostAside] = [Math.round(height / 8), Math.round(width / 8)];
  const places = new Int32Array(batch * height * width);
  const inside = new Float32Array(places.length);
  const down = Array.from({ length: batch }, () => random.integer(2 * most + 1) - most);
  const right = Array.from({ length: batch }, () => random.integer(2 * mostAside + 1) - mostAside);
  for (let i = 0, pixel = 0; i < batch; i += 1) {
    for (let row = 0; row < height; row += 1) {
      for (let column = 0; column < width; column += 1, pixel += 1) {
        const [y, x] = [row + down[i]!, column + right[i]!];
        if (y < 0 || y >= height || x < 0 || x >= width) continue;
        places[pixel] = (i * height + y) * width + x;
        inside[pixel] = 1;
      }
    }
  }
  const moved = tf.mul(
    pixelsAt(images, tf.tensor1d(places, 'int32')),
    tf.tensor2d(inside, [inside.length, 1]),
  );
  return tf.reshape(moved, images.shape);
}

function cutOut(images: tf.Tensor, random: Random): tf.Tensor {
  const [batch, height, width] = images.shape as unknown as ImageBatch;
  const [tall, wide] = [Math.round(height / 2), Math.round(width / 2)];
  // One center per pixel, and one more at the far end if the rectangle's side is even.
  const rows = Array.from({ length: batch }, () => random.integer(height + 1 - (tall % 2)));
  const columns = Array.from({ length: batch }, () => random.integer(width + 1 - (wide % 2)));
  const mask = new Float32Array(batch * height * width).fill(1);
  for (let i = 0; i < batch; i += 1) {
    const [top, left] = [rows[i]! - (tall >> 1), columns[i]! - (wide >> 1)];
    for (let y = Math.max(0, top); y < Math.min(height, top + tall); y += 1) {
      const line = (i * height + y) * width;
      mask.fill(0, line + Math.max(0, left), line + Math.min(width, left + wide));
    }
  }
  return tf.mul(images, tf.tensor4d(mask, [batch, height, width, 1]));
}

import type * as tf from '@tensorflow/tfjs';
import type { ImageGridOptions } from '../../io/image-grid.ts';
import { encodePng } from '../../io/png.ts';
import { readImageGrid } from '../../io/read-image-grid.ts';
import { checkPngPath } from './check-path.ts';
import { writeFileWhole } from './write-file.ts';

/**
 * Saves a batch of images as one PNG file.
 *
 * - Shapes: `images` is `[batch, height, width, channels]`, with 1 or 3 channels.
 * - Memory: the caller keeps owning the tensor.
 *
 * @param path - The file, as a path or a `file:` address that ends in `.png`; missing folders are
 * created, an existing file is replaced.
 * @param images - The images, in −1…1 unless `valueRange` says otherwise.
 * @param options - The layout.
 * @throws RangeError if the shape does not fit or a value is NaN; Error if the file cannot be
 * written.
 *
 * @example A hundred samples
 * ```ts no-run
 * const samples = generator.sample(100, { seed: 7 });
 * await saveImageGrid('runs/a/samples.png', samples, { columns: 10, scale: 2 });
 * samples.dispose();
 * ```
 */
export async function saveImageGrid(
  path: string | URL,
  images: tf.Tensor,
  options: ImageGridOptions = {},
): Promise<void> {
  const action = 'save an image grid';
  const file = checkPngPath(action, path);
  await writeFileWhole(action, file, encodePng(await readImageGrid(action, images, options)));
}

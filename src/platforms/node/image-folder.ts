import { basename, resolve } from 'node:path';
import { messageOf } from '../../core/realms.ts';
import {
  checkFolderOptions,
  folderDataset,
  type ImageFolder,
  type ImageFolderOptions,
} from '../pictures/image-folder.ts';
import { checkPath } from './check-path.ts';
import { listPictures } from './list-pictures.ts';
import { readPicture } from './read-picture.ts';

/**
 * A dataset of the PNG and JPEG files in a folder, distinguished by their first bytes.
 *
 * Photographs are turned upright. Gray becomes color and color becomes gray as `imageShape`
 * requires; transparency is laid on `background`, or kept as a fourth channel. The order is that of
 * the names, the same on every system.
 *
 * - Memory: one byte a value for all images, or two batches with `onDemand`. Nothing needs
 *   disposing.
 *
 * @param path - The folder, as a path or a `file:` address.
 * @param options - Shape, labels and what to do with other sizes.
 * @returns The dataset.
 * @throws RangeError if an image has another size, or an option or `path` is out of range;
 *   TypeError if an option is unknown or of another type; DataFormatError if a file is damaged or
 *   of another kind; Error if the folder holds none, or none that can be used.
 *
 * @example Faces by name
 * ```ts no-run
 * const faces = await imageFolder('faces', {
 *   imageShape: [64, 64, 3],
 *   labels: 'subfolders',
 *   resize: true,
 * });
 * console.log(faces.size, faces.classNames);
 * ```
 *
 * @example Leave out images of another size
 * ```ts
 * await saveImageGrid('photos/small.png', tf.slice(images, 0, 1), { padding: 0 });
 * await saveImageGrid('photos/wide.png', tf.slice(images, 0, 2), { padding: 0 });
 * const photos = await imageFolder('photos', { imageShape: [8, 8, 1], onError: 'skip' });
 * console.log(photos.size, photos.skipped[0]?.file); // 1 photos/wide.png
 * ```
 */
export async function imageFolder(
  path: string | URL,
  options: ImageFolderOptions,
): Promise<ImageFolder> {
  const folder = checkPath('read the images of a folder', path, 'path');
  const action = `read the images of '${folder}'`;
  const settings = checkFolderOptions(action, options);
  const others = settings.onError === 'skip' ? 'list' : 'throw';
  const listed = await listPictures(action, folder, { labels: settings.labels, others });
  const name = basename(resolve(folder));
  const nameOf = (file: string): string => file;
  const decode = (file: string): ReturnType<typeof readPicture> => readPicture(action, file);
  const dataset = await folderDataset(action, { ...listed, name, nameOf, decode }, settings);
  reportSkipped(folder, dataset);
  return dataset;
}

/** Names that a warning lists. */
const mostNames = 5;

function reportSkipped(path: string, { skipped, size }: ImageFolder): void {
  if (skipped.length === 0) return;
  const names = skipped.slice(0, mostNames).map(({ file }) => `'${file}'`);
  if (skipped.length > mostNames) names.push(`${skipped.length - mostNames} more`);
  console.warn(
    `tfjs-gan: skipped ${skipped.length} of ${skipped.length + size} images of '${path}': ${names.join(', ')}. ` +
      `The first: ${messageOf(skipped[0]!.error)}`,
  );
}

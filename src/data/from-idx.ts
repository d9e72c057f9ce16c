import { formatShape } from '../core/format.ts';
import { checkDatasetOptions } from './check-dataset-options.ts';
import type { DatasetOptions } from './dataset-options.ts';
import { datasetFromArray } from './from-array.ts';
import { parseIdx, type IdxArray } from './idx.ts';
import type { InMemoryDataset } from './in-memory.ts';

/**
 * Creates a dataset of images in MNIST's IDX format, gzipped or not. Images without a channel axis
 * gain one.
 *
 * - Memory: bytes are kept, not copied, so do not modify them. Nothing needs to be disposed.
 *
 * @param files - The images, and optionally their labels.
 * @param options - Name and scaling.
 * @returns The dataset.
 * @throws DataFormatError if a file is damaged, or the two do not belong together.
 *
 * @example In the browser
 * ```ts no-run
 * const read = async (url: string) => (await fetch(url)).arrayBuffer();
 * const digits = datasetFromIdx({
 *   images: await read('t10k-images-idx3-ubyte'),
 *   labels: await read('t10k-labels-idx1-ubyte'),
 * });
 * ```
 */
export function datasetFromIdx(
  files: {
    /**
     * Images `[samples, height, width]` or `[samples, height, width, channels]`, or vectors
     * `[samples, features]`.
     */
    readonly images: Uint8Array | ArrayBuffer | IdxArray;
    /** The class of each sample, `[samples]`. */
    readonly labels?: Uint8Array | ArrayBuffer | IdxArray | undefined;
  },
  options: Omit<DatasetOptions, 'labels'> = {},
): InMemoryDataset {
  const { name, action } = checkDatasetOptions(options, 'IDX', ['labels']);
  const images = parsed(files.images, 'the images');
  const labels = files.labels === undefined ? undefined : parsed(files.labels, 'the labels');
  const [size, ...inner] = images.shape;
  if (size === undefined || inner.length === 0 || inner.length > 3) {
    throw new RangeError(
      `Cannot ${action}: images must have the shape [samples, height, width], got ${formatShape(images.shape)}. ` +
        'Pass labels as { labels }',
    );
  }
  if (labels !== undefined && labels.shape.length !== 1) {
    throw new RangeError(
      `Cannot ${action}: labels must have the shape [samples], got ${formatShape(labels.shape)}`,
    );
  }
  const sampleShape = options.sampleShape ?? (inner.length === 2 ? [...inner, 1] : inner);
  return datasetFromArray(images.data, { ...options, name, sampleShape, labels: labels?.data });
}

function parsed(file: Uint8Array | ArrayBuffer | IdxArray, name: string): IdxArray {
  return 'shape' in file ? file : parseIdx(file, name);
}

import { byteRange, imageRange, linearMap, type ValueRange } from '../core/value-range.ts';
import { datasetFromArray } from './from-array.ts';
import { onDemandDataset, type OnDemandDataset } from './on-demand.ts';

/** Files as the samples of a dataset, each known to its platform by an `F`. @internal */
export interface PictureFiles<F> {
  readonly name: string;
  readonly files: readonly { readonly file: F; readonly label: number }[];
  /** The classes, by label; left out without labels. */
  readonly classNames?: readonly string[] | undefined;
  readonly imageShape: readonly [height: number, width: number, channels: number];
  readonly valueRange?: ValueRange | undefined;
  /** The pixels of a file, as many as `imageShape` has. */
  readonly read: (file: F) => Promise<Uint8Array>;
}

/** A dataset that reads its files whenever a batch needs them. @internal */
export function datasetOnDemand<F>(pictures: PictureFiles<F>): OnDemandDataset {
  const { name, files, classNames, imageShape, valueRange = imageRange } = pictures;
  const imageSize = imageShape.reduce((product, side) => product * side, 1);
  return onDemandDataset({
    name,
    size: files.length,
    sampleShape: imageShape,
    map: linearMap(byteRange, valueRange),
    valueRange,
    ...(classNames && {
      labels: Int32Array.from(files, ({ label }) => label),
      classes: classNames.length,
    }),
    async read(indices) {
      const pixels = new Uint8Array(indices.length * imageSize);
      for (const [i, index] of indices.entries()) {
        pixels.set(await pictures.read(files[index]!.file), i * imageSize);
      }
      return pixels;
    },
  });
}

/** A dataset of pixels that have been read. @internal */
export function datasetInMemory<F>(
  { name, files, classNames, imageShape, valueRange }: Omit<PictureFiles<F>, 'read'>,
  pixels: Uint8Array,
): OnDemandDataset {
  return datasetFromArray(pixels, {
    name,
    sampleShape: imageShape,
    valueRange,
    ...(classNames && { labels: files.map(({ label }) => label), classes: classNames.length }),
  });
}

/** The memory for all pixels; if there is not enough, the error says what else to do. @internal */
export function allocatePixels(action: string, count: number, imageSize: number): Uint8Array {
  try {
    return new Uint8Array(count * imageSize);
  } catch (error) {
    throw new RangeError(
      `Cannot ${action}: its ${count} images must fit into memory, got ${count * imageSize} bytes. ` +
        'Pass onDemand: true to read them batch by batch, or a smaller imageShape',
      { cause: error },
    );
  }
}

import { encodeText } from '../core/text.ts';
import type { ValueRange } from '../core/value-range.ts';
import { imageGrid } from '../io/image-grid.ts';
import { encodeNpy } from '../io/npy.ts';
import type { Picture } from '../io/picture.ts';
import { encodeSafetensors } from '../io/safetensors.ts';

/** How samples are written into the body of a response. @internal */
export type Encoding =
  | {
      readonly format: 'png';
      readonly columns: number | undefined;
      readonly scale: number;
      readonly padding: number;
    }
  /** JSON lists: one in another as in the shape, or one flat list. */
  | { readonly format: 'nested' | 'flat' | 'npy' | 'safetensors' };

/** Writes a picture as a PNG file. @internal */
export type PngWriter = (picture: Picture) => Uint8Array;

/**
 * Writes samples in a format.
 *
 * @param values - Finite numbers.
 * @param shape - `[count, …]`.
 *
 * @internal
 */
export function encodeSamples(
  values: Float32Array,
  shape: readonly number[],
  encoding: Encoding,
  png: { readonly write: PngWriter; readonly valueRange: ValueRange | undefined },
): Uint8Array {
  switch (encoding.format) {
    case 'png': {
      const { columns, scale, padding } = encoding;
      const { valueRange } = png;
      return png.write(imageGrid(values, shape, { columns, scale, padding, valueRange }));
    }
    case 'nested':
      return encodeText(nestedList(values, shape));
    case 'flat':
      return encodeText(`[${values.join(',')}]`);
    case 'npy':
      return encodeNpy(shape, values);
    case 'safetensors':
      return encodeSafetensors({ samples: { shape, values } });
    default:
      return encoding satisfies never;
  }
}

function nestedList(values: Float32Array, [length = 0, ...inner]: readonly number[]): string {
  if (inner.length === 0) return `[${values.join(',')}]`;
  const size = values.length / length;
  const lists = Array.from({ length }, (_, i) =>
    nestedList(values.subarray(i * size, (i + 1) * size), inner),
  );
  return `[${lists.join(',')}]`;
}

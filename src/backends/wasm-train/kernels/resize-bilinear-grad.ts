import * as tf from '@tensorflow/tfjs';
import { wasmKernel } from '../wasm-kernel.ts';
import type { Inputs, WasmKernel } from '../wasm-kernel.ts';

type Shape4D = [batch: number, height: number, width: number, channels: number];

/**
 * The gradient of `tf.image.resizeBilinear`, in JavaScript.
 *
 * cpu's kernel swaps the height and width of its result, so tfjs refuses it for images that are not
 * square. It also lacks `halfPixelCenters`.
 *
 * @internal
 */
export const resizeBilinearGradKernels: readonly WasmKernel[] = [
  wasmKernel<Inputs<'images' | 'dy'>, tf.ResizeBilinearAttrs>(
    tf.ResizeBilinearGrad,
    (call, { images, dy }, { alignCorners, halfPixelCenters }) => {
      if (dy.dtype !== 'float32') return undefined;
      const [batch, height, width, channels] = images.shape as Shape4D;
      const [, gradientHeight, gradientWidth] = dy.shape as Shape4D;
      const dyAddress = call.input(dy);
      const { tensor, address } = call.output(images.shape, 'float32');
      const gradients = call.view('float32', dyAddress, tf.util.sizeFromShape(dy.shape));
      const result = call.view('float32', address, tf.util.sizeFromShape(images.shape)).fill(0);
      const rows = sources(height, gradientHeight, alignCorners, halfPixelCenters);
      const columns = sources(width, gradientWidth, alignCorners, halfPixelCenters);
      let from = 0;
      for (let image = 0; image < batch; image += 1) {
        for (const row of rows) {
          const top = (image * height + row.low) * width;
          const bottom = (image * height + row.high) * width;
          for (const column of columns) {
            const corners = [
              { at: top + column.low, weight: (1 - row.fraction) * (1 - column.fraction) },
              { at: top + column.high, weight: (1 - row.fraction) * column.fraction },
              { at: bottom + column.low, weight: row.fraction * (1 - column.fraction) },
              { at: bottom + column.high, weight: row.fraction * column.fraction },
            ];
            for (const { at, weight } of corners) {
              const to = at * channels;
              for (let channel = 0; channel < channels; channel += 1) {
                result[to + channel]! += gradients[from + channel]! * weight;
              }
            }
            from += channels;
          }
        }
      }
      return tensor;
    },
  ),
];

/**
 * The two rows (or columns) of the original that a row of the resized image lies between, and its
 * fraction of the way to the second.
 */
interface Source {
  readonly low: number;
  readonly high: number;
  readonly fraction: number;
}

/** The source of each row (or column), as in cpu's resizing kernel. */
function sources(
  size: number,
  resized: number,
  alignCorners: boolean,
  halfPixelCenters: boolean,
): Source[] {
  const between = alignCorners && resized > 1 ? 1 : 0;
  const ratio = (size - between) / (resized - between);
  return Array.from({ length: resized }, (_, i) => {
    const place = halfPixelCenters ? ratio * (i + 0.5) - 0.5 : ratio * i;
    const low = Math.max(0, Math.floor(place));
    return { low, high: Math.min(size - 1, Math.ceil(place)), fraction: place - low };
  });
}

import { Gather, offsetX, offsetY } from './conv-gather';

/**
 * Adds what each place has for each of its taps to the pixel that the tap sees: the second half of a
 * convolution with few channels, whose first half is one product of all places and all taps.
 *
 * Sums run over places in order and taps in order.
 *
 * @param table - A {@link Gather} whose source is what is made, and whose target is what was
 *   multiplied (only its sizes are used).
 * @param products - `[images, places, taps, channels]`.
 */
export function sumTaps(table: usize, products: usize): void {
  const gather = changetype<Gather>(table);
  const imageValues = gather.height * gather.width * gather.channels;
  memory.fill(gather.source, 0, <usize>(gather.batch * imageValues) << 2);
  const groupBytes = <usize>(gather.tapsPerGroup * gather.channels) << 2;
  for (let n = 0; n < gather.batch; n++) {
    const image = gather.source + <usize>n * gather.sourceImage;
    for (let y = 0; y < gather.gridHeight; y++) {
      for (let x = 0; x < gather.gridWidth; x++) {
        for (let group = 0; group < gather.groups; group++) {
          addRun(gather, image, products, y * gather.stepY + offsetY(gather, group), x * gather.stepX + offsetX(gather, group));
          products += groupBytes;
        }
      }
    }
  }
}

/** Adds the taps of one group, which see neighbors along x, as far as these are in the image. */
@inline
function addRun(gather: Gather, image: usize, products: usize, y: i32, x: i32): void {
  if (<u32>y >= <u32>gather.height) return;
  const first = max(-x, 0);
  const last = min(gather.tapsPerGroup, gather.width - x);
  if (first >= last) return;
  let from = products + (<usize>(first * gather.channels) << 2);
  const end = products + (<usize>(last * gather.channels) << 2);
  let to = image + <usize>y * gather.sourceRow + <usize>(x + first) * gather.sourcePixel;
  for (; from < end; from += 4) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    to += 4;
  }
}
